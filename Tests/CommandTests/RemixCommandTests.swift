import Foundation
import TestSupport
import Testing

/// One remixed file, tags and stem.mp4 from the command line.
@Suite(.serialized) struct RemixCommandTests {
    private let program: Program

    init() throws { program = try Program() }

    /// The integers of a 16-bit WAV file.
    private func samples(_ name: String) throws -> [Int] {
        let bytes = [UInt8](try program.bytes(name))
        let start = try #require(Wave.chunk("data", bytes))
        return stride(from: start.lowerBound, to: start.upperBound, by: 2).map {
            Int(Int16(truncatingIfNeeded: Int(bytes[$0]) | Int(bytes[$0 + 1]) << 8))
        }
    }

    /// Runs any program and gives what it wrote.
    private func run(_ name: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [name] + arguments
        process.currentDirectoryURL = program.folder.url
        process.standardInput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let bytes = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return String(decoding: bytes, as: UTF8.self)
    }

    static func has(_ name: String) -> Bool {
        let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
        return folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }
    }

    @Test(arguments: ["drums", "vocals", "other"])
    func withoutAStemIsTheMixtureLessThatStem(stem: String) throws {
        try program.writeNoise("a.wav", seconds: 3)
        #expect(try program.run("a.wav").status == 0)
        let run = try program.run("a.wav", "--mute", stem, "-o", "remixes")
        #expect(run.status == 0)
        #expect(program.files.filter { $0.hasPrefix("remixes/") } == ["remixes/a/remix.wav"])
        let mixture = try samples("a.wav")
        let taken = try samples("separated/a/\(stem).wav")
        let rest = try samples("remixes/a/remix.wav")
        #expect(rest.count == mixture.count)
        // What the remainder is rounded to depends on how the others are: three times half a unit.
        let slack = stem == "other" ? 2 : 0
        #expect(
            mixture.indices.allSatisfy { abs(mixture[$0] - taken[$0] - rest[$0]) <= slack })
    }

    @Test func gainsOfZeroGiveTheInputItself() throws {
        try program.writeNoise("a.wav", seconds: 2)
        #expect(
            try program.run("a.wav", "--gain", "vocals=0,other=0", "--gain", "drums=0").status == 0)
        #expect(try samples("separated/a/remix.wav") == samples("a.wav"))
    }

    @Test func oneFileATrackNeedsNoNameOfAStem() throws {
        try program.writeNoise("a.wav")
        let run = try program.run(
            "a.wav", "--gain", "vocals=-6,bass=off", "--filename", "{track} (quiet).{ext}",
            "--format", "flac")
        #expect(run.status == 0)
        #expect(program.files == ["a.wav", "separated/a (quiet).flac"])
    }

    @Test(arguments: [
        (["--mute", "drums", "--stems", "vocals"], "choose"),
        (["--gain", "drums=3", "--two-stems", "vocals"], "choose"),
        (["--mute", "drums", "--report"], "choose"),
        (["--mute", "drums", "--gain", "drums=3"], "name drums twice"),
        (["--gain", "drums"], "vocals=-6"), (["--gain", "drums=loud"], "vocals=-6"),
        (["--gain", "drums=61"], "up to 60"), (["--mute", "drums,,bass"], "need a stem's name"),
        (["--mute", "piano"], "no stem \"piano\""),
        (["--stem-mp4", "--stems", "vocals"], "needs all stems"),
        (["--stem-mp4", "--mute", "vocals"], "needs all stems"),
    ])
    func contradictionsAreRefused(arguments: [String], sentence: String) throws {
        try program.writeNoise("a.wav")
        let process = program.process(["a.wav"] + arguments)
        let errors = program.folder.url.appending(path: ".errors")
        try Data().write(to: errors)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus != 0)
        #expect(String(decoding: try Data(contentsOf: errors), as: UTF8.self).contains(sentence))
        #expect(program.files == ["a.wav"])
    }

    @Test(.enabled(if: RemixCommandTests.has("ffprobe"), "the ffmpeg programs are not installed"))
    func aFileOfStemsLiesBesideThem() throws {
        try program.writeNoise("a song.wav", seconds: 2, rate: 44_100)
        let run = try program.run("--json", "--stem-mp4", "a song.wav")
        #expect(run.status == 0 && run.errors.isEmpty)
        #expect(run.output.contains(#""kind":"stem.mp4""#) && run.output.contains(#""peak":0."#))
        #expect(
            program.files == [
                "a song.wav", "separated/a song/a song.stem.mp4", "separated/a song/bass.wav",
                "separated/a song/drums.wav", "separated/a song/other.wav",
                "separated/a song/vocals.wav",
            ])
        let words = try self.run(
            "ffprobe",
            [
                "-v", "error", "-show_entries", "stream_tags=handler_name", "-of", "csv=p=0",
                "separated/a song/a song.stem.mp4",
            ])
        #expect(words.split(separator: "\n") == ["Mix", "Drums", "Bass", "Other", "Vocals"])
        let bytes = try program.bytes("separated/a song/a song.stem.mp4")
        #expect(bytes.range(of: Data("\"name\":\"Vocals\"".utf8)) != nil)
        #expect(bytes.range(of: Data("\"mastering_dsp\":{\"compressor\":{".utf8)) != nil)
    }

    @Test func withoutFFmpegAFileOfStemsIsRefusedBeforeAnyWork() throws {
        try program.writeNoise("a.wav")
        let process = program.process(["a.wav", "--stem-mp4"])
        var environment = process.environment ?? [:]
        environment["PATH"] = program.folder.url.path
        process.environment = environment
        let pipe = Pipe()
        process.standardError = pipe
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        let errors = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus != 0)
        #expect(String(decoding: errors, as: UTF8.self).contains("ffmpeg"))
        #expect(program.files == ["a.wav"])
    }

    @Test(.enabled(if: RemixCommandTests.has("ffprobe"), "the ffmpeg programs are not installed"))
    func tagsAndTheBroadcastExtensionReachTheStems() throws {
        try program.writeNoise("raw.wav", seconds: 2)
        _ = try run(
            "ffmpeg",
            [
                "-nostdin", "-v", "error", "-i", "raw.wav", "-metadata", "title=Lied",
                "-metadata", "artist=Ensemble", "-metadata", "originator=Archiv", "-metadata",
                "time_reference=1000", "-write_bext", "1", "in.wav",
            ])
        let run = try program.run("in.wav", "--start", "0.5")
        #expect(run.status == 0 && run.errors.isEmpty)
        let words = try self.run(
            "ffprobe",
            ["-v", "error", "-show_entries", "format_tags", "separated/in/vocals.wav"])
        #expect(words.contains("TAG:title=Lied (vocals)\n"))
        #expect(words.contains("TAG:artist=Ensemble\n"))
        #expect(words.contains("TAG:encoded_by=Archiv\n"))
        #expect(words.contains("TAG:time_reference=5000\n"))
        #expect(words.contains("A=PCM,F=8000,W=16,M=stereo,T=Unbraid;vocals"))
    }

    /// Rate, channels and depth of a recording are those of its stems.
    @Test(
        .enabled(if: RemixCommandTests.has("soxi"), "the sox program is not installed"),
        arguments: [
            ("wav", 11_025, 1, 16), ("wav", 8000, 1, 8), ("flac", 96_000, 2, 24),
            ("wav", 192_000, 2, 24), ("aiff", 48_000, 6, 24), ("wav", 44_100, 2, 32),
        ])
    func theFormOfARecordingIsKept(kind: String, rate: Int, channels: Int, bits: Int) throws {
        _ = try run(
            "sox",
            [
                "-D", "-n", "-r", "\(rate)", "-c", "\(channels)", "-b", "\(bits)", "in.\(kind)",
                "synth", "0.5", "pinknoise", "vol", "0.3",
            ])
        let length = try run("soxi", ["-s", "in.\(kind)"])
        #expect(try program.run("in.\(kind)", "--format", kind).status == 0)
        for stem in ["drums", "bass", "vocals", "other"] {
            let file = "separated/in/\(stem).\(kind)"
            #expect(try run("soxi", ["-r", file]) == "\(rate)\n")
            #expect(try run("soxi", ["-c", file]) == "\(channels)\n")
            #expect(try run("soxi", ["-b", file]) == "\(bits)\n")
            #expect(try run("soxi", ["-s", file]) == length)
        }
    }
}

/// The chunks of WAV files, read once more from scratch.
enum Wave {
    /// Where the content of a chunk lies.
    static func chunk(_ name: String, _ bytes: [UInt8]) -> Range<Int>? {
        var place = 12
        while place + 8 <= bytes.count {
            let size = (0..<4).reduce(0) { $0 | Int(bytes[place + 4 + $1]) << (8 * $1) }
            if bytes[place..<place + 4].elementsEqual(name.utf8) {
                return place + 8..<min(bytes.count, place + 8 + size)
            }
            place += 8 + size + size % 2
        }
        return nil
    }
}
