/// Measures how much of a track each of its stems is there, from the samples of the mixture and of the
/// stems.
///
/// But for rounding, the figures do not depend on how the samples were cut into blocks.
package struct PresenceMeter: Sendable {
    /// Seconds of a stretch: the block of momentary loudness in ITU-R BS.1770.
    package static let stretch = 0.4

    /// Mean squares of the stretch so far: of the mixture, and of stem, and of stem times mixture.
    private var mixture = 0.0
    private var stems: [Sums]
    /// The same over the whole track.
    private var whole = 0.0
    private var wholes: [Sums]
    private var count = 0
    private let stretchLength: Int
    private let channels: Int
    private var audible = 0
    /// Whether each stem was active in each stretch.
    package private(set) var activeStretches: [[Bool]]

    private struct Sums {
        var square = 0.0
        var product = 0.0
    }

    /// -60 dBFS.
    private static let quiet = 1e-6
    /// -20 dB.
    private static let share = 1e-2
    /// The least mean of the masks where the stem is.
    ///
    /// E(m^2 |X|^2) / E(m |X|^2) for mask m and mixture X. A net that finds a little of a stem
    /// everywhere gives less.
    private static let ownShare = 0.4

    /// A meter that has heard nothing.
    package init(stems: Int, channels: Int, sampleRate: Int) {
        precondition(channels > 0 && sampleRate > 0)
        self.channels = channels
        stretchLength = max(1, Int(Self.stretch * Double(sampleRate)))
        self.stems = Array(repeating: Sums(), count: stems)
        wholes = self.stems
        activeStretches = Array(repeating: [], count: stems)
    }

    /// Takes the next samples.
    ///
    /// - Parameters:
    ///   - mixture: `[channel][sample]`.
    ///   - stems: `[stem][channel][sample]`, as long.
    package mutating func push(mixture: [[Float]], stems: [[[Float]]]) {
        precondition(mixture.count == channels && stems.count == self.stems.count)
        let length = mixture[0].count
        var start = 0
        while start < length {
            let end = min(length, start + stretchLength - count)
            for channel in 0..<channels {
                let samples = mixture[channel]
                let whole = samples.span.extracting(start..<end)
                self.mixture += Energy.product(whole, whole)
                for stem in stems.indices {
                    let samples = stems[stem][channel]
                    let part = samples.span.extracting(start..<end)
                    self.stems[stem].square += Energy.product(part, part)
                    self.stems[stem].product += Energy.product(part, whole)
                }
            }
            count += end - start
            start = end
            if count == stretchLength { closeStretch() }
        }
    }

    /// Ends the track.
    ///
    /// - Returns: the figures of each stem.
    package mutating func finish() -> [StemPresence] {
        if count > 0 { closeStretch() }
        return wholes.indices.map { stem in
            let active = activeStretches[stem].count { $0 }
            let sums = wholes[stem]
            // The inner product of the stem and what it leaves.
            let undecided = whole > 0 ? (sums.product - sums.square) / whole : 0
            let certainty = 1 - 4 * undecided
            return StemPresence(
                activity: audible > 0 ? Double(active) / Double(audible) : 0,
                certainty: certainty > 0 ? min(1, certainty) : 0,
                presence: sums.product > 0 ? max(0, min(1, sums.square / sums.product)) : 0)
        }
    }

    private mutating func closeStretch() {
        let size = Double(count * channels)
        let isAudible = mixture / size > Self.quiet
        if isAudible { audible += 1 }
        for stem in stems.indices {
            let sums = stems[stem]
            activeStretches[stem].append(
                isAudible && sums.square / size > Self.quiet
                    && sums.square > Self.share * mixture
                    && sums.square > Self.ownShare * sums.product)
            wholes[stem].square += sums.square
            wholes[stem].product += sums.product
            stems[stem] = Sums()
        }
        whole += mixture
        mixture = 0
        count = 0
    }
}
