import AudioIO
import Foundation
import Storage
import TestSupport
import Testing

/// Files that are not what they seem give an error that says so.
@Suite struct DamageTests {
    static let formats: [(FileFormat, SampleFormat?)] = [
        (.wav, .int16), (.wav, .int24), (.wav, .float32), (.aiff, .int16), (.aiff, .float32),
        (.flac, .int16), (.flac, .int24), (.ogg, nil), (.opus, nil), (.mp3, nil),
    ]

    /// A sound file in memory.
    static func file(
        _ format: FileFormat, _ samples: SampleFormat?, count: Int = 40_000,
        in scratch: TemporaryFolder
    ) throws -> [UInt8] {
        let path = scratch("whole")
        let writer = try AudioWriter(
            path, format: format, samples: samples, sampleRate: 48_000, channels: 2,
            expectedLength: count)
        if let bits = samples?.integerBits {
            try writer.write(integers: Signals.integers(bits: bits, channels: 2, count: count))
        } else {
            try writer.write(floats: Signals.floats(peak: 0.5, channels: 2, count: count))
        }
        try writer.publish(overwriting: true)
        return try scratch.bytes("whole")
    }

    static func isTruncation(_ error: any Error) -> Bool {
        if case .truncated = (error as? AudioFileError)?.code { true } else { false }
    }

