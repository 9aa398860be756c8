package import Models
import Signal
import Spectral

/// Takes one track apart as a stream: samples of the mixture in, samples of its stems out.
///
/// Channels are taken in pairs, an odd last one as mono (both sides of the net, averaged). Whatever
/// the length of the track, no more of it is held than two segments, and what comes out does not
/// depend on how the samples were cut into blocks. Each stem has the mixture's length and alignment.
///
/// Samples of a segment are made while the nets work on the next one, and come out after it.
package final class TrackSeparator {
    private let estimator: any SegmentEstimating
    private let pairs: [ChannelPair]
    private let channelCount: Int
    private let stems: [Int]
    private var length = 0
    private var framesDone = 0
    private let synthesis: Synthesis
    private var delivered = 0
    private var ownTimes = SeparationTimes()

    /// Seconds spent so far in each stage.
    package var times: SeparationTimes {
        var times = ownTimes
        times.inverse += synthesis.seconds
        return times
    }

    /// A separator at the beginning of a track.
    ///
    /// - Parameters:
    ///   - estimator: what takes segments apart; not to be used elsewhere until the track has ended.
    ///   - channels: channels of the track, at least 1.
    ///   - stems: the stems wanted, by their index in the model's card.
    package init(estimator: any SegmentEstimating, channels: Int, stems: [Int]) {
        precondition(channels > 0 && stems.allSatisfy { (0..<estimator.stemCount).contains($0) })
        self.estimator = estimator
        self.stems = stems
        channelCount = channels
        let transform = FourierTransform(size: estimator.geometry.fftSize)
        pairs = stride(from: 0, to: channels, by: 2).map { first in
            ChannelPair(
                firstChannel: first, isMono: first + 1 == channels, stems: stems,
                estimator: estimator, transform: transform)
        }
        synthesis = Synthesis(pairs.map(\.strands))
    }

    /// Takes the next samples of the mixture.
    ///
    /// - Parameters:
    ///   - block: `[channel][sample]`, all channels equally long, at the model's sample rate.
    ///   - output: what is ready of the stems is appended to it.
    /// - Throws: what the estimator throws.
    package func push(_ block: [[Float]], appendingTo output: inout StemBlock) throws {
        precondition(block.count == channelCount)
        length += block[0].count
        for pair in pairs { pair.push(block) }
        while collect(ending: false) { try separateNextSegment(appendingTo: &output) }
    }

    /// Ends the track: no samples follow, and ``separateRest(appendingTo:)`` gives what is left.
    package func end() {
        if length > 0 { for pair in pairs { pair.finish() } }
    }

    /// Takes the next segment of a track that has ended apart, and appends what is ready.
    ///
    /// - Returns: false once there was nothing left but to hand out the last samples.
    /// - Throws: what the estimator throws.
    package func separateRest(appendingTo output: inout StemBlock) throws -> Bool {
        let frames = length > 0 ? estimator.geometry.frames(forLength: length) : 0
        if framesDone >= frames {
            ownTimes.measure(\.inverse) {
                synthesis.finish(with: estimator)
                deliver(to: &output)
            }
            // The last segment reaches beyond the track, and nothing of that came out before.
            output.removeLast(delivered - length)
            delivered = length
            return false
        }
        if framesDone == 0, let short = estimator.segment.frames(forTrackOf: frames) {
            try separateWhole(frames, inSegmentOf: short, appendingTo: &output)
        } else {
            if !collect(ending: true) { for pair in pairs { pair.padSegment() } }
            try separateNextSegment(appendingTo: &output)
        }
        return true
    }

    /// Ends the track and gives the rest of the stems at once.
    ///
    /// - Throws: what the estimator throws.
    package func finish(appendingTo output: inout StemBlock) throws {
        end()
        while try separateRest(appendingTo: &output) {}
    }

    /// Fills all pairs' segments, once there are frames enough or the track ends; true when they are full.
    private func collect(ending: Bool) -> Bool {
        ownTimes.measure(\.stft) {
            // All pairs have seen the same samples, so all are full or none is.
            pairs.reduce(true) { $1.collect(with: estimator, ending: ending) && $0 }
        }
    }

    private func separateNextSegment(appendingTo output: inout StemBlock) throws {
        let (isFirst, estimator) = (framesDone == 0, estimator)
        try separateSegment(appendingTo: &output) { strand, segment in
            strand.blend(segment, isFirst: isFirst, estimator: estimator)
        }
        for pair in pairs { pair.shift() }
        framesDone += estimator.segment.advance
    }

    /// Takes a track that is shorter than a segment in one that is no longer than it has to be.
    private func separateWhole(
        _ frames: Int, inSegmentOf short: Int, appendingTo output: inout StemBlock
    ) throws {
        let (edge, estimator) = (estimator.segment.short?.edge ?? 0, estimator)
        _ = collect(ending: true)
        for pair in pairs { pair.shorten(to: short, edge: edge) }
        try separateSegment(appendingTo: &output) { strand, segment in
            strand.take(segment, count: frames, edge: edge, estimator: estimator)
        }
        framesDone = frames
    }

    private func separateSegment(
        appendingTo output: inout StemBlock, _ take: (Strand, Spectrogram) -> Void
    ) throws {
        for (index, pair) in pairs.enumerated() {
            synthesis.start()
            try ownTimes.measure(\.net) { try estimator.estimate(pair.segment, pair: index) }
            ownTimes.measure(\.inverse) {
                synthesis.wait()
                // All pairs are at the same place when the first one's turn comes.
                if index == 0 { deliver(to: &output) }
                let strands = pair.strands
                estimator.concurrently(strands.count) { index in
                    take(strands[index], pair.segment)
                }
                synthesis.prepare(pair: index)
            }
        }
    }

    private func deliver(to output: inout StemBlock) {
        let before = output.length
        synthesis.take(appendingTo: &output)
        delivered += output.length - before
    }
}

/// Wall-clock seconds that a track spent in each stage.
package struct SeparationTimes: Sendable {
    /// The short-time Fourier transform.
    package var stft = 0.0
    /// The nets.
    package var net = 0.0
    /// Masks, and inverse transforms with overlap-add, which go on beside the nets.
    package var inverse = 0.0

    mutating func measure<R>(
        _ stage: WritableKeyPath<SeparationTimes, Double>, _ body: () throws -> R
    ) rethrows -> R {
        let start = ContinuousClock.now
        defer { self[keyPath: stage] += (ContinuousClock.now - start) / .seconds(1) }
        return try body()
    }
}

/// Samples of several stems that are ready, at the model's sample rate.
package struct StemBlock: Sendable {
    /// The samples, `[stem][channel][sample]`, stems in the order they were asked for.
    package var samples: [[[Float]]]

    /// An empty block.
    package init(stems: Int, channels: Int) {
        samples = Array(repeating: Array(repeating: [], count: channels), count: stems)
    }

    /// Samples in each channel of each stem.
    package var length: Int { samples.first?.first?.count ?? 0 }

    /// Drops the last samples of every channel of every stem.
    mutating func removeLast(_ count: Int) {
        for stem in samples.indices {
            for channel in samples[stem].indices { samples[stem][channel].removeLast(count) }
        }
    }

    /// Forgets the samples and keeps the room they took.
    package mutating func removeAll() {
        for stem in samples.indices {
            for channel in samples[stem].indices {
                samples[stem][channel].removeAll(keepingCapacity: true)
            }
        }
    }
}
