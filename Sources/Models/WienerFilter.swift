import Inference
import Signal

/// The multichannel Wiener filter by expectation maximisation, for the frames of one segment.
///
/// Each stem is taken for a Gaussian source with a power for each frame and bin and one spatial
/// covariance for each bin (N. Duong, E. Vincent and R. Gribonval, Under-determined reverberant audio
/// source separation using a full-rank spatial covariance model, 2010), estimated as in S. Uhlich and
/// others, Improving music source separation based on deep neural networks through data augmentation
/// and network blending, 2017. The constants are those of the `openunmix` and `norbert` packages.
struct WienerFilter {
    private let stems: Int
    private let frames: Int
    private let bins: Int
    /// Values are scaled so that the mixture's largest is no more than this.
    private static let ceiling: Float = 10
    private let epsilon: Double
    private let pool: WorkerPool

    /// A filter for segments of this size.
    ///
    /// - Parameter epsilon: what is added to a power before it divides.
    init(stems: Int, frames: Int, bins: Int, epsilon: Double, pool: WorkerPool) {
        (self.stems, self.frames, self.bins, self.epsilon) = (stems, frames, bins, epsilon)
        self.pool = pool
    }

    /// Sharpens the stems' estimates by what these frames alone tell.
    ///
    /// - Parameters:
    ///   - estimates: `[frame, channel, stem, bin]`, two channels.
    ///   - mixture: the segment of the mixture.
    func refine(_ estimates: inout [SIMD2<Float>], mixture: Spectrogram, iterations: Int) {
        let scale = Self.scale(loudest: Self.loudest(of: mixture))
        divide(&estimates, by: scale)
        for _ in 0..<iterations {
            var sums = noSums
            add(estimates, frames: 0..<frames, to: &sums)
            separate(&estimates, mixture, scale, covariances(of: sums))
        }
        multiply(&estimates, by: scale)
    }

    /// Sharpens the stems' estimates by what more frames than these told.
    ///
    /// - Parameters:
    ///   - rounds: the covariances for each iteration.
    ///   - scale: what the values were divided by when those were estimated.
    func refine(
        _ estimates: inout [SIMD2<Float>], mixture: Spectrogram, rounds: [[SIMD4<Double>]],
        scale: Float
    ) {
        divide(&estimates, by: scale)
        for covariances in rounds { separate(&estimates, mixture, scale, covariances) }
        multiply(&estimates, by: scale)
    }

    /// Divides all values.
    func divide(_ estimates: inout [SIMD2<Float>], by scale: Float) {
        if scale == 1 { return }
        pool.run(over: &estimates, pieces: frames) { _, values in
            for index in values.indices { values[index] /= scale }
        }
    }

    private func multiply(_ estimates: inout [SIMD2<Float>], by scale: Float) {
        if scale == 1 { return }
        pool.run(over: &estimates, pieces: frames) { _, values in
            for index in values.indices { values[index] *= scale }
        }
    }

    /// The largest absolute value in a spectrogram, all bins of it.
    static func loudest(of mixture: Spectrogram) -> Float {
        var loudest: Float = 0
        for value in mixture.values { loudest = max(loudest, (value * value).sum()) }
        return loudest.squareRoot()
    }

    /// What values are divided by where the mixture has this largest absolute value.
    static func scale(loudest: Float) -> Float { max(1, loudest / ceiling) }

    /// Sums over no frames.
    var noSums: [SIMD4<Double>] { [SIMD4<Double>](repeating: .zero, count: stems * bins) }

    /// Adds y y^H of some frames to the sums of each stem and bin.
    ///
    /// - Parameter sums: `[stem, bin]`, each value (left, right, real and imaginary part of left by the
    ///   conjugate of right).
    func add(
        _ estimates: [SIMD2<Float>], frames counted: Range<Int>, to sums: inout [SIMD4<Double>]
    ) {
        let (stems, bins) = (stems, bins)
        // Sums of their own for each stem, so that the order of the frames is one.
        pool.run(over: &sums, pieces: stems) { stem, sum in
            let values = estimates.span
            for frame in counted {
                let left = (2 * frame * stems + stem) * bins
                let right = left + stems * bins
                for bin in 0..<bins {
                    let l = SIMD2<Double>(values[left + bin])
                    let r = SIMD2<Double>(values[right + bin])
                    sum[bin] += SIMD4(
                        (l * l).sum(), (r * r).sum(), (l * r).sum(), l.y * r.x - l.x * r.y)
                }
            }
        }
    }

    /// The spatial covariance of each stem and bin: the sum of y y^H over the frames, divided by that
    /// of the power.
    ///
    /// - Parameters:
    ///   - sums: as ``add(_:frames:to:)`` gives them.
    ///   - scale: what the values that were summed are yet to be divided by.
    /// - Returns: `[stem, bin]`, in the order of the sums.
    func covariances(of sums: [SIMD4<Double>], scale: Float = 1) -> [SIMD4<Double>] {
        let square = Double(scale) * Double(scale)
        return sums.map { sum in
            let sum = sum / square
            // The power is the mean of both channels'.
            return sum / (epsilon + (sum.x + sum.y) / 2)
        }
    }

    /// Replaces each estimate by power x covariance x (the mixture model's covariance)^-1 x mixture.
    private func separate(
        _ estimates: inout [SIMD2<Float>], _ mixture: Spectrogram, _ scale: Float,
        _ covariances: [SIMD4<Double>]
    ) {
        let regularization = epsilon.squareRoot()
        let (stems, bins) = (stems, bins)
        pool.run(over: &estimates, pieces: frames) { frame, values in
            let (whole, covariances) = (mixture.values.span, covariances.span)
            var powers = [Double](repeating: 0, count: stems)
            let mixLeft = mixture.range(channel: 0, frame: frame).lowerBound
            let mixRight = mixture.range(channel: 1, frame: frame).lowerBound
            for bin in 0..<bins {
                var model = SIMD4<Double>(regularization, regularization, 0, 0)
                for stem in 0..<stems {
                    let l = SIMD2<Double>(values[stem * bins + bin])
                    let r = SIMD2<Double>(values[(stems + stem) * bins + bin])
                    powers[stem] = ((l * l).sum() + (r * r).sum()) / 2
                    model += powers[stem] * covariances[stem * bins + bin]
                }
                let l = SIMD2<Double>(whole[mixLeft + bin] / scale)
                let r = SIMD2<Double>(whole[mixRight + bin] / scale)
                let cross = SIMD2(model.z, model.w)
                let determinant = model.x * model.y - (cross * cross).sum()
                let whiteLeft = (model.y * l - Self.product(cross, r)) / determinant
                let whiteRight =
                    (model.x * r - Self.product(SIMD2(cross.x, -cross.y), l)) / determinant
                for stem in 0..<stems {
                    let covariance = covariances[stem * bins + bin]
                    let cross = SIMD2(covariance.z, covariance.w)
                    values[stem * bins + bin] = SIMD2<Float>(
                        powers[stem]
                            * (covariance.x * whiteLeft + Self.product(cross, whiteRight)))
                    values[(stems + stem) * bins + bin] = SIMD2<Float>(
                        powers[stem]
                            * (Self.product(SIMD2(cross.x, -cross.y), whiteLeft)
                                + covariance.y * whiteRight))
                }
            }
        }
    }

    /// The product of two complex numbers.
    private static func product(_ a: SIMD2<Double>, _ b: SIMD2<Double>) -> SIMD2<Double> {
        SIMD2(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x)
    }
}
