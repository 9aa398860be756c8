import Signal
import Storage

/// One stem on its way to a file.
final class StemTrack {
    let stem: Stem
    private(set) var writer: AudioWriter
    private(set) var path: FilePath
    private(set) var becameFloat = false
    private var peak = 0.0
    private let expectedLength: Int?
    private let listener: (any StemListening)?
    private let metadata: Metadata
    private var integers: [[Int32]]
    private var floats: [[Float]]

    init(
        _ stem: Stem, path: FilePath, format: FileFormat, samples: SampleFormat?, sampleRate: Int,
        channels: Int, expectedLength: Int?, metadata: Metadata,
        listener: (any StemListening)? = nil
    ) throws(AudioFileError) {
        self.stem = stem
        self.listener = listener
        self.path = path
        self.expectedLength = expectedLength
        self.metadata = metadata.part(stem)
        writer = try AudioWriter(
            path, format: format, samples: samples, sampleRate: sampleRate, channels: channels,
            expectedLength: expectedLength, metadata: self.metadata)
        integers = Array(repeating: [], count: channels)
        floats = Array(repeating: [], count: channels)
    }

    /// Writes values that are integers of a depth; beyond its range the file turns into floats.
    ///
    /// - Parameter values: `[channel][sample]`, the first `count` of each channel.
    func write(
        _ values: [[Double]], count: Int, quantizer: Quantizer
    ) throws(AudioFileError) {
        let extremes = StemTrack.extremes(values, count: count)
        peak = max(peak, max(-extremes.lowerBound, extremes.upperBound) / quantizer.scale)
        let fits = quantizer.range ~= extremes.lowerBound && quantizer.range ~= extremes.upperBound
        if !fits && !becameFloat { try turnIntoFloats() }
        listener?.add(values, count: count, factor: 1 / quantizer.scale)
        if becameFloat {
            let factor = 1 / quantizer.scale
            for channel in values.indices {
                floats[channel].fill(values[channel], count: count, factor: factor)
            }
            try writer.write(floats: floats)
        } else {
            for channel in values.indices {
                quantizer.integers(values[channel], count: count, into: &integers[channel])
            }
            try writer.write(integers: integers)
        }
    }

    /// Writes samples at full scale ±1.
    func write(floats block: [[Float]]) throws(AudioFileError) {
        for channel in block {
            let source = channel.span
            var highest = Float(0)
            for index in source.indices {
                let size = abs(source[index])
                highest = size > highest ? size : highest
            }
            peak = max(peak, Double(highest))
        }
        listener?.add(block)
        try writer.write(floats: block)
    }

    /// The facts, once all is written.
    func facts() -> StemFile {
        StemFile(
            stem: stem, path: path, format: writer.format, samples: writer.samples,
            sampleRate: writer.fileRate, length: writer.length, peak: peak,
            becameFloat: becameFloat, digest: writer.digest)
    }

    /// Carries what was written so far over into a WAV file of floats and goes on there.
    private func turnIntoFloats() throws(AudioFileError) {
        let old = writer
        let name =
            path.fileExtension?.description.lowercased() == old.format.fileExtension
            ? path.replacingExtension(with: "wav") : path
        let new = try AudioWriter(
            name, format: .wav, samples: .float32, sampleRate: old.sampleRate,
            channels: old.channels, expectedLength: expectedLength, metadata: metadata)
        if old.length > 0 {
            try old.finish()
            let reader = try AudioReader(old.pending.temporaryPath)
            var block = reader.makeBlock()
            while try reader.read(into: &block, count: 1 << 14) > 0 {
                try new.write(floats: block.floats)
            }
        }
        old.cancel()
        writer = new
        path = name
        becameFloat = true
    }

    private static func extremes(_ values: [[Double]], count: Int) -> ClosedRange<Double> {
        var low = 0.0
        var high = 0.0
        for channel in values {
            let span = channel.span
            precondition(count <= span.count)
            for index in 0..<count {
                let value = unsafe span[unchecked: index]
                low = value < low ? value : low
                high = value > high ? value : high
            }
        }
        return low...high
    }
}

extension [Float] {
    /// Takes the first values times a factor; an integer of more than 24 bits is rounded.
    fileprivate mutating func fill(_ values: [Double], count length: Int, factor: Double) {
        if count != length { self = Array(repeating: 0, count: length) }
        let source = values.span
        var target = mutableSpan
        for index in 0..<length { target[index] = Float(source[index] * factor) }
    }
}
