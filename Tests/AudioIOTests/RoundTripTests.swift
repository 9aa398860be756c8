import AudioIO
import Storage
import TestSupport
import Testing

/// What is written is what is read, whatever the file.
@Suite struct RoundTripTests {
    struct Shape: Sendable, CustomTestStringConvertible {
        var format: FileFormat
        var samples: SampleFormat
        var testDescription: String { "\(format) \(samples)" }
    }

    static let shapes = FileFormat.allCases.flatMap { format in
        format.sampleFormats.map { Shape(format: format, samples: $0) }
    }

    @Test(arguments: shapes, [1, 2, 3, 6, 8])
    func losslessFilesGiveBackTheirSamples(_ shape: Shape, channels: Int) throws {
        let scratch = try TemporaryFolder()
        let path = scratch(FilePath("a.\(shape.format.fileExtension)"))
        let writer = try AudioWriter(
            path, format: shape.format, samples: shape.samples, sampleRate: 44_100,
            channels: channels, expectedLength: 2501)
        if let bits = shape.samples.integerBits {
            let sound = Signals.integers(bits: bits, channels: channels, count: 2501)
            for part in [0..<1, 1..<2000, 2000..<2501] {
                try writer.write(integers: sound.map { Array($0[part]) })
            }
            try writer.publish()
            let content = try Content(of: path)
            #expect(content.integers == sound)
            #expect(content.floats == sound.map { $0.map { Float(Double($0) / 0x1p31) } })
            #expect(content.format.kind == .integer(bits: bits))
        } else {
            let sound = Signals.floats(peak: 3, channels: channels, count: 2501)
            try writer.write(floats: sound)
            try writer.publish()
            let content = try Content(of: path)
            #expect(content.floats == sound)
            #expect(content.integers == nil)
            #expect(content.format.kind == .float(bits: 32))
        }
        #expect(try scratch.names() == [path.name.description])
    }

    @Test(arguments: shapes, [8_000, 11_025, 22_050, 32_000, 48_000, 88_200, 96_000, 192_000])
    func theRateIsKept(_ shape: Shape, rate: Int) throws {
        let scratch = try TemporaryFolder()
        let path = scratch("a")
        let writer = try AudioWriter(
            path, format: shape.format, samples: shape.samples, sampleRate: rate, channels: 1)
        if shape.samples == .float32 {
            try writer.write(floats: [[0.25]])
        } else {
            try writer.write(integers: [[1 << 30]])
        }
        try writer.publish()
        let content = try Content(of: path)
        #expect(content.format.sampleRate == rate && content.format.length == 1)
        #expect(content.floats == (shape.samples == .float32 ? [[0.25]] : [[0.5]]))
    }

    static let all =
        shapes.map { ($0.format, SampleFormat?.some($0.samples)) }
        + [(.ogg, nil), (.opus, nil), (.mp3, nil)]

    @Test(arguments: all)
    func theSameSamplesGiveTheSameBytes(
        _ format: FileFormat, _ samples: SampleFormat?
    ) async throws {
        let scratch = try TemporaryFolder()
        var digests: Set<SHA256Digest> = []
        for turn in 0..<2 {
            // Headers that hold the time of day tell seconds.
            if turn == 1 { try await Task.sleep(for: .milliseconds(1100)) }
            let path = scratch(FilePath("\(turn)"))
            let writer = try AudioWriter(
                path, format: format, samples: samples, sampleRate: 44_100, channels: 2)
            if samples?.integerBits != nil {
                try writer.write(integers: Signals.integers(bits: 8, channels: 2, count: 30_000))
            } else {
                try writer.write(floats: Signals.floats(peak: 0.5, channels: 2, count: 30_000))
            }
            try writer.publish()
            digests.insert(try SHA256Digest(ofFileAt: path))
        }
        #expect(digests.count == 1)
    }

