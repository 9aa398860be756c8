import AudioIO
import Foundation
import Storage
import TestSupport
import Testing

/// What libsndfile cannot read comes through the `ffmpeg` program.
@Suite(
    .enabled(if: Program.ffmpeg != nil, "the ffmpeg program is not installed"))
struct FFmpegTests {
    /// A WAV file of two seconds in the folder, as `in.wav`.
    static func makeInput(
        in scratch: TemporaryFolder, samples: SampleFormat = .int16, channels: Int = 2
    ) throws -> [[Int32]] {
        let sound = Signals.integers(
            bits: try #require(samples.integerBits), channels: channels, count: 88_200)
        let writer = try AudioWriter(
            scratch("in.wav"), format: .wav, samples: samples, sampleRate: 44_100,
            channels: channels, expectedLength: 88_200)
        try writer.write(integers: sound)
        try writer.publish()
        return sound
    }

    static func convert(_ arguments: [String], to name: FilePath, in scratch: TemporaryFolder)
        throws
    {
        let input = ["-nostdin", "-v", "error", "-y", "-i", scratch("in.wav").description]
        try Program.run(
            Program.ffmpeg, input + arguments + ["file:" + scratch(name).description])
    }

    @Test(arguments: [
        (SampleFormat.int16, "alac", "a.m4a"), (.int24, "alac", "a.m4a"),
        (.int16, "wavpack", "a.wv"), (.int24, "wavpack", "a.wv"), (.int16, "tta", "a.tta"),
    ])
    func losslessCodesKeepTheirIntegers(
        samples: SampleFormat, codec: String, name: String
    ) throws {
        let scratch = try TemporaryFolder()
        let sound = try Self.makeInput(in: scratch, samples: samples)
        let depth = samples == .int24 ? ["-sample_fmt", codec == "alac" ? "s32p" : "s32p"] : []
        try Self.convert(
            ["-c:a", codec] + (codec == "tta" ? [] : depth), to: FilePath(name), in: scratch)
        let content = try Content(of: scratch(FilePath(name)))
        #expect(content.integers == sound)
        #expect(content.format.decoder == .ffmpeg && content.format.codec == codec)
        #expect(content.format.sampleRate == 44_100 && content.format.channels == 2)
        if codec == "alac" {
            #expect(content.format.kind == .integer(bits: samples.integerBits ?? 0))
        }
    }

    @Test(arguments: [("aac", "a.m4a"), ("wmav2", "a.wma"), ("aac", "a.mkv"), ("aac", "a.aac")])
    func lossyCodesBecomeFloats(codec: String, name: String) throws {
        let scratch = try TemporaryFolder()
        _ = try Self.makeInput(in: scratch)
        try Self.convert(["-c:a", codec], to: FilePath(name), in: scratch)
        let content = try Content(of: scratch(FilePath(name)))
        #expect(content.format.kind == .lossy && content.integers == nil)
        #expect(abs(content.length - 88_200) < 6000, "\(content.length)")
        #expect(content.format.length == nil)
    }

    @Test func whatNeitherReadsIsNoSound() throws {
        let scratch = try TemporaryFolder()
        try scratch.write(Array("Dear diary,\nno music today.\n".utf8), "text.txt")
        #expect {
            try AudioReader(scratch("text.txt"))
        } throws: {
            guard let error = $0 as? AudioFileError else { return false }
            return error.code == .notAudio && error.reason?.isEmpty == false
        }
    }

