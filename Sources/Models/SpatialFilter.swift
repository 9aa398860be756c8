import Inference
import Signal

/// Takes the stems of a segment apart not by masks alone but also by where each lies between left and
/// right.
///
/// Each stem is taken for a Gaussian source with one spatial covariance for each bin, as in N. Duong,
/// E. Vincent and R. Gribonval, Under-determined reverberant audio source separation using a full-rank
/// spatial covariance model, 2010, and is what the Wiener filter of that model expects of it:
///
///     y_j = s_j R_j (sum of s_k R_k)^-1 x
///
/// where x is the mixture of a bin and frame, left and right; s_j the share of its power that the masks
/// give to stem j, in the lows by way of ``LowRankShares``; R_j the stem's covariance, which is the sum
/// of s_j^2 x x^H over every other frame of the segment with its trace brought to 2. The stems add up to
/// the mixture whatever the covariances are, and where all of them lie in one place, as in mono, they
/// get their shares.
struct SpatialFilter {
    private typealias Doubles = SIMD8<Double>

    private let stems: Int
    private let bins: Int
    private let frames: Int
    /// The frames of which it makes stems.
    let kept: Range<Int>
    private let pool: WorkerPool
    /// What is said of the lows; above, masks alone are.
    private var lows: LowRankShares
    /// Runs of eight bins; the last one ends with the last bin, wherever it begins.
    private let chunks: Int
    /// Sums over the frames, `[chunk, stem, entry]`: left, right, real and imaginary part of left by the
    /// conjugate of right; chunks filled up to whole blocks.
    private var sums: [SIMD8<Float>]
    /// What becomes of them.
    private var covariances: [Doubles]
    /// The stems, `[frame, channel, stem, chunk]`, real and imaginary parts in turn.
    private var spectra: [SIMD16<Float>]

    /// Chunks that a thread takes at once.
    private static let block = 8
    /// Frames from one that is listened to to the next: they overlap by three quarters, and all of them
    /// tell no more.
    private static let step = 2
    /// How much of a covariance is that of sound from everywhere.
    ///
    /// Without it the sum over the stems may have no inverse. A tenth or ten times as much gives the
    /// same scores.
    private static let spread = 1e-3

    /// Room for segments of so many frames.
    ///
    /// - Parameters:
    ///   - bins: at least 8.
    ///   - spacing: Hz from one bin to the next.
    ///   - kept: the frames of which it makes stems.
    init(
        stems: Int, bins: Int, frames: Int, spacing: Double, kept: Range<Int>, pool: WorkerPool
    ) {
        precondition(bins >= 8 && kept.lowerBound >= 0 && kept.upperBound <= frames)
        (self.stems, self.bins, self.frames, self.kept) = (stems, bins, frames, kept)
        self.pool = pool
        lows = LowRankShares(
            stems: stems, bins: bins, frames: frames, spacing: spacing, pool: pool)
        chunks = (bins + 7) / 8
        let blocks = (chunks + Self.block - 1) / Self.block
        sums = Array(repeating: .zero, count: blocks * Self.block * stems * 4)
        covariances = Array(repeating: .zero, count: sums.count)
        spectra = Array(repeating: .zero, count: kept.count * 2 * stems * chunks)
    }

    /// Takes the stems of a segment apart.
    ///
    /// - Parameters:
    ///   - mixture: two channels of all frames.
    ///   - masks: those of all stems, the bins of a frame next to each other.
    ///   - layout: where they lie.
    mutating func take(_ mixture: Spectrogram, masks: Span<Float>, layout: TensorLayout) {
        precondition(mixture.channels == 2 && mixture.frames == frames && layout.bin == 1)
        lows.take(mixture, masks: masks, layout: layout)
        listen(mixture, masks, layout)
        separate(mixture, masks, layout)
    }

