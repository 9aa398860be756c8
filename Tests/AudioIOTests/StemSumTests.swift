import AudioIO
import Signal
import Storage
import TestSupport
import Testing

/// The stems add up to the mixture, on disk.
@Suite struct StemSumTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var format: FileFormat
        var samples: SampleFormat
        var bits: Int
        var testDescription: String { "\(bits) bit source, \(format) \(samples)" }
    }

    static let cases = [
        Case(format: .wav, samples: .int8, bits: 8),
        Case(format: .wav, samples: .int16, bits: 16),
        Case(format: .wav, samples: .int24, bits: 24),
        Case(format: .wav, samples: .int32, bits: 32),
        Case(format: .flac, samples: .int16, bits: 16),
        Case(format: .flac, samples: .int24, bits: 24),
        Case(format: .aiff, samples: .int16, bits: 16),
        Case(format: .wav, samples: .int24, bits: 16),
        Case(format: .aiff, samples: .int32, bits: 24),
    ]

    /// A source of white integers and its facts.
    static func source(
        bits: Int, channels: Int, count: Int, in scratch: TemporaryFolder
    ) throws -> (SampleBlock, SourceFormat) {
        let path = scratch("mix.wav")
        let writer = try AudioWriter(
            path, format: .wav, samples: SampleFormat(bits: bits),
            sampleRate: 44_100, channels: channels)
        let sound = Signals.integers(bits: bits, channels: channels, count: count)
        try writer.write(integers: sound)
        try writer.publish()
        let format = try AudioReader(path).format
        try FileSystem.remove(path)
        return (SampleBlock(integers: sound), format)
    }

    static func targets(_ names: [String], _ format: FileFormat, in scratch: TemporaryFolder)
        -> [StemTarget]
    {
        names.map {
            StemTarget(Stem($0), path: scratch(FilePath("\($0).\(format.fileExtension)")))
        }
    }

    /// Writes a set in blocks of different sizes.
    static func write(
        _ set: StemWriterSet, _ mixture: SampleBlock, _ stems: [[[Float]]]
    ) throws {
        var start = 0
        var size = 1
        while start < mixture.count {
            let part = start..<min(mixture.count, start + size)
            let block =
                if let integers = mixture.integers {
                    SampleBlock(integers: integers.map { Array($0[part]) })
                } else {
                    SampleBlock(floats: mixture.floats.map { Array($0[part]) })
                }
            try set.write(mixture: block, stems: stems.map { $0.map { Array($0[part]) } })
            start = part.upperBound
            size = size * 3 + 1
        }
    }

    /// The samples of a delivered stem as integers of a depth; floats must lie on its grid.
    static func grid(_ file: StemFile, bits: Int) throws -> [[Int]] {
        let content = try Content(of: file.path)
        if let integers = content.integers {
            return integers.map { $0.map { Int($0) >> (32 - bits) } }
        }
        return try content.floats.map { channel in
            try channel.map { sample in
                let value = Double(sample) * Double(1 << (bits - 1))
                try #require(value == value.rounded())
                return Int(value)
            }
        }
    }

    static func sum(_ files: [StemFile], bits: Int) throws -> [[Int]] {
        let grids = try files.map { try grid($0, bits: bits) }
        return grids[0].indices.map { channel in
            grids[0][channel].indices.map { sample in
                grids.reduce(0) { $0 + $1[channel][sample] }
            }
        }
    }

    @Test(arguments: cases, [1, 2, 5])
    func integerStemsAddUpToTheMixtureExactly(_ shape: Case, channels: Int) throws {
        let scratch = try TemporaryFolder()
        let (mixture, source) = try Self.source(
            bits: shape.bits, channels: channels, count: 4001, in: scratch)
        // A third of full scale each: nothing passes full scale but for the remainder.
        let stems = (0..<3).map {
            Signals.floats(peak: 0.3, channels: channels, count: 4001, seed: UInt64($0))
        }
        let set = try StemWriterSet(
            named: Self.targets(["drums", "bass", "vocals"], shape.format, in: scratch),
            remainder: Self.targets(["other"], shape.format, in: scratch)[0], source: source,
            format: shape.format, samples: shape.samples, expectedLength: 4001)
        try Self.write(set, mixture, stems)
        let files = try set.publish()
        #expect(files.map(\.stem.rawValue) == ["drums", "bass", "vocals", "other"])
        #expect(files.map(\.becameFloat) == [false, false, false, true])
        #expect(files.allSatisfy { $0.length == 4001 && $0.sampleRate == 44_100 })
        #expect(files[3].path == scratch("other.wav"))
        let bits = try #require(shape.samples.integerBits)
        // A remainder of 32 bits that passes full scale has only the 24 bits of a float.
        let named = Array(files[..<3])
        if bits == 32 {
            let rest = try Content(of: files[3].path).floats
            let sum = try Self.sum(named, bits: 32)
            var worst = 0.0
            for channel in 0..<channels {
                for sample in 0..<4001 {
                    let mix = Double(mixture.integers?[channel][sample] ?? 0)
                    let kept = Double(rest[channel][sample]) * 0x1p31
                    worst = max(worst, abs(mix - Double(sum[channel][sample]) - kept))
                }
            }
            #expect(worst <= 0x1p31 * 0x1p-24)
        } else {
            let wanted = try #require(mixture.integers).map { $0.map { Int($0) >> (32 - bits) } }
            #expect(try Self.sum(files, bits: bits) == wanted)
        }
        // Each named stem is its samples rounded.
        let scale = Double(1 << (bits - 1))
        for (file, stem) in zip(named, stems) {
            let rounded = stem.map {
                $0.map { Int((Double($0) * scale).rounded(.toNearestOrEven)) }
            }
            #expect(try Self.grid(file, bits: bits) == rounded)
        }
    }

    @Test(arguments: cases.filter { $0.samples != .int32 })
    func whatPassesFullScaleIsCarriedOverIntoFloats(_ shape: Case) throws {
        let scratch = try TemporaryFolder()
        let (mixture, source) = try Self.source(
            bits: shape.bits, channels: 2, count: 9000, in: scratch)
        let bits = try #require(shape.samples.integerBits)
        var drums = Signals.floats(peak: 0.25, channels: 2, count: 9000)
        drums[1][7000] = 1.5
        // The very ends of the range still fit.
        var bass = drums
        bass[1][7000] = -1
        bass[0][3] = Float((Double(1 << (bits - 1)) - 1) / Double(1 << (bits - 1)))
        let set = try StemWriterSet(
            named: Self.targets(["drums", "bass"], shape.format, in: scratch),
            remainder: Self.targets(["rest"], shape.format, in: scratch)[0], source: source,
            format: shape.format, samples: shape.samples)
        try Self.write(set, mixture, [drums, bass])
        let files = try set.publish()
        #expect(files[0].becameFloat && files[0].samples == .float32 && files[0].format == .wav)
        #expect(files[0].peak == 1.5 && files[0].path.fileExtension == "wav")
        #expect(!files[1].becameFloat && files[1].format == shape.format && files[1].peak == 1)
        let wanted = try #require(mixture.integers).map { $0.map { Int($0) >> (32 - bits) } }
        #expect(try Self.sum(files, bits: bits) == wanted)
        #expect(try scratch.names() == files.map { $0.path.name.description }.sorted())
    }

    @Test func aDeeperSourceAddsUpToItsRounding() throws {
        let scratch = try TemporaryFolder()
        let (mixture, source) = try Self.source(bits: 24, channels: 2, count: 5000, in: scratch)
        let stem = Signals.floats(peak: 0.001, channels: 2, count: 5000)
        let set = try StemWriterSet(
            named: Self.targets(["vocals"], .wav, in: scratch),
            remainder: Self.targets(["no_vocals"], .wav, in: scratch)[0], source: source,
            format: .wav, samples: .int16)
        try Self.write(set, mixture, [stem])
        let wanted = try #require(mixture.integers).map { channel in
            channel.map { min(32_767, Int((Double($0) / 65_536).rounded(.toNearestOrEven))) }
        }
        #expect(try Self.sum(try set.publish(), bits: 16) == wanted)
    }

    @Test func aFloatSourceAddsUpToItsRounding() throws {
        let scratch = try TemporaryFolder()
        let (_, source) = try Self.source(bits: 24, channels: 1, count: 1, in: scratch)
        let mixture = SampleBlock(floats: Signals.floats(peak: 1.2, channels: 1, count: 5000))
        let set = try StemWriterSet(
            named: Self.targets(["vocals"], .wav, in: scratch),
            remainder: Self.targets(["rest"], .wav, in: scratch)[0], source: source,
            format: .wav, samples: .int16)
        try Self.write(set, mixture, [Signals.floats(peak: 0.1, channels: 1, count: 5000)])
        let wanted = mixture.floats.map {
            $0.map { Int((Double($0) * 32_768).rounded(.toNearestOrEven)) }
        }
        #expect(try Self.sum(try set.publish(), bits: 16) == wanted)
    }

    @Test(arguments: [8, 16, 24])
    func floatFilesAddUpWithinAMillionth(bits: Int) throws {
        let scratch = try TemporaryFolder()
        let (mixture, source) = try Self.source(bits: bits, channels: 2, count: 5000, in: scratch)
        let stems = (0..<3).map {
            Signals.floats(peak: 0.4, channels: 2, count: 5000, seed: UInt64($0))
        }
        let set = try StemWriterSet(
            named: Self.targets(["a", "b", "c"], .wav, in: scratch),
            remainder: Self.targets(["rest"], .wav, in: scratch)[0], source: source,
            format: .wav, samples: .float32)
        try Self.write(set, mixture, stems)
        let contents = try set.publish().map { try Content(of: $0.path).floats }
        #expect(contents[0..<3] == stems[...])
        var worst = 0.0
        for channel in 0..<2 {
            for sample in 0..<5000 {
                let sum = contents.reduce(0.0) { $0 + Double($1[channel][sample]) }
                worst = max(worst, abs(sum - Double(mixture.floats[channel][sample])))
            }
        }
        #expect(worst < 2e-7)
    }

    @Test func onlyTheRemainderCanBeWanted() throws {
        let scratch = try TemporaryFolder()
        let (mixture, source) = try Self.source(bits: 16, channels: 1, count: 100, in: scratch)
        let stem = mixture.floats.map { $0.map { $0 / 2 } }
        let set = try StemWriterSet(
            named: [StemTarget(.vocals, path: nil)],
            remainder: StemTarget(Stem("no_vocals"), path: scratch("no_vocals.wav")),
            source: source, format: .wav, samples: .int16)
        try set.write(mixture: mixture, stems: [stem])
        let files = try set.publish()
        #expect(files.map(\.stem.rawValue) == ["no_vocals"])
        let wanted = mixture.floats.map { channel in
            channel.map { sample in
                let whole = Int(sample * 32_768)
                return whole - Int((Double(whole) / 2).rounded(.toNearestOrEven))
            }
        }
        #expect(try Self.grid(files[0], bits: 16) == wanted)
    }

    @Test func aSetAppearsAsAWholeOrNotAtAll() throws {
        let scratch = try TemporaryFolder()
        let (mixture, source) = try Self.source(bits: 16, channels: 1, count: 100, in: scratch)
        func begin() throws -> StemWriterSet {
            let set = try StemWriterSet(
                named: Self.targets(["a", "b"], .wav, in: scratch), remainder: nil,
                source: source, format: .wav, samples: .int16)
            try set.write(mixture: mixture, stems: [mixture.floats, mixture.floats])
            return set
        }
        let cancelled = try begin()
        #expect(try scratch.names().allSatisfy { PendingFile.isTemporary(FilePath($0)) })
        cancelled.cancel()
        #expect(try scratch.names().isEmpty)
        do { _ = try begin() }
        #expect(try scratch.names().isEmpty)

        try OpenFile.creating(scratch("b.wav")).write([1], at: 0)
        let blocked = try begin()
        #expect {
            try blocked.publish()
        } throws: {
            guard let error = $0 as? AudioFileError else { return false }
            return error.code == .alreadyExists && error.path == scratch("b.wav")
        }
        blocked.cancel()
        #expect(try scratch.names() == ["b.wav"])
        _ = try begin().publish(overwriting: true)
        #expect(try scratch.names() == ["a.wav", "b.wav"])
        #expect(try Content(of: scratch("b.wav")).length == 100)
    }

    @Test(arguments: [SampleFormat.int16, .float32], [Float.nan, .infinity, -.infinity, 1e30])
    func aStemThatIsNoSoundIsAnError(_ samples: SampleFormat, value: Float) throws {
        let scratch = try TemporaryFolder()
        let (mixture, source) = try Self.source(bits: 16, channels: 2, count: 100, in: scratch)
        var stem = mixture.floats
        stem[1][37] = value
        let set = try StemWriterSet(
            named: Self.targets(["vocals"], .wav, in: scratch),
            remainder: Self.targets(["rest"], .wav, in: scratch)[0], source: source,
            format: .wav, samples: samples)
        try set.write(mixture: mixture, stems: [mixture.floats])
        let code = AudioFileError.Code.unusableStem(name: "vocals", channel: 1, sample: 137)
        #expect(throws: AudioFileError(code, scratch("vocals.wav"))) {
            try set.write(mixture: mixture, stems: [stem])
        }
    }

    @Test(arguments: [FileFormat.ogg, .opus, .mp3])
    func lossyStemsAreWritten(_ format: FileFormat) throws {
        let scratch = try TemporaryFolder()
        let (mixture, source) = try Self.source(bits: 16, channels: 2, count: 30_000, in: scratch)
        let set = try StemWriterSet(
            named: Self.targets(["vocals"], format, in: scratch),
            remainder: Self.targets(["rest"], format, in: scratch)[0], source: source,
            format: format, samples: nil)
        try Self.write(set, mixture, [mixture.floats.map { $0.map { $0 / 2 } }])
        let files = try set.publish()
        #expect(files.allSatisfy { $0.samples == nil && !$0.becameFloat })
        for file in files { #expect(try Content(of: file.path).format.channels == 2) }
    }
}
