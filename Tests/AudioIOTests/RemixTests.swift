import AudioIO
import Signal
import Storage
import TestSupport
import Testing

/// One file made of a mixture and its stems.
@Suite struct RemixTests {
    static func set(
        _ gains: [Double], mixture: Double, source: SourceFormat, samples: SampleFormat,
        stems isKept: Bool = false, in scratch: TemporaryFolder
    ) throws -> StemWriterSet {
        let names = (0..<gains.count).map { "stem\($0)" }
        return try StemWriterSet(
            named: names.map {
                StemTarget(Stem($0), path: isKept ? scratch(FilePath("\($0).wav")) : nil)
            },
            remainder: nil,
            remix: RemixTarget(
                Stem("remix"), path: scratch("remix.wav"), mixtureGain: mixture,
                stemGains: gains),
            source: source, format: .wav, samples: samples)
    }

    @Test(arguments: [8, 16, 24, 32])
    func gainsOfOneLeaveTheMixtureAsItIs(bits: Int) throws {
        let scratch = try TemporaryFolder()
        let (mixture, source) = try StemSumTests.source(
            bits: bits, channels: 2, count: 5000, in: scratch)
        let samples = try #require(SampleFormat(bits: bits))
        let set = try Self.set([0], mixture: 1, source: source, samples: samples, in: scratch)
        try StemSumTests.write(
            set, mixture, [Signals.floats(peak: 1, channels: 2, count: 5000)])
        let files = try set.publish()
        #expect(files.map(\.stem.rawValue) == ["remix"] && !files[0].becameFloat)
        #expect(try Content(of: files[0].path).integers == mixture.integers)
    }

    @Test func gainsOfOneKeepEveryBitOfFloats() throws {
        let scratch = try TemporaryFolder()
        var sound = Signals.floats(peak: 1.5, channels: 2, count: 5000)
        sound[0][7] = -0.0
        let facts = try AudioReader(Self.floatFile(sound, in: scratch)).format
        let set = try Self.set([0], mixture: 1, source: facts, samples: .float32, in: scratch)
        try StemSumTests.write(set, SampleBlock(floats: sound), [sound])
        let written = try Content(of: try set.publish()[0].path).floats
        #expect(written.map { $0.map(\.bitPattern) } == sound.map { $0.map(\.bitPattern) })
    }

    static func floatFile(_ sound: [[Float]], in scratch: TemporaryFolder) throws -> FilePath {
        let path = scratch("mix.wav")
        let writer = try AudioWriter(
            path, format: .wav, samples: .float32, sampleRate: 44_100, channels: sound.count)
        try writer.write(floats: sound)
        try writer.publish()
        return path
    }

    @Test(arguments: [8, 16, 24])
    func withoutAStemItIsTheMixtureLessThatStemsIntegers(bits: Int) throws {
        let scratch = try TemporaryFolder()
        let (white, source) = try StemSumTests.source(
            bits: bits, channels: 2, count: 5000, in: scratch)
        let shift = Int32(32 - bits)
        let quiet = try #require(white.integers).map { $0.map { (($0 / 4) >> shift) << shift } }
        let mixture = SampleBlock(integers: quiet)
        // Halves of the least integer are among the values: ties show which way they are rounded.
        let step = Float(1) / Float(1 << bits)
        let drums = Signals.floats(peak: 0.2, channels: 2, count: 5000).map {
            $0.map { ($0 / step).rounded() * step }
        }
        let samples = try #require(SampleFormat(bits: bits))
        let set = try Self.set(
            [-1], mixture: 1, source: source, samples: samples, stems: true, in: scratch)
        try StemSumTests.write(set, mixture, [drums])
        let files = try set.publish()
        #expect(files.map(\.stem.rawValue) == ["stem0", "remix"])
        let wanted = try #require(mixture.integers).map { $0.map { Int($0) >> (32 - bits) } }
        #expect(try StemSumTests.sum(files, bits: bits) == wanted)
    }

    @Test func anyGainsAreRoundedOnce() throws {
        let scratch = try TemporaryFolder()
        let (_, source) = try StemSumTests.source(bits: 16, channels: 1, count: 1, in: scratch)
        let sound = Signals.integers(bits: 16, channels: 1, count: 5000).map { $0.map { $0 / 8 } }
        let mixture = SampleBlock(integers: sound.map { $0.map { ($0 >> 16) << 16 } })
        let stems = (0..<3).map {
            Signals.floats(peak: 0.1, channels: 1, count: 5000, seed: UInt64($0))
        }
        let gains = [0.501187, -0.5, 1.25]
        let set = try Self.set(
            gains, mixture: 0.7, source: source, samples: .int16, in: scratch)
        try StemSumTests.write(set, mixture, stems)
        let written = try #require(try Content(of: try set.publish()[0].path).integers)
        var worst = 0.0
        for sample in 0..<5000 {
            var exact = 0.7 * Double(mixture.integers?[0][sample] ?? 0) / 65_536
            for (stem, gain) in zip(stems, gains) {
                exact += gain * Double(stem[0][sample]) * 32_768
            }
            worst = max(worst, abs(Double(written[0][sample] >> 16) - exact))
        }
        #expect(worst <= 0.5 + 1e-9)
    }

    @Test func whatWouldClipBecomesFloat() throws {
        let scratch = try TemporaryFolder()
        let (mixture, source) = try StemSumTests.source(
            bits: 16, channels: 1, count: 5000, in: scratch)
        let set = try Self.set([0], mixture: 2, source: source, samples: .int16, in: scratch)
        try StemSumTests.write(set, mixture, [mixture.floats])
        let file = try set.publish()[0]
        let highest = mixture.floats[0].map(abs).max() ?? 0
        #expect(file.becameFloat && file.peak == 2 * Double(highest))
        #expect(try Content(of: file.path).floats == mixture.floats.map { $0.map { $0 * 2 } })
    }
}
