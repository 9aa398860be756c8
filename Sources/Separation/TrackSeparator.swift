package import Models
import Signal
import Spectral

/// Takes one track apart as a stream: samples of the mixture in, samples of its stems out.
///
/// Channels are taken in pairs, an odd last one as mono (both sides of the net, averaged). Whatever
/// the length of the track, no more of it is held than three segments, and what comes out does not
/// depend on how the samples were cut into blocks. Each stem has the mixture's length and alignment.
///
/// While the nets take a segment apart, frames of the next one are made here as its samples come in,
/// and samples of the one before are made too, which come out after it.
package final class TrackSeparator {
    private let estimator: any SegmentEstimating
    private let pairs: [ChannelPair]
    private let channelCount: Int
    private let nets: NetStage
    private var length = 0
    /// Frames of the segments that the nets were given, without what is shared.
    private var framesBegun = 0
    private var delivered = 0
    private var transforming = SeparationTimes()

    /// Seconds spent so far in each stage.
    package var times: SeparationTimes {
        var times = nets.times
        times.stft = transforming.stft
        return times
    }

    /// A separator at the beginning of a track.
    ///
    /// - Parameters:
    ///   - estimator: what takes segments apart; not to be used elsewhere until the track has ended, or
    ///     the separator is gone.
    ///   - channels: channels of the track, at least 1.
    ///   - stems: the stems wanted, by their index in the model's card.
    package init(estimator: any SegmentEstimating, channels: Int, stems: [Int]) {
        precondition(channels > 0 && stems.allSatisfy { (0..<estimator.stemCount).contains($0) })
        self.estimator = estimator
        channelCount = channels
        let transform = FourierTransform(size: estimator.geometry.fftSize)
        pairs = stride(from: 0, to: channels, by: 2).map { first in
            ChannelPair(
                firstChannel: first, isMono: first + 1 == channels, stems: stems,
                estimator: estimator, transform: transform)
        }
        nets = NetStage(
            estimator: estimator, pairs: pairs, stems: stems.count, channels: channels)
    }

    deinit {
        // A track that was given up leaves the estimator to others.
        nets.wait()
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
        while fill() { try beginSegment(appendingTo: &output) }
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
        if framesBegun < frames {
            _ = fill()
            if framesBegun == 0, let short = estimator.segment.frames(forTrackOf: frames) {
                beginTrack(of: frames, inSegmentOf: short)
            } else {
                try beginSegment(appendingTo: &output)
            }
            return true
        }
        try collect(appendingTo: &output)
        let before = output.length
        nets.finish(appendingTo: &output)
        delivered += output.length - before
        // The last segment reaches beyond the track, and nothing of that came out before.
        output.removeLast(delivered - length)
        delivered = length
        return false
    }

    /// Ends the track and gives the rest of the stems at once.
    ///
    /// - Throws: what the estimator throws.
    package func finish(appendingTo output: inout StemBlock) throws {
        end()
        while try separateRest(appendingTo: &output) {}
    }

    /// Makes the frames that there are samples for; true once all pairs' segments are full.
    private func fill() -> Bool {
        transforming.measure(\.stft) {
            // All pairs have seen the same samples, so all are full or none is.
            pairs.reduce(true) { $1.fill() && $0 }
        }
    }

    private func beginSegment(appendingTo output: inout StemBlock) throws {
        try collect(appendingTo: &output)
        for pair in pairs { pair.turnOver() }
        nets.begin(keeping: .advance(isFirst: framesBegun == 0))
        framesBegun += estimator.segment.advance
    }

    /// Gives the nets a track that is shorter than a segment, in one that is no longer than it has to
    /// be.
    private func beginTrack(of frames: Int, inSegmentOf short: Int) {
        let edge = estimator.segment.short?.edge ?? 0
        for pair in pairs { pair.turnOver(shortenedTo: short, edge: edge) }
        nets.begin(keeping: .track(count: frames, edge: edge))
        framesBegun = frames
    }

    private func collect(appendingTo output: inout StemBlock) throws {
        let before = output.length
        try nets.collect(appendingTo: &output)
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

    /// Appends all samples of another block, which gets this one's room where it was empty.
    mutating func take(_ other: inout StemBlock) {
        if length == 0 {
            swap(&self, &other)
        } else {
            for stem in samples.indices {
                for channel in samples[stem].indices {
                    samples[stem][channel] += other.samples[stem][channel]
                }
            }
        }
        other.removeAll()
    }

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