    @Test(arguments: [FileFormat.ogg, .opus, .mp3], [8_000, 44_100, 48_000, 96_000])
    func lossyFilesHoldTheSameTone(_ format: FileFormat, rate: Int) throws {
        let scratch = try TemporaryFolder()
        let path = scratch(FilePath("a.\(format.fileExtension)"))
        let writer = try AudioWriter(
            path, format: format, samples: nil, sampleRate: rate, channels: 2)
        let tone = (0..<2 * rate).map { Tone(frequency: 440, rate: rate).value($0) * 0.5 }
        try writer.write(floats: [tone, tone.map { -$0 }])
        try writer.publish()
        let content = try Content(of: path)
        #expect(content.format.sampleRate == format.rate(for: rate))
        #expect(content.format.kind == .lossy && content.format.channels == 2)
        let fileRate = content.format.sampleRate
        let middle = fileRate / 2..<fileRate * 3 / 2
        let tones = content.floats.map {
            Tone(frequency: 440, rate: fileRate).amplitude(in: Array($0[middle]))
        }
        #expect(tones.allSatisfy { abs($0 - 0.5) < 0.02 }, "\(tones)")
    }

    @Test(arguments: [FileFormat.ogg, .opus])
    func lossyFilesKeepTheirLength(_ format: FileFormat) throws {
        let scratch = try TemporaryFolder()
        let path = scratch("a")
        let writer = try AudioWriter(
            path, format: format, samples: nil, sampleRate: 48_000, channels: 1)
        try writer.write(floats: Signals.floats(peak: 0.2, channels: 1, count: 50_001))
        try writer.publish()
        #expect(try Content(of: path).length == 50_001)
    }

    @Test(arguments: FileFormat.allCases)
    func oneSampleIsEnough(_ format: FileFormat) throws {
        let scratch = try TemporaryFolder()
        let path = scratch("a")
        let samples = format.sampleFormats.contains(.int16) ? SampleFormat.int16 : nil
        let writer = try AudioWriter(
            path, format: format, samples: samples, sampleRate: 44_100, channels: 2)
        if samples == nil {
            try writer.write(floats: [[0.5], [0.25]])
        } else {
            try writer.write(integers: [[1 << 30], [1 << 29]])
        }
        try writer.publish()
        let content = try Content(of: path)
        #expect(content.length >= 1)
        if samples != nil { #expect(content.floats == [[0.5], [0.25]]) }
    }

    @Test(arguments: shapes)
    func aStretchIsCutToTheSample(_ shape: Shape) throws {
        let scratch = try TemporaryFolder()
        let path = scratch("a")
        let writer = try AudioWriter(
            path, format: shape.format, samples: shape.samples, sampleRate: 8_000, channels: 2)
        let sound = Signals.integers(bits: 8, channels: 2, count: 24_000)
        if shape.samples == .float32 {
            try writer.write(floats: SampleBlock(integers: sound).floats)
        } else {
            try writer.write(integers: sound)
        }
        try writer.publish()
        let whole = try Content(of: path)
        let part = try Content(of: path, start: 1.0005, duration: 0.5)
        #expect(part.floats == whole.floats.map { Array($0[8004..<12_004]) })
        let tail = try Content(of: path, start: 2.5, duration: 100, block: 7)
        #expect(tail.floats == whole.floats.map { Array($0[20_000...]) })
        #expect(throws: AudioFileError(.startBeyondEnd(length: 24_000), path)) {
            try AudioReader(path, start: 3)
        }
    }
}

/// A sine, and how much of it is in a sound.
struct Tone {
    var frequency: Double
    var rate: Int

    func value(_ sample: Int) -> Float {
        Float(Sine.of(turns: frequency * Double(sample) / Double(rate)))
    }

    /// The amplitude of the tone by correlation with its sine and cosine.
    func amplitude(in sound: [Float]) -> Double {
        var (real, imaginary) = (0.0, 0.0)
        for (index, value) in sound.enumerated() {
            let turns = frequency * Double(index) / Double(rate)
            real += Double(value) * Sine.of(turns: turns + 0.25)
            imaginary += Double(value) * Sine.of(turns: turns)
        }
        return 2 * (real * real + imaginary * imaginary).squareRoot() / Double(sound.count)
    }
}
