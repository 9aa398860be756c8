import Inference

/// How all signals of a track go together: the inner products of each reference with every delayed
/// reference and estimate, and the energies that whole-track figures need.
///
/// Gathered in one pass and in memory that does not grow with the track, by the products of short
/// transforms: a piece of one signal against a longer piece of the other.
struct Correlations {
    /// Delays that are looked at: from `1 - taps` to `taps - 1` samples.
    let taps: Int
    /// Signals of the references, and as many of the estimates.
    let half: Int
    /// For each source, what the whole-track figures need.
    private(set) var energies: [Energies]
    /// The products `[pair]`, each `taps` of delays from 0 up, then `taps - 1` of delays from -1 down.
    private var products: [[Double]] = []

    /// Sums over all samples and channels of a source.
    struct Energies {
        /// The reference, squared.
        var reference = 0.0
        /// The difference of estimate and reference, squared.
        var difference = 0.0
        /// The difference by the reference.
        var cross = 0.0
        /// The estimate, squared.
        var estimate = 0.0
        /// The estimate by the reference.
        var common = 0.0
        /// Whether the channels of the reference add up to nothing at every sample.
        var isReferenceSilent = true
        /// The same of the estimate.
        var isEstimateSilent = true
    }

    /// The sum over m of reference `a` at m - p by signal `b` at m - q, for a delay q - p.
    ///
    /// - Parameters:
    ///   - b: a signal of either kind.
    ///   - lag: p - q, -taps < lag < taps; not negative where `b` is an estimate.
    func product(_ a: Int, _ b: Int, lag: Int) -> Double {
        // Of two references only one order is kept; the other has the delays mirrored.
        let (first, second, lag) = b < a ? (b, a, -lag) : (a, b, lag)
        let row = products[pairIndex(first, second)]
        return lag >= 0 ? row[lag] : row[taps - 1 - lag]
    }

    /// Pairs are numbered by their first signal; the second goes from there to the last estimate.
    private func pairIndex(_ a: Int, _ b: Int) -> Int {
        a * 2 * half - a * (a - 1) / 2 + (b - a)
    }

    /// Numbers in one transform.
    private static let size = 1 << 14

    /// Reads a track from its beginning to its end.
    init(_ signals: any SignalReading, taps: Int, pool: WorkerPool) throws {
        self.taps = taps
        half = signals.half
        energies = Array(repeating: Energies(), count: signals.sources)
        var work = Work(half: half, taps: taps, transform: RealTransform(size: Self.size))
        try signals.rewind()
        var done = 0
        while done < signals.length {
            // At first a longer piece, since nothing comes before it.
            let wanted = done == 0 ? work.step + taps - 1 : work.step
            let block = try signals.read(wanted)
            work.take(block, isFirst: done == 0)
            gather(block, channels: signals.channels)
            work.correlate(pool)
            done += work.step
        }
        products = work.finish(pool)
    }

    private mutating func gather(_ block: [[Double]], channels: Int) {
        for source in energies.indices {
            var sums = energies[source]
            let references = block[source * channels..<(source + 1) * channels]
            let estimates = block[half + source * channels..<half + (source + 1) * channels]
            for (reference, estimate) in zip(references, estimates) {
                for (a, b) in zip(reference, estimate) {
                    sums.reference += a * a
                    sums.difference += (b - a) * (b - a)
                    sums.cross += (b - a) * a
                    sums.estimate += b * b
                    sums.common += a * b
                }
            }
            sums.isReferenceSilent = sums.isReferenceSilent && isSilent(references)
            sums.isEstimateSilent = sums.isEstimateSilent && isSilent(estimates)
            energies[source] = sums
        }
    }
}

/// Whether the channels add up to nothing at every sample, which is what museval calls silent.
func isSilent(_ channels: ArraySlice<[Double]>) -> Bool {
    guard let first = channels.first else { return true }
    return first.indices.allSatisfy { sample in
        channels.reduce(0) { $0 + $1[sample] } == 0
    }
}

/// The buffers of a pass.
private struct Work {
    let half: Int
    let taps: Int
    let transform: RealTransform
    /// Samples by which a pass goes on.
    let step: Int
    /// The pieces: `taps - 1` samples before and behind the `step` samples in the middle.
    private let wide: [Row]
    /// The middles of the references alone.
    private let middles: [Row]
    private let wideSpectra: [Spectrum]
    private let middleSpectra: [Spectrum]
    private let pairs: [(a: Int, b: Int)]
    private let sums: [Spectrum]

    init(half: Int, taps: Int, transform: RealTransform) {
        self.half = half
        self.taps = taps
        self.transform = transform
        step = transform.size - 2 * (taps - 1)
        var pairs: [(a: Int, b: Int)] = []
        for a in 0..<half { for b in a..<2 * half { pairs.append((a, b)) } }
        self.pairs = pairs
        func rows(_ count: Int) -> [Row] { (0..<count).map { _ in Row(transform.size) } }
        func spectra(_ count: Int) -> [Spectrum] {
            (0..<count).map { _ in Spectrum(transform.stride) }
        }
        wide = rows(2 * half)
        middles = rows(half)
        wideSpectra = spectra(2 * half)
        middleSpectra = spectra(half)
        sums = spectra(pairs.count)
    }

    /// Puts the next samples behind those that are there.
    mutating func take(_ block: [[Double]], isFirst: Bool) {
        for (row, samples) in zip(wide, block) {
            if !isFirst { row.shift(from: step) }
            row.set(isFirst ? taps - 1 : 2 * (taps - 1), samples[...])
        }
        for (row, whole) in zip(middles, wide) {
            for index in taps - 1..<taps - 1 + step { row[index] = whole[index] }
        }
    }

    /// Adds the products of the pieces to the sums.
    func correlate(_ pool: WorkerPool) {
        pool.run(count: 3 * half) { index, _ in
            if index < 2 * half {
                transform.forward(wide[index], wideSpectra[index])
            } else {
                transform.forward(middles[index - 2 * half], middleSpectra[index - 2 * half])
            }
        }
        pool.run(count: pairs.count) { index, _ in
            let (a, b) = (middleSpectra[pairs[index].a], wideSpectra[pairs[index].b])
            let sum = sums[index]
            for bin in stride(from: 0, to: transform.stride, by: 8) {
                // The conjugate of the one times the other.
                let ((x, y), (u, v)) = (a.bins(bin), b.bins(bin))
                sum.add(bin, x * u + y * v, x * v - y * u)
            }
        }
    }

    /// The products by delay; the sums are lost.
    func finish(_ pool: WorkerPool) -> [[Double]] {
        let rooms = (0..<pool.threads).map { _ in Row(transform.size) }
        let results = (0..<pairs.count).map { _ in Row(2 * taps - 1) }
        pool.run(count: pairs.count) { index, worker in
            let (room, result) = (rooms[worker], results[index])
            transform.inverse(sums[index], room)
            let scale = 1 / Double(transform.size)
            for lag in 0..<taps { result[lag] = room[lag] * scale }
            for lag in 1..<taps {
                result[taps - 1 + lag] = room[transform.size - lag] * scale
            }
        }
        return results.map { row in (0..<row.count).map { row[$0] } }
    }
}