    @Test func withoutTheProgramThatIsSaid() throws {
        let scratch = try TemporaryFolder()
        _ = try Self.makeInput(in: scratch)
        try Self.convert(["-c:a", "alac"], to: "a.m4a", in: scratch)
        #expect {
            try AudioReader(scratch("a.m4a"), decoder: Program.missing)
        } throws: {
            guard let error = $0 as? AudioFileError else { return false }
            return error.code == .needsFFmpeg && error.reason?.isEmpty == false
        }
    }

    @Test(arguments: [1, 3, 6, 8])
    func channelsAreKept(channels: Int) throws {
        let scratch = try TemporaryFolder()
        let sound = try Self.makeInput(in: scratch, channels: channels)
        try Self.convert(["-c:a", "wavpack"], to: "a.wv", in: scratch)
        #expect(try Content(of: scratch("a.wv")).integers == sound)
    }

    @Test func theSoundOfAVideoIsRead() throws {
        let scratch = try TemporaryFolder()
        let sound = try Self.makeInput(in: scratch)
        try Self.convert(
            ["-f", "lavfi", "-i", "color=size=64x64:duration=2", "-c:a", "pcm_s16le"],
            to: "a.mov", in: scratch)
        #expect(try Content(of: scratch("a.mov")).integers == sound)
    }

    @Test(arguments: ["-i", "http:a.m4a", "a b'\"$(x).m4a", "concat:a|b", "%d.m4a", "pipe:0"])
    func namesAreNotTakenForOptionsOrAddresses(name: String) throws {
        let scratch = try TemporaryFolder()
        let sound = try Self.makeInput(in: scratch)
        try Self.convert(["-c:a", "alac", "-f", "ipod"], to: "plain.m4a", in: scratch)
        let bytes = try scratch.bytes("plain.m4a")
        try scratch.write(bytes, FilePath(name))
        #expect(try Content(of: scratch(FilePath(name))).integers == sound)
    }

    @Test func aNameThatIsNoTextIsRead() throws {
        let scratch = try TemporaryFolder()
        let sound = try Self.makeInput(in: scratch)
        try Self.convert(["-c:a", "alac"], to: "plain.m4a", in: scratch)
        let name = FilePath(bytes: [0xE9, 0xFF, 0x2E, 0x6D])
        try scratch.write(try scratch.bytes("plain.m4a"), name)
        #expect(try Content(of: scratch(name)).integers == sound)
    }

    @Test func aPlaylistDoesNotOpenOtherAddresses() throws {
        let scratch = try TemporaryFolder()
        let list = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n"
        try scratch.write(Array(list.utf8), "a.m3u8")
        #expect(throws: AudioFileError.self) { try Content(of: scratch("a.m3u8")) }
    }

    @Test(arguments: [("wavpack", "a.wv"), ("alac", "a.m4a"), ("wmav2", "a.wma")], [0.5, 0.97])
    func aFailingProgramIsAnError(codec: (String, String), share: Double) throws {
        let scratch = try TemporaryFolder()
        _ = try Self.makeInput(in: scratch)
        let faststart = codec.1 == "a.m4a" ? ["-movflags", "faststart"] : []
        try Self.convert(["-c:a", codec.0] + faststart, to: FilePath(codec.1), in: scratch)
        let whole = try scratch.bytes(FilePath(codec.1))
        try scratch.write(Array(whole[..<Int(Double(whole.count) * share)]), "cut")
        #expect {
            try Content(of: scratch("cut"))
        } throws: {
            guard let error = $0 as? AudioFileError else { return false }
            if case .decoderFailed = error.code { return error.reason != nil }
            return false
        }
        let saved = try Content(of: scratch("cut"), salvage: true)
        #expect(saved.length > 20_000 && saved.length < 88_200)
    }

    @Test func aStretchOfADecodedFileIsCutToTheSample() throws {
        let scratch = try TemporaryFolder()
        let sound = try Self.makeInput(in: scratch)
        try Self.convert(["-c:a", "alac"], to: "a.m4a", in: scratch)
        let part = try Content(of: scratch("a.m4a"), start: 0.5, duration: 0.25)
        #expect(part.integers == sound.map { Array($0[22_050..<33_075]) })
        #expect(throws: AudioFileError(.startBeyondEnd(length: 88_200), scratch("a.m4a"))) {
            try Content(of: scratch("a.m4a"), start: 2)
        }
    }

    @Test func readersThatAreLetGoLeaveNoProgramBehind() throws {
        let scratch = try TemporaryFolder()
        _ = try Self.makeInput(in: scratch)
        try Self.convert(["-c:a", "alac"], to: "a.m4a", in: scratch)
        for _ in 0..<5 {
            let reader = try AudioReader(scratch("a.m4a"))
            var block = reader.makeBlock()
            _ = try reader.read(into: &block, count: 10)
        }
        let children = try? String(
            contentsOfFile: "/proc/self/task/\(getpid())/children", encoding: .utf8)
        let names = (children ?? "").split(separator: " ").compactMap {
            try? String(contentsOfFile: "/proc/\($0)/cmdline", encoding: .utf8)
        }
        #expect(!names.contains { $0.contains(scratch.path.description) })
    }

    @Test(arguments: [1, 2])
    func aVariableBitrateWithoutATagIsReadToTheEnd(seconds: Int) throws {
        let scratch = try TemporaryFolder()
        _ = try Self.makeInput(in: scratch)
        // Noise first and near silence after it: a length guessed from the first blocks is short.
        let quiet = "volume=enable='gte(t,\(Double(seconds) / 4))':volume=0.00001"
        try Self.convert(
            ["-af", quiet, "-q:a", "4", "-write_xing", "0"], to: "a.mp3", in: scratch)
        let content = try Content(of: scratch("a.mp3"))
        #expect(content.length >= 88_200 && content.length < 95_000, "\(content.length)")
        #expect(content.format.decoder == .libsndfile)
        #expect(abs((content.format.length ?? 0) - content.length) < 3000)
        let late = try Content(of: scratch("a.mp3"), start: 1.5)
        let from = content.format.sampleRate * 3 / 2
        #expect(late.floats == content.floats.map { Array($0[from...]) })
    }
}
