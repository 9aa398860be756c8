import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct SeparateTests {
    private let program: Program

    init() throws { program = try Program() }

    @Test func badInputsAreNamedAndGoodOnesSeparated() throws {
        try program.writeNoise("a.wav")
        try program.writeNoise("b.wav", rate: 11_025, channels: 1)
        try program.folder.write("notaudio.txt", "This is no sound.")
        let run = try program.run("a.wav", "missing.wav", "notaudio.txt", "b.wav")
        #expect(run.status == 1)
        #expect(run.errors.contains("missing.wav: no such file or folder"))
        #expect(run.errors.contains("notaudio.txt: "))
        #expect(run.output.contains("2 separated, 2 failed"))
        #expect(
            program.files == [
                "a.wav", "b.wav", "notaudio.txt", "separated/a/bass.wav",
                "separated/a/drums.wav", "separated/a/other.wav", "separated/a/vocals.wav",
                "separated/b/bass.wav", "separated/b/drums.wav", "separated/b/other.wav",
                "separated/b/vocals.wav",
            ])
    }

    @Test func twoInputsOfOneNameAreRefusedBeforeAnyWork() throws {
        try program.writeNoise("x/a.wav")
        try program.writeNoise("y/a.wav")
        try program.writeNoise("z/b.wav")
        let run = try program.run("x/a.wav", "z/b.wav", "y/a.wav")
        #expect(run.status == 2)
        #expect(run.errors.contains("from both x/a.wav and y/a.wav"))
        #expect(program.files == ["x/a.wav", "y/a.wav", "z/b.wav"])
    }

    @Test func aTreeIsMirrored() throws {
        try program.writeNoise("music/one/a.wav")
        try program.writeNoise("music/two/a.wav")
        try program.folder.write("music/two/cover.jpg", "picture")
        let run = try program.run("-r", "music", "-o", "out", "--two-stems", "vocals")
        #expect(run.status == 0)
        #expect(
            program.files.filter { $0.hasPrefix("out/") } == [
                "out/one/a/no_vocals.wav", "out/one/a/vocals.wav", "out/two/a/no_vocals.wav",
                "out/two/a/vocals.wav",
            ])
    }

    @Test func aDryRunSaysWhatWouldBeWrittenAndWritesNothing() throws {
        try program.writeNoise("a.wav")
        let run = try program.run(
            "--dry-run", "a.wav", "--stems", "vocals,bass", "--filename", "{stem}-{track}.{ext}",
            "--format", "flac")
        #expect(run.status == 0)
        #expect(run.output == "a.wav\n  -> separated/bass-a.flac\n  -> separated/vocals-a.flac\n")
        #expect(program.files == ["a.wav"])
    }

    @Test(arguments: [
        (["--format", "flac", "--int24"], "flac", "fLaC"), (["--format", "aiff"], "aiff", "FORM"),
        (["--format", "ogg"], "ogg", "OggS"), (["--format", "opus"], "opus", "OggS"),
        (["--float32"], "wav", "RIFF"),
    ])
    func theFormatIsTheOneAskedFor(options: [String], suffix: String, magic: String) throws {
        try program.writeNoise("a.wav")
        let process = program.process(["a.wav"] + options)
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        let head = try program.bytes("separated/a/drums.\(suffix)").prefix(4)
        #expect(String(decoding: head, as: UTF8.self) == magic)
    }

    @Test func everyLineOfJSONIsAnObjectAndTheLastSaysHowItEnded() throws {
        try program.writeNoise("a.wav")
        let run = try program.run("--json", "a.wav", "missing.wav")
        #expect(run.status == 1)
        let events = try run.output.split(separator: "\n").map { line in
            try #require(
                JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        let names = events.compactMap { $0["event"] as? String }
        #expect(
            names.filter { $0 != "progress" } == [
                "planned", "failed", "started", "separated", "ended",
            ])
        #expect(events.last?["separated"] as? Int == 1)
        #expect(events.last?["failed"] as? Int == 1)
    }

    @Test func stemsAreTheSameBitsOnAnyThreadsAndJobs() throws {
        for name in ["a", "bb", "ccc"] { try program.writeNoise("\(name).wav", seconds: 7) }
        let choices = [["--threads", "1"], ["--threads", "3"], ["-j", "2"], ["-j", "3"]]
        var first: [Data] = []
        for choice in choices {
            let process = program.process(
                ["-q", "--force", "a.wav", "bb.wav", "ccc.wav"] + choice)
            try process.run()
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
            let stems = try ["a/drums", "bb/vocals", "ccc/other"].map {
                try program.bytes("separated/\($0).wav")
            }
            if first.isEmpty { first = stems }
            #expect(stems == first)
        }
    }

    @Test func stemsThatExistAreReplacedOnlyByForce() throws {
        try program.writeNoise("a.wav")
        #expect(try program.run("a.wav").status == 0)
        try FileManager.default.removeItem(
            at: program.folder.url.appending(path: "separated/unbraid-journal.jsonl"))
        let again = try program.run("a.wav")
        #expect(again.status == 1)
        #expect(again.errors.contains("--force replaces it"))
        #expect(try program.run("--force", "a.wav").status == 0)
    }

    @Test func anInterruptedRunLeavesNothingBehind() throws {
        try program.writeNoise("long.wav", seconds: 2400)
        let process = program.process(["long.wav", "--threads", "1"])
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        // Until the stems are begun under their temporary names.
        while process.isRunning, !program.folder.files.contains(where: { $0.hasSuffix(".part") }) {
            Thread.sleep(forTimeInterval: 0.002)
        }
        process.interrupt()
        process.waitUntilExit()
        #expect(process.terminationStatus == 130)
        #expect(program.files == ["long.wav"])
        #expect(!program.folder.files.contains { $0.hasSuffix(".part") })
    }

    @Test(arguments: [
        (["a.wav", "--stems", "piano"], "no stem \"piano\""),
        (["a.wav", "--two-stems", "piano"], "no stem \"piano\""),
        (["a.wav", "--int16", "--float32"], "exclude each other"),
        (["a.wav", "--format", "flac", "--float32"], "cannot hold"),
        (["a.wav", "--filename", "{track}"], "no {stem}"),
        (["a.wav", "--filename", "../{stem}"], "out of the output folder"),
        (["a.wav", "--start", "-1"], "--start"), (["a.wav", "--duration", "nan"], "--duration"),
        (["a.wav", "-j", "0"], "--jobs"), (["a.wav", "--threads", "0"], "--threads"),
        (["a.wav", "--start", "99"], "ends before --start"), (["."], "-r walks folders"),
        ([], "Missing expected argument"),
    ])
    func aWrongRequestIsRefusedWithASentence(arguments: [String], sentence: String) throws {
        try program.writeNoise("a.wav")
        let errors = program.folder.url.appending(path: ".errors")
        try Data().write(to: errors)
        let process = program.process(arguments)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus != 0)
        #expect(process.terminationReason == .exit)
        #expect(String(decoding: try Data(contentsOf: errors), as: UTF8.self).contains(sentence))
        #expect(program.files == ["a.wav"])
    }

    @Test func memoryDoesNotGrowWithTheTrack() throws {
        func peak(seconds: Double) throws -> Double {
            try program.writeNoise("a.wav", seconds: seconds, channels: 1)
            let process = Process()
            process.executableURL = Program.binaries.appending(path: "unbraid-bench")
            process.arguments = [
                "track", "a.wav", "--model", "models/tiny", "--threads", "1", "--json",
            ]
            process.currentDirectoryURL = program.folder.url
            let pipe = Pipe()
            process.standardOutput = pipe
            try process.run()
            let output = pipe.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            let facts = try JSONSerialization.jsonObject(with: output) as? [String: Any]
            return try #require(facts?["peak_memory_bytes"] as? Double)
        }
        let short = try peak(seconds: 240)
        // Which of a bounded number of buffers are in use at once is chance on a busy machine; what
        // grows with the track is there in every run.
        var long = Double.infinity
        for _ in 0..<3 where long >= 1.1 * short { long = min(long, try peak(seconds: 3600)) }
        #expect(long < 1.1 * short)
    }
}
