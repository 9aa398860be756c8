import Models
import Signal
import Spectral

/// Two channels of a track on their way through the nets, or one that goes in on both sides.
final class ChannelPair {
    /// The segment being filled, two channels.
    private(set) var segment: Spectrogram
    /// One a stem and channel.
    let strands: [Strand]
    private let firstChannel: Int
    private let isMono: Bool
    private let advance: Int
    private let context: Int
    private var filled: Int
    private var left: STFTAnalyzer
    private var right: STFTAnalyzer
    /// Enough for a piece of work to be worth handing out.
    private static let framesAtATime = 32

    init(
        firstChannel: Int, isMono: Bool, stems: [Int], estimator: any SegmentEstimating,
        transform: FourierTransform
    ) {
        self.firstChannel = firstChannel
        self.isMono = isMono
        let geometry = estimator.geometry
        segment = Spectrogram(
            channels: 2, frames: estimator.segment.frames, bins: geometry.bins)
        advance = estimator.segment.advance
        // What lies before the track is context of zeros.
        context = estimator.segment.context
        filled = context
        left = STFTAnalyzer(geometry, transform: transform)
        right = STFTAnalyzer(geometry, transform: transform)
        let sides: [[Int]] = isMono ? [[0, 1]] : [[0], [1]]
        strands = stems.enumerated().flatMap { slot, stem in
            sides.enumerated().map { offset, sides in
                Strand(
                    stem: stem, slot: slot, channel: firstChannel + offset, sides: sides,
                    estimator: estimator,
                    transform: transform)
            }
        }
    }

    func push(_ block: [[Float]]) {
        let samples = block[firstChannel]
        left.push(samples.span)
        guard !isMono else { return }
        let others = block[firstChannel + 1]
        right.push(others.span)
    }

    func finish() {
        left.finish()
        if !isMono { right.finish() }
    }

    /// Fills the segment when there are frames enough for all of it, or, where the track is
    /// `ending`, with those that there are; true when it is full.
    ///
    /// Many frames at a time, in pieces for all of the estimator's threads.
    func collect(with estimator: any SegmentEstimating, ending: Bool) -> Bool {
        let (frames, bins, first) = (segment.frames, segment.bins, filled)
        let end = min(frames, first + left.frameCount)
        guard end == frames || ending else { return false }
        let (count, sides) = (end - first, isMono ? 1 : 2)
        let pieces = (count + Self.framesAtATime - 1) / Self.framesAtATime
        unsafe segment.values.withUnsafeMutableBufferPointer { values in
            estimator.concurrently(sides * pieces) { piece in
                let (side, from) = (piece % sides, piece / sides * Self.framesAtATime)
                let range = from..<min(count, from + Self.framesAtATime)
                let start = (side * frames + first + from) * bins
                var target = unsafe UnsafeMutableBufferPointer(
                    rebasing: values[start..<start + range.count * bins]
                ).mutableSpan
                if side == 0 {
                    left.copyFrames(range, into: &target)
                } else {
                    right.copyFrames(range, into: &target)
                }
            }
        }
        left.drop(frames: count)
        if !isMono { right.drop(frames: count) }
        if isMono {
            for frame in first..<end { segment.copy(frame: frame, from: 0, to: 1) }
        }
        filled = end
        return filled == frames
    }

    /// Fills the rest of the segment with zeros: the track has ended.
    func padSegment() {
        segment.clear(frames: filled..<segment.frames)
        filled = segment.frames
    }

    /// Makes the segment, which holds the whole track, so short that it has but `edge` frames of
    /// silence before it.
    func shorten(to frames: Int, edge: Int) {
        let lead = context - edge
        segment.dropFirstFrames(lead)
        let taken = min(frames, filled - lead)
        segment.clear(frames: taken..<segment.frames)
        segment = segment.prefix(frames)
        filled = frames
    }

    /// Makes room for the next segment's frames, keeping those that both share.
    func shift() {
        segment.dropFirstFrames(advance)
        filled = segment.frames - advance
    }
}
