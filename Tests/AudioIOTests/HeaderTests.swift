import AudioIO
import Foundation
import Storage
import TestSupport
import Testing

/// The headers of the files that are written, and of large files that are read.
@Suite struct HeaderTests {
    static func little(_ bytes: some Collection<UInt8>) -> Int {
        bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    /// A chunk of a RIFF or RF64 file: where its content begins, and its size.
    static func chunk(_ name: String, in bytes: [UInt8]) -> (start: Int, size: Int)? {
        var place = 12
        while place + 8 <= bytes.count {
            let size = little(bytes[(place + 4)..<(place + 8)])
            if bytes[place..<(place + 4)].elementsEqual(name.utf8) { return (place + 8, size) }
            place += 8 + size + size % 2
        }
        return nil
    }

    @Test(arguments: [SampleFormat.int8, .int16, .int24, .int32, .float32], [1, 2, 6])
    func smallWAVFilesArePlainWAV(_ samples: SampleFormat, channels: Int) throws {
        let scratch = try TemporaryFolder()
        for length in [101, nil] {
            let writer = try AudioWriter(
                scratch("a.wav"), format: .wav, samples: samples, sampleRate: 44_100,
                channels: channels, expectedLength: length)
            if samples == .float32 {
                try writer.write(floats: Signals.floats(peak: 1, channels: channels, count: 101))
            } else {
                try writer.write(
                    integers: Signals.integers(bits: 8, channels: channels, count: 101))
            }
            try writer.publish(overwriting: true)
            let bytes = try scratch.bytes("a.wav")
            #expect(bytes.starts(with: "RIFF".utf8) && bytes[8..<12].elementsEqual("WAVE".utf8))
            #expect(Self.little(bytes[4..<8]) == bytes.count - 8)
            let data = try #require(Self.chunk("data", in: bytes))
            #expect(data.size == 101 * channels * samples.byteCount)
            let format = try #require(Self.chunk("fmt ", in: bytes))
            let tag = Self.little(bytes[format.start..<(format.start + 2)])
            if length != nil && channels <= 2 { #expect(tag == (samples == .float32 ? 3 : 1)) }
            if channels > 2 { #expect(tag == 0xFFFE) }
            // Its second word is the time of day, which would differ from run to run.
            if let peak = Self.chunk("PEAK", in: bytes) {
                #expect(bytes[(peak.start + 4)..<(peak.start + 8)].allSatisfy { $0 == 0 })
            }
        }
    }

    @Test(
        .enabled(if: Program.sox != nil, "the sox program is not installed"),
        arguments: [
            (FileFormat.wav, SampleFormat.int8), (.wav, .int16), (.wav, .int24), (.wav, .int32),
            (.wav, .float32), (.aiff, .int8), (.aiff, .int16), (.aiff, .int24), (.aiff, .int32),
            (.flac, .int16), (.flac, .int24),
        ])
    func anotherProgramReadsTheSameSamples(
        _ format: FileFormat, _ samples: SampleFormat
    ) throws {
        let scratch = try TemporaryFolder()
        let path = scratch(FilePath("a.\(format.fileExtension)"))
        let writer = try AudioWriter(
            path, format: format, samples: samples, sampleRate: 32_000, channels: 3)
        let sound = Signals.integers(bits: samples.integerBits ?? 24, channels: 3, count: 1001)
        if samples == .float32 {
            try writer.write(floats: SampleBlock(integers: sound).floats)
        } else {
            try writer.write(integers: sound)
        }
        try writer.publish()
        try Program.run(
            Program.sox,
            [path.description, "-t", "s32", "-L", scratch("raw").description])
        let raw = try scratch.bytes("raw")
        let wanted = (0..<1001).flatMap { sample in
            (0..<3).flatMap { channel in
                (0..<4).map { UInt8(truncatingIfNeeded: sound[channel][sample] >> (8 * $0)) }
            }
        }
        #expect(raw == wanted)
        let rate = try Program.run(Program.sox, ["--i", "-r", path.description])
        #expect(rate.contains("32000"))
    }

    @Test(.enabled(if: Program.flac != nil, "the flac program is not installed"))
    func theFLACProgramFindsNothingWrong() throws {
        let scratch = try TemporaryFolder()
        let writer = try AudioWriter(
            scratch("a.flac"), format: .flac, samples: .int24, sampleRate: 96_000, channels: 2)
        try writer.write(integers: Signals.integers(bits: 24, channels: 2, count: 9999))
        try writer.publish()
        try Program.run(Program.flac, ["-t", "-s", scratch("a.flac").description])
    }

    /// A file with holes: five GiB that take no room.
    @Test func anRF64FilePastFourGiBIsRead() throws {
        let scratch = try TemporaryFolder()
        let size = 5 << 30
        func little(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        let head =
            Array("RF64".utf8) + little(-1, 4) + Array("WAVEds64".utf8) + little(28, 4)
            + little(size + 72, 8) + little(size, 8) + little(size / 4, 8) + little(0, 4)
            + Array("fmt ".utf8) + little(16, 4) + little(1, 2) + little(2, 2)
            + little(44_100, 4) + little(176_400, 4) + little(4, 2) + little(16, 2)
            + Array("data".utf8) + little(-1, 4)
        let file = try OpenFile.creating(scratch("a.wav"))
        try file.write(head, at: 0)
        let last: [UInt8] = [1, 2, 3, 4]
        try file.write(last, at: head.count + size - 4)
        let end = Double(size / 4 - 10) / 44_100
        let content = try Content(of: scratch("a.wav"), start: end)
        #expect(content.format.length == size / 4 && content.format.container == "RF64")
        #expect(content.length == 10)
        #expect(content.integers?.map(\.last) == [0x0201 << 16, 0x0403 << 16])
    }

    @Test func anAIFFFilePastFourGiBIsRefusedAtOnce() throws {
        let scratch = try TemporaryFolder()
        #expect(throws: AudioFileError(.tooLong, scratch("a.aiff"))) {
            try AudioWriter(
                scratch("a.aiff"), format: .aiff, samples: .int16, sampleRate: 44_100,
                channels: 2, expectedLength: 1 << 30)
        }
        #expect(try scratch.names().isEmpty)
    }

    /// Writes four GiB and more, so it runs only where `UNBRAID_LONG` is set.
    @Test(
        .enabled(
            if: ProcessInfo.processInfo.environment["UNBRAID_LONG"] != nil,
            "UNBRAID_LONG is not set"), arguments: [true, false])
    func aWAVFilePastFourGiBBecomesRF64(isKnown: Bool) throws {
        let scratch = try TemporaryFolder()
        let count = (1 << 27) + 1000
        let writer = try AudioWriter(
            scratch("a.wav"), format: .wav, samples: .int32, sampleRate: 192_000, channels: 8,
            expectedLength: isKnown ? count : nil)
        let block = Signals.integers(bits: 32, channels: 8, count: 1 << 18)
        var written = 0
        while written < count {
            let size = min(count - written, 1 << 18)
            try writer.write(integers: size == 1 << 18 ? block : block.map { Array($0[..<size]) })
            written += size
        }
        try writer.publish()
        let head = try OpenFile.reading(scratch("a.wav")).read(4, at: 0)
        #expect(head == Array("RF64".utf8))
        let start = Double(count - 1000) / 192_000
        let content = try Content(of: scratch("a.wav"), start: start)
        #expect(content.format.length == count)
        #expect(content.integers == block.map { Array($0[..<1000]) })
    }

    @Test func whatAFormatCannotHoldIsRefused() throws {
        let scratch = try TemporaryFolder()
        let impossible: [(FileFormat, SampleFormat?, Int)] = [
            (.flac, .float32, 2), (.flac, .int32, 2), (.mp3, .int16, 2), (.mp3, nil, 3),
            (.wav, nil, 2), (.wav, .int16, 0), (.wav, .int16, 9), (.ogg, .float32, 1),
        ]
        for (format, samples, channels) in impossible {
            #expect(throws: AudioFileError(.impossibleFormat, scratch("a"))) {
                try AudioWriter(
                    scratch("a"), format: format, samples: samples, sampleRate: 44_100,
                    channels: channels)
            }
        }
        #expect(try scratch.names().isEmpty)
    }

    @Test func theSampleFormatFollowsTheSource() {
        #expect(FileFormat.wav.defaultSampleFormat(for: .integer(bits: 8)) == .int8)
        #expect(FileFormat.wav.defaultSampleFormat(for: .integer(bits: 16)) == .int16)
        #expect(FileFormat.wav.defaultSampleFormat(for: .integer(bits: 24)) == .int24)
        #expect(FileFormat.aiff.defaultSampleFormat(for: .integer(bits: 32)) == .int32)
        #expect(FileFormat.wav.defaultSampleFormat(for: .lossy) == .float32)
        #expect(FileFormat.wav.defaultSampleFormat(for: .float(bits: 64)) == .float32)
        #expect(FileFormat.flac.defaultSampleFormat(for: .float(bits: 32)) == .int24)
        #expect(FileFormat.flac.defaultSampleFormat(for: .integer(bits: 32)) == .int24)
        #expect(FileFormat.flac.defaultSampleFormat(for: .integer(bits: 16)) == .int16)
        #expect(FileFormat.mp3.defaultSampleFormat(for: .integer(bits: 16)) == nil)
    }
}