    /// Estimates where the stems lie.
    private mutating func listen(
        _ mixture: Spectrogram, _ masks: Span<Float>, _ layout: TensorLayout
    ) {
        let (stems, bins, chunks, frames) = (stems, bins, chunks, frames)
        let lows = lows
        pool.run(over: &sums, pieces: sums.count / (Self.block * stems * 4)) { block, sums in
            for index in sums.indices { sums[index] = .zero }
            let first = block * Self.block
            var shares = [SIMD8<Float>](repeating: .zero, count: stems)
            for frame in stride(from: 0, to: frames, by: Self.step) {
                for chunk in first..<min(first + Self.block, chunks) {
                    let x = EightBins(mixture, frame, bin: min(8 * chunk, bins - 8))
                    if chunk < lows.chunks {
                        lows.share(frame: frame, chunk: chunk, among: &shares)
                    } else {
                        x.share(masks, layout, among: &shares)
                    }
                    let cross = x.cross
                    for stem in 0..<stems {
                        let weight = shares[stem] * shares[stem]
                        let entry = ((chunk - first) * stems + stem) * 4
                        sums[entry] += weight * x.leftPower
                        sums[entry + 1] += weight * x.rightPower
                        sums[entry + 2] += weight * cross.real
                        sums[entry + 3] += weight * cross.imaginary
                    }
                }
            }
        }
        for entry in stride(from: 0, to: sums.count, by: 4) {
            let power = Doubles(sums[entry] + sums[entry + 1]) * 0.5
            // A stem that is not there may be anywhere.
            let isThere = power .> 0
            let scale = Doubles.zero.replacing(with: (1 - Self.spread) / power, where: isThere)
            let spread = Doubles.one.replacing(with: Self.spread, where: isThere)
            for index in entry..<entry + 4 { covariances[index] = Doubles(sums[index]) * scale }
            covariances[entry] += spread
            covariances[entry + 1] += spread
        }
    }

    /// Filters the frames that are kept.
    private mutating func separate(
        _ mixture: Spectrogram, _ masks: Span<Float>, _ layout: TensorLayout
    ) {
        let (stems, bins, chunks, kept, lows) = (stems, bins, chunks, kept, lows)
        let all = covariances
        pool.run(over: &spectra, pieces: kept.count) { index, spectra in
            let covariances = all.span
            var shares = [SIMD8<Float>](repeating: .zero, count: stems)
            for chunk in 0..<chunks {
                let frame = kept.lowerBound + index
                let x = EightBins(mixture, frame, bin: min(8 * chunk, bins - 8))
                if chunk < lows.chunks {
                    lows.share(frame: frame, chunk: chunk, among: &shares)
                } else {
                    x.share(masks, layout, among: &shares)
                }
                var (left, right) = (Doubles.zero, Doubles.zero)
                var cross = EightNumbers(.zero, .zero)
                for stem in 0..<stems {
                    let share = Doubles(shares[stem])
                    let entry = (chunk * stems + stem) * 4
                    left += share * covariances[entry]
                    right += share * covariances[entry + 1]
                    cross.real += share * covariances[entry + 2]
                    cross.imaginary += share * covariances[entry + 3]
                }
                // The sum's inverse times the mixture.
                let scale = 1 / (left * right - cross.power)
                let (l, r) = (EightNumbers(x.left), EightNumbers(x.right))
                let whiteLeft = (l * right - cross * r) * scale
                let whiteRight = (r * left - cross.conjugate * l) * scale
                for stem in 0..<stems {
                    let entry = (chunk * stems + stem) * 4
                    let share = Doubles(shares[stem])
                    let cross = EightNumbers(covariances[entry + 2], covariances[entry + 3])
                    let left = whiteLeft * covariances[entry] + cross * whiteRight
                    let right = cross.conjugate * whiteLeft + whiteRight * covariances[entry + 1]
                    spectra[stem * chunks + chunk] = (left * share).pairs
                    spectra[(stems + stem) * chunks + chunk] = (right * share).pairs
                }
            }
        }
    }

    /// Gives a stem's part of one frame of the segment, or adds it to what is there.
    ///
    /// - Parameters:
    ///   - frame: one of those kept.
    ///   - weight: a factor.
    ///   - sum: where it goes, from the first bin on; bins above the filter's stay as they are.
    func put(
        stem: Int, channel: Int, frame: Int, weight: Float, adding: Bool,
        to sum: inout MutableSpan<SIMD2<Float>>
    ) {
        precondition(kept.contains(frame) && sum.count >= bins)
        let start = (((frame - kept.lowerBound) * 2 + channel) * stems + stem) * chunks
        let whole = bins / 8
        unsafe sum.withUnsafeMutableBytes { sum in
            for chunk in 0..<whole {
                var values = weight * spectra[start + chunk]
                if adding {
                    values += unsafe sum.loadUnaligned(
                        fromByteOffset: 64 * chunk, as: SIMD16<Float>.self)
                }
                unsafe sum.storeBytes(
                    of: values, toByteOffset: 64 * chunk, as: SIMD16<Float>.self)
            }
        }
        for bin in 8 * whole..<bins {
            let values = spectra[start + whole]
            let index = bin - (bins - 8)
            let value = weight * SIMD2(values[2 * index], values[2 * index + 1])
            sum[bin] = adding ? sum[bin] + value : value
        }
    }
}