    /// Checks that a file without its end is refused, and read up to its end on demand.
    static func checkTruncation(_ whole: [UInt8], to size: Int, in scratch: TemporaryFolder) throws
    {
        try scratch.write(whole, "whole")
        let original = try Content(of: scratch("whole"))
        try scratch.write(Array(whole[..<size]), "cut")
        #expect("\(size) of \(whole.count) bytes") {
            try Content(of: scratch("cut"))
        } throws: {
            isTruncation($0)
        }
        let saved = try Content(of: scratch("cut"), salvage: true)
        #expect(saved.length > 0 && saved.length < original.length)
        #expect(saved.notes.contains { if case .truncated = $0 { true } else { false } })
        if original.format.kind != .lossy {
            #expect(saved.floats == original.floats.map { Array($0[..<saved.length]) })
        }
    }

    @Test(arguments: formats, [0.3, 0.6, 0.95])
    func aFileWithoutItsEndIsNoticed(
        _ format: (FileFormat, SampleFormat?), share: Double
    ) throws {
        let scratch = try TemporaryFolder()
        let whole = try Self.file(format.0, format.1, in: scratch)
        try Self.checkTruncation(whole, to: Int(Double(whole.count) * share), in: scratch)
    }

    @Test(arguments: formats.filter { $0.0 != .mp3 && $0.0 != .flac })
    func oneMissingByteIsNoticed(_ format: (FileFormat, SampleFormat?)) throws {
        let scratch = try TemporaryFolder()
        let whole = try Self.file(format.0, format.1, in: scratch)
        try scratch.write(Array(whole.dropLast()), "cut")
        #expect { try Content(of: scratch("cut")) } throws: { Self.isTruncation($0) }
    }

    @Test(
        .enabled(if: Program.sox != nil, "the sox program is not installed"),
        arguments: ["au", "w64", "caf", "aiff", "wav", "aifc"], [0.3, 0.9])
    func filesOfOtherProgramsWithoutTheirEndAreNoticed(ending: String, share: Double) throws {
        let scratch = try TemporaryFolder()
        _ = try Self.file(.wav, .int24, in: scratch)
        try FileManager.default.moveItem(
            atPath: scratch("whole").description, toPath: scratch("in.wav").description)
        let path = scratch(FilePath("out.\(ending)"))
        try Program.run(Program.sox, [scratch("in.wav").description, path.description])
        let whole = try scratch.bytes(path.name)
        try Self.checkTruncation(whole, to: Int(Double(whole.count) * share), in: scratch)
    }

    @Test(arguments: formats)
    func theStartOfAHeaderIsNoSound(_ format: (FileFormat, SampleFormat?)) throws {
        let scratch = try TemporaryFolder()
        let whole = try Self.file(format.0, format.1, count: 3000, in: scratch)
        for size in [1, 2, 3, 4, 8, 12, 16, 20, 30, 40] {
            try scratch.write(Array(whole[..<size]), "cut")
            for salvage in [false, true] {
                #expect(throws: AudioFileError.self) {
                    try Content(of: scratch("cut"), salvage: salvage, decoder: Program.missing)
                }
            }
        }
    }

    @Test func aWAVFileFromAPipeIsWhole() throws {
        let scratch = try TemporaryFolder()
        var bytes = try Self.file(.wav, .int16, count: 100, in: scratch)
        for placeholder in [0xFFFF_FFFF, 0x7FFF_F000] {
            for index in 0..<4 { bytes[40 + index] = UInt8(placeholder >> (8 * index) & 255) }
            try scratch.write(bytes, "piped")
            #expect(try Content(of: scratch("piped")).length == 100)
        }
    }

    @Test func aDamagedBlockEndsAFLACFile() throws {
        let scratch = try TemporaryFolder()
        var bytes = try Self.file(.flac, .int16, in: scratch)
        let middle = bytes.count / 2
        for index in middle..<middle + 20_000 { bytes[index] = 0x55 }
        try scratch.write(bytes, "damaged")
        #expect {
            try Content(of: scratch("damaged"))
        } throws: {
            guard let error = $0 as? AudioFileError else { return false }
            if case .damaged(let sample) = error.code { return 10_000..<30_000 ~= sample }
            return false
        }
        let saved = try Content(of: scratch("damaged"), salvage: true)
        #expect(10_000..<30_000 ~= saved.length)
        #expect(saved.notes == [.damaged(sample: saved.length)])
    }

    @Test func twoJoinedMP3FilesAreReadToTheEnd() throws {
        let scratch = try TemporaryFolder()
        let one = try Self.file(.mp3, nil, in: scratch)
        let single = try Content(of: scratch("whole")).length
        try scratch.write(one + one, "joined")
        let content = try Content(of: scratch("joined"))
        #expect(content.length >= 2 * single && content.length < 2 * single + 10_000)
        #expect(abs((content.format.length ?? 0) - content.length) < 3000)
    }

    @Test(arguments: [FileFormat.ogg, .opus])
    func joinedOggFilesAreReadToTheEnd(_ format: FileFormat) throws {
        let scratch = try TemporaryFolder()
        let one = try Self.file(format, nil, in: scratch)
        let single = try Content(of: scratch("whole")).floats
        try scratch.write(one + one + one, "joined")
        let content = try Content(of: scratch("joined"), decoder: Program.missing)
        #expect(content.floats == single.map { $0 + $0 + $0 })
        let part = try Content(of: scratch("joined"), start: 1, duration: 0.5)
        #expect(part.floats == content.floats.map { Array($0[48_000..<72_000]) })
        try scratch.write(one + Array(one[..<(one.count / 2)]), "cut")
        #expect { try Content(of: scratch("cut")) } throws: { Self.isTruncation($0) }
    }

    @Test(arguments: [
        (Float.nan, 1, 2), (Float.infinity, 0, 0), (-Float.infinity, 1, 2999),
    ])
    func samplesThatAreNotFiniteAreFound(value: Float, channel: Int, sample: Int) throws {
        let scratch = try TemporaryFolder()
        var sound = Signals.floats(peak: 0.5, channels: 2, count: 3000)
        sound[channel][sample] = value
        let path = scratch("a.wav")
        let writer = try AudioWriter(
            path, format: .wav, samples: .float32, sampleRate: 1_000, channels: 2)
        try writer.write(floats: sound)
        try writer.publish()
        let code = AudioFileError.Code.notFinite(
            channel: channel, sample: sample, seconds: Double(sample) / 1000)
        #expect(throws: AudioFileError(code, path)) { try Content(of: path, block: 700) }
        sound[channel][sample] = 0
        let saved = try Content(of: path, salvage: true, block: 700)
        #expect(saved.floats == sound)
        #expect(
            saved.notes == [.notFiniteReplaced(count: 1, channel: channel, sample: sample)])
    }

    @Test func whatIsNoSoundFileIsNamed() throws {
        let scratch = try TemporaryFolder()
        try scratch.write([], "empty")
        try scratch.write(Array("Dear diary,\nno music today.\n".utf8), "text.txt")
        try scratch.write(Array("RIFF\u{4}\0\0\0WAVE".utf8), "hollow.wav")
        func code(_ path: FilePath) -> AudioFileError.Code? {
            do throws(AudioFileError) {
                _ = try AudioReader(path, decoder: Program.missing)
                return nil
            } catch {
                #expect(error.path == path)
                return error.code
            }
        }
        #expect(code(scratch("none")) == .notFound)
        #expect(code(scratch("empty/none")) == .notFound)
        #expect(code(scratch.path) == .isFolder)
        #expect(code(scratch("empty")) == .emptyFile)
        #expect(code("/dev/null") == .notRegularFile)
        #expect(code(scratch("text.txt")) == .needsFFmpeg)
        #expect(code(scratch("hollow.wav")) == .needsFFmpeg)
    }

    @Test(.enabled(if: geteuid() != 0, "permissions do not bind the root user"))
    func aFileThatMayNotBeReadIsNamed() throws {
        let scratch = try TemporaryFolder()
        let path = scratch("a")
        try scratch.write([1], "a")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0], ofItemAtPath: path.description)
        #expect {
            try AudioReader(path)
        } throws: {
            ($0 as? AudioFileError)?.code == .permissionDenied
        }
    }

    /// A WAV file with a header of our own.
    static func wav(channels: Int, rate: Int, bytes: Int) -> [UInt8] {
        func little(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        return Array("RIFF".utf8) + little(36 + bytes, 4) + Array("WAVEfmt ".utf8)
            + little(16, 4) + little(1, 2) + little(channels, 2) + little(rate, 4)
            + little(rate * channels * 2, 4) + little(channels * 2, 2) + little(16, 2)
            + Array("data".utf8) + little(bytes, 4) + Array(repeating: 0, count: bytes)
    }

    @Test func impossibleHeadersAreRefused() throws {
        let scratch = try TemporaryFolder()
        func code(channels: Int, rate: Int, bytes: Int) throws -> AudioFileError.Code? {
            try scratch.write(Self.wav(channels: channels, rate: rate, bytes: bytes), "a.wav")
            do throws(AudioFileError) {
                _ = try AudioReader(scratch("a.wav"))
                return nil
            } catch {
                return error.code
            }
        }
        #expect(try code(channels: 2, rate: 44_100, bytes: 400) == nil)
        #expect(try code(channels: 8, rate: 768_000, bytes: 1600) == nil)
        #expect(try code(channels: 2, rate: 44_100, bytes: 0) == .noSamples)
        #expect(try code(channels: 9, rate: 44_100, bytes: 1800) == .channelCount(9))
        #expect(try code(channels: 1, rate: 999, bytes: 400) == .sampleRate(999))
        #expect(try code(channels: 1, rate: 768_001, bytes: 400) == .sampleRate(768_001))
        #expect(try code(channels: 0, rate: 44_100, bytes: 400) != nil)
        #expect(try code(channels: 1, rate: 0, bytes: 400) != nil)
    }

    @Test func absurdSizesAreRefused() throws {
        let scratch = try TemporaryFolder()
        func little(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        for size in [Int.max, Int.max - 50, 1 << 62, 1 << 40, -1] {
            for stride in [1, 4, 0xFFFF] {
                let head =
                    Array("RF64".utf8) + little(-1, 4) + Array("WAVEds64".utf8) + little(28, 4)
                    + little(size, 8) + little(size, 8) + little(size, 8) + little(0, 4)
                    + Array("fmt ".utf8) + little(16, 4) + little(1, 2) + little(2, 2)
                    + little(44_100, 4) + little(176_400, 4) + little(stride, 2) + little(16, 2)
                    + Array("data".utf8) + little(-1, 4)
                try scratch.write(head + Array(repeating: 1, count: 400), "absurd")
                #expect(throws: AudioFileError.self) {
                    try Content(of: scratch("absurd"), decoder: Program.missing)
                }
            }
        }
    }

    @Test(
        .enabled(if: Program.sox != nil, "the sox program is not installed"),
        arguments: ["au", "w64", "caf", "aifc", "voc", "paf", "sph", "8svx"])
    func changedBytesOfOtherFormatsNeverTrap(ending: String) throws {
        let scratch = try TemporaryFolder()
        let sound = try Self.file(.wav, .int16, count: 2000, in: scratch)
        try scratch.write(sound, "in.wav")
        let path = scratch(FilePath("out.\(ending)"))
        try Program.run(Program.sox, [scratch("in.wav").description, path.description])
        let whole = try scratch.bytes(path.name)
        var random = Randomness(11)
        var failures = 0
        for round in 0..<150 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place = Int.random(in: 0..<min(100, bytes.count), using: &random)
                bytes[place] =
                    [0, 0xFF, 0x7F, 0x80, UInt8.random(in: 0...255, using: &random)]
                    .randomElement(using: &random) ?? 0
            }
            try scratch.write(bytes, "fuzzed")
            do throws(AudioFileError) {
                _ = try Content(
                    of: scratch("fuzzed"), salvage: round % 2 == 0, decoder: Program.missing)
            } catch {
                failures += 1
            }
        }
        #expect(failures > 0)
    }

    /// Whatever the bytes are, there is an error or a sound, and no trap.
    @Test(arguments: formats)
    func changedBytesNeverTrap(_ format: (FileFormat, SampleFormat?)) throws {
        let scratch = try TemporaryFolder()
        let whole = try Self.file(format.0, format.1, count: 3000, in: scratch)
        var random = Randomness(7)
        var failures = 0
        for round in 0..<120 {
            var bytes = whole
            // Half of the changes lie in the header, where the sizes are.
            let reach = round % 2 == 0 ? min(120, bytes.count) : bytes.count
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let place = Int.random(in: 0..<reach, using: &random)
                bytes[place] =
                    [0, 0xFF, 0x7F, 0x80, UInt8.random(in: 0...255, using: &random)]
                    .randomElement(using: &random) ?? 0
            }
            try scratch.write(bytes, "fuzzed")
            do throws(AudioFileError) {
                let content = try Content(
                    of: scratch("fuzzed"), salvage: round % 3 == 0, decoder: Program.missing)
                #expect(content.floats.allSatisfy { $0.allSatisfy(\.isFinite) })
            } catch {
                failures += 1
            }
        }
        #expect(failures > 0)
    }

    @Test func randomBytesAreNoSound() throws {
        let scratch = try TemporaryFolder()
        var random = Randomness(3)
        for head in ["", "RIFF", "RF64", "riff", "FORM", "caff", ".snd", "OggS", "fLaC", "ID3"] {
            let noise = (0..<3000).map { _ in UInt8.random(in: 0...255, using: &random) }
            try scratch.write(Array(head.utf8) + noise, "noise")
            #expect(throws: AudioFileError.self) {
                try Content(of: scratch("noise"), decoder: Program.missing)
            }
        }
    }
}
