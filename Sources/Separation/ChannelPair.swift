import Models
import Signal
import Spectral

/// Two channels of a track on their way through the nets, or one that goes in on both sides.
final class ChannelPair {
    /// The segment that the nets take apart, two channels.
    private(set) var segment: Spectrogram
    /// The segment being filled.
    private var next: Spectrogram
    /// One a stem and channel.
    let strands: [Strand]
    private let firstChannel: Int
    private let isMono: Bool
    private let advance: Int
    private let context: Int
    private var filled: Int
    private var left: STFTAnalyzer
    private var right: STFTAnalyzer

    init(
        firstChannel: Int, isMono: Bool, stems: [Int], estimator: any SegmentEstimating,
        transform: FourierTransform
    ) {
        self.firstChannel = firstChannel
        self.isMono = isMono
        let geometry = estimator.geometry
        next = Spectrogram(channels: 2, frames: estimator.segment.frames, bins: geometry.bins)
        // A short track needs no second one.
        segment = Spectrogram(channels: 2, frames: 0, bins: geometry.bins)
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

    /// Adds the frames that are ready to the segment being filled; true when it is full.
    func fill() -> Bool {
        while filled < next.frames, left.hasFrame {
            Self.read(&left, into: &next, channel: 0, frame: filled)
            if isMono {
                next.copy(frame: filled, from: 0, to: 1)
            } else {
                Self.read(&right, into: &next, channel: 1, frame: filled)
            }
            filled += 1
        }
        return filled == next.frames
    }

    private static func read(
        _ analyzer: inout STFTAnalyzer, into segment: inout Spectrogram, channel: Int, frame: Int
    ) {
        let range = segment.range(channel: channel, frame: frame)
        unsafe segment.values.withUnsafeMutableBufferPointer { values in
            var frame = unsafe UnsafeMutableBufferPointer(rebasing: values[range]).mutableSpan
            analyzer.readFrame(into: &frame)
        }
    }

    /// Gives what was filled to the nets, with zeros in the place of what is missing, and keeps the
    /// frames that the next segment shares with it.
    ///
    /// - Precondition: the nets are done with the segment before.
    func turnOver() {
        next.clear(frames: filled..<next.frames)
        swap(&segment, &next)
        if next.frames < segment.frames {
            next = Spectrogram(channels: 2, frames: segment.frames, bins: segment.bins)
        }
        filled = segment.frames - advance
        next.replaceFrames(from: 0, by: advance..<segment.frames, of: segment)
    }

    /// Gives the whole track to the nets, in a segment so short that it has but `edge` frames of silence
    /// before it.
    func turnOver(shortenedTo frames: Int, edge: Int) {
        let lead = context - edge
        let taken = lead..<min(lead + frames, filled)
        segment = Spectrogram(channels: 2, frames: frames, bins: next.bins)
        segment.replaceFrames(from: 0, by: taken, of: next)
    }
}
