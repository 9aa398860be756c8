import AudioIO
import Reports

/// What the page is to know of the mix or of a stem, gathered while its samples pass once.
///
/// Unchecked because each pass is one thread's at a time: all threads that read are waited for before
/// the next step.
final class LanePass: @unchecked Sendable {
    /// The samples that are passing, `[channel][sample]`.
    private(set) var block: [[Float]]

    private let reader: AudioReader?
    private var buffer: SampleBlock?
    private var outline: WaveformOverview
    private let painter: SpectrogramPainter
    private var cutter: ClipCutter?
    private var clip: (index: Int, bytes: [UInt8])?

    /// Columns of the outline for each point of a wide screen.
    private static let columns = 1600

    /// A pass that has not begun.
    ///
    /// - Parameters:
    ///   - reader: the file; nil where the samples are given by ``sum(_:)``.
    ///   - length: samples a channel that will pass.
    ///   - hasClips: whether clips of the sound are wanted.
    init(
        _ reader: AudioReader?, length: Int, channels: Int, sampleRate: Int,
        scale: SpectrogramScale, hasClips: Bool
    ) {
        self.reader = reader
        buffer = reader?.makeBlock()
        block = Array(repeating: [], count: channels)
        outline = WaveformOverview(length: length, channels: channels, columns: Self.columns)
        painter = SpectrogramPainter(
            length: length, channels: channels, sampleRate: sampleRate, scale: scale)
        if hasClips {
            cutter = ClipCutter(channels: channels, sampleRate: sampleRate, length: length)
        }
    }

    /// Reads the next samples; a lossy file that ends early goes on with silence.
    func read(_ count: Int) throws {
        guard let reader, var buffer else { return }
        self.buffer = nil
        var done = 0
        for channel in block.indices { block[channel].removeAll(keepingCapacity: true) }
        while done < count {
            let read = try reader.read(into: &buffer, count: count - done)
            if read == 0 { break }
            for channel in block.indices { block[channel] += buffer.floats[channel] }
            done += read
        }
        self.buffer = buffer
        for channel in block.indices {
            block[channel] += repeatElement(0, count: count - block[channel].count)
        }
        pass()
    }

    /// Takes the sum of other lanes' samples.
    func sum(_ lanes: [LanePass]) {
        for channel in block.indices {
            var sum = lanes[0].block[channel]
            for lane in lanes.dropFirst() {
                let part = lane.block[channel]
                let source = part.span
                var target = sum.mutableSpan
                for index in source.indices { target[index] += source[index] }
            }
            block[channel] = sum
        }
        pass()
    }

    private func pass() {
        outline.push(block)
        painter.push(block)
        cutter?.push(block)
    }

    /// Whether a clip can be made.
    func hasClip(atEnd: Bool) -> Bool { cutter?.hasClip(atEnd: atEnd) ?? false }

    /// Makes the next clip, if there is one to make.
    func encodeClip(atEnd: Bool) throws {
        guard let (index, samples) = cutter?.next(atEnd: atEnd) else { return }
        clip = (index, try OpusClip.encode(samples))
    }

    /// Gives the clip that was made last.
    func takeClip() -> (index: Int, bytes: [UInt8])? {
        defer { clip = nil }
        return clip
    }

    /// Ends the pass.
    func lane(name: String) throws -> TrackPage.Lane {
        TrackPage.Lane(name: name, outline: outline, picture: try painter.finish())
    }
}
