import Inference
import Models
import Signal

/// The speed that a model would have if its net's arithmetic were all, done as fast as the machine
/// forms large matrix products.
///
/// No bound in the strict sense: Winograd's transform saves some of the arithmetic.
struct Limit {
    /// The net's multiplications and additions for a second of sound.
    let operations: Double
    /// Multiplications and additions a second in matrix products, all threads together.
    let rate: Double
    /// As a multiple of real time.
    var speed: Double { rate / operations }

    /// Counts the net's operations and times products.
    init(model: Model, threads: Int) throws {
        _ = try BLAS.load()
        let estimator = try StemEstimator(model: model, threads: 1)
        let samples = estimator.segment.advance * estimator.geometry.hop
        operations =
            Double(estimator.operations) * model.card.sampleRate / Double(samples)
        rate = Self.rate(threads: threads)
    }

    /// The best of a few rounds in which every thread forms a product of its own.
    private static func rate(threads: Int) -> Double {
        let size = 1024
        let pool = WorkerPool(threads: threads)
        let sides = [Float](repeating: 0.5, count: size * size)
        var results = [Float](repeating: 0, count: threads * size * size)
        var best = Duration.seconds(1_000_000)
        unsafe results.withUnsafeMutableBufferPointer { results in
            unsafe sides.withUnsafeBufferPointer { sides in
                guard let side = sides.baseAddress, let result = results.baseAddress else { return }
                for _ in 0..<10 {
                    let start = ContinuousClock.now
                    pool.run(count: threads) { index, _ in
                        unsafe BLAS.sgemm(
                            m: size, n: size, k: size, a: side, lda: size, b: side, ldb: size,
                            c: result + index * size * size, ldc: size)
                    }
                    best = min(best, ContinuousClock.now - start)
                }
            }
        }
        return 2 * Double(size * size * size * threads) / (best / .seconds(1))
    }
}
