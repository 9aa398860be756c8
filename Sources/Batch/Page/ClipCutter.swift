import AudioIO
import Reports

/// Cuts the samples of a lane into the clips that a page has in it.
///
/// Every clip but the first starts 0.1 s early, so that the decoder has settled, and all but the last
/// end 0.02 s late: what is heard of neighbouring clips fits together without a seam.
struct ClipCutter {
    /// The rate of a clip's samples.
    ///
    /// Rates near the 48 kHz that Opus knows are kept, see `OpusClip`.
    private static func rate(for sampleRate: Int) -> Int {
        32_000...48_000 ~= sampleRate ? sampleRate : OpusClip.declaredRate
    }

    /// What the page is told about the clips of a track.
    static func facts(sampleRate: Int, length: Int) -> TrackPage.Clips {
        let rate = rate(for: sampleRate)
        let total = Resampler.length(of: length, from: sampleRate, to: rate)
        let step = 10 * rate
        return TrackPage.Clips(
            rate: rate, samples: step, lead: rate / 10, count: max(1, (total + step - 1) / step))
    }

    private let facts: TrackPage.Clips
    private let resampler: Resampler?
    private let tail: Int
    private let isMixedDown: Bool
    /// `[channel][sample]`, from ``start`` on.
    private var samples: [[Float]]
    private var start = 0
    private var index = 0
    private var isEnded = false

    init(channels: Int, sampleRate: Int, length: Int) {
        facts = Self.facts(sampleRate: sampleRate, length: length)
        tail = facts.rate / 50
        isMixedDown = channels > 2
        samples = Array(repeating: [], count: isMixedDown ? 1 : channels)
        resampler =
            facts.rate == sampleRate
            ? nil : Resampler(from: sampleRate, to: facts.rate, channels: samples.count)
    }

    /// Takes the next samples.
    mutating func push(_ block: [[Float]]) {
        let block = isMixedDown ? [Self.mean(block)] : block
        if let resampler {
            resampler.process(block, into: &samples)
        } else {
            for channel in samples.indices { samples[channel] += block[channel] }
        }
    }

    func hasClip(atEnd: Bool) -> Bool {
        if index >= facts.count { return false }
        return atEnd || start + samples[0].count >= (index + 1) * facts.samples + tail
    }

    /// Gives the samples of the next clip, if all of them are there.
    mutating func next(atEnd: Bool) -> (index: Int, samples: [[Float]])? {
        guard hasClip(atEnd: atEnd) else { return nil }
        if atEnd, !isEnded {
            isEnded = true
            resampler?.finish(into: &samples)
        }
        let border = (index + 1) * facts.samples
        let end = min(border + tail, start + samples[0].count)
        let clip = samples.map { Array($0[..<(end - start)]) }
        let kept = border - facts.lead
        if kept < start + samples[0].count {
            for channel in samples.indices { samples[channel].removeFirst(kept - start) }
            start = kept
        }
        defer { index += 1 }
        return (index, clip)
    }

    /// More channels than two have no order that every browser knows.
    private static func mean(_ block: [[Float]]) -> [Float] {
        var mean = block[0]
        for channel in block.dropFirst() {
            for index in mean.indices { mean[index] += channel[index] }
        }
        let factor = 1 / Float(block.count)
        return mean.map { $0 * factor }
    }
}
