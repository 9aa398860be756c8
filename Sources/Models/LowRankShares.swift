import Foundation
import Inference
import Signal

/// What few spectra say of the lows of a segment.
///
/// A kick, or a string of a bass, sounds alike each time it is played, and a net that hears a few seconds
/// does not know. The stems' shares of the lows are explained by non-negative matrix factorisation (D. Lee
/// and H. S. Seung, Algorithms for non-negative matrix factorization, 2001, updates for the
/// Kullback-Leibler divergence): a few spectra for each stem and how loud each is in each frame; first
/// each stem for itself, then all of them together the mixture. The shares that the masks give, to the
/// power of 0.3, by those that the spectra give, to the power of 0.7, are what comes out.
struct LowRankShares {
    typealias Floats = SIMD8<Float>

    private let stems: Int
    private let frames: Int
    private let pool: WorkerPool
    /// Runs of eight bins from the lowest up, of which it speaks.
    let chunks: Int
    /// The stems' shares, `[stem, frame, chunk]`; they sum to one.
    private var shares: [Floats]
    /// The mixture's magnitudes `[frame, chunk]`, of their mean.
    private var levels: [Floats]

    /// Where the lows end, Hz: most of what masks confuse of kicks and basses lies below.
    private static let top = 345.0
    /// Spectra of each stem.
    private static let count = 6
    /// Rounds of updates: of each stem alone, and of all of them together.
    private static let (alone, together) = (20, 4)
    /// Trust in what the spectra say; the rest is in the masks.
    private static let trust: Float = 0.7
    /// Added to magnitudes of a mean of one, so that none is nothing.
    private static let floor: Float = 1e-6
    /// Added to shares before they divide.
    private static let doubt: Float = 1e-3

    /// Room for segments of so many frames.
    ///
    /// - Parameter spacing: Hz from one bin to the next.
    init(stems: Int, bins: Int, frames: Int, spacing: Double, pool: WorkerPool) {
        (self.stems, self.frames, self.pool) = (stems, frames, pool)
        chunks = min(bins / 8, Int((Self.top / spacing / 8).rounded()))
        shares = Array(repeating: .zero, count: stems * frames * chunks)
        levels = Array(repeating: .zero, count: frames * chunks)
    }

    /// Finds the shares of a segment.
    ///
    /// - Parameters:
    ///   - mixture: two channels of all frames.
    ///   - masks: those of all stems, the bins of a frame next to each other.
    ///   - layout: where they lie.
    mutating func take(_ mixture: Spectrogram, masks: Span<Float>, layout: TensorLayout) {
        if chunks == 0 { return }
        let loudest = hear(mixture, masks, layout)
        if loudest == 0 { return }
        let parts = explained()
        let rows = frames * chunks
        for row in 0..<rows {
            var whole = Floats(repeating: NonnegativeFactors.least)
            for stem in 0..<stems { whole += parts[stem * rows + row] }
            var sum = Floats(repeating: 0)
            for stem in 0..<stems {
                let share = shares[stem * rows + row]
                let ratio = (parts[stem * rows + row] / whole + Self.doubt) / (share + Self.doubt)
                var factor = Floats()
                for index in 0..<8 { factor[index] = pow(ratio[index], Self.trust) }
                shares[stem * rows + row] = share * factor
                sum += share * factor
            }
            for stem in 0..<stems { shares[stem * rows + row] /= sum }
        }
    }

    /// The stems' shares of eight bins of a frame.
    func share(frame: Int, chunk: Int, among found: inout [Floats]) {
        for stem in 0..<stems { found[stem] = shares[(stem * frames + frame) * chunks + chunk] }
    }

    /// Takes the shares that the masks give, and the mixture's magnitudes.
    ///
    /// - Returns: the largest magnitude.
    private mutating func hear(
        _ mixture: Spectrogram, _ masks: Span<Float>, _ layout: TensorLayout
    ) -> Float {
        var found = [Floats](repeating: .zero, count: stems)
        var sum = 0.0
        var loudest: Float = 0
        for frame in 0..<frames {
            for chunk in 0..<chunks {
                let x = EightBins(mixture, frame, bin: 8 * chunk)
                x.share(masks, layout, among: &found)
                for stem in 0..<stems {
                    shares[(stem * frames + frame) * chunks + chunk] = found[stem]
                }
                let level = (x.leftPower + x.rightPower).squareRoot()
                levels[frame * chunks + chunk] = level
                sum += Double(level.sum())
                loudest = max(loudest, level.max())
            }
        }
        let scale = Float(Double(8 * levels.count) / sum)
        if loudest > 0 { for index in levels.indices { levels[index] *= scale } }
        return loudest
    }

    /// What the spectra give to each stem, `[stem, frame, chunk]`.
    private func explained() -> [Floats] {
        let (frames, chunks) = (frames, chunks)
        let rows = frames * chunks
        let (shares, levels) = (shares, levels)
        var alone = Array(
            repeating: NonnegativeFactors(count: Self.count, frames: frames, chunks: chunks),
            count: stems)
        pool.run(over: &alone, pieces: stems) { stem, factors in
            var own = levels
            for row in 0..<rows { own[row] = shares[stem * rows + row] * levels[row] + Self.floor }
            factors[0].update(own, rounds: Self.alone)
        }
        var all = NonnegativeFactors(joining: alone)
        all.update(levels.map { $0 + Self.floor }, rounds: Self.together)
        var parts = shares
        pool.run(over: &parts, pieces: stems) { stem, part in
            let own = stem * Self.count..<(stem + 1) * Self.count
            all.write(own, to: &part)
        }
        return parts
    }
}
