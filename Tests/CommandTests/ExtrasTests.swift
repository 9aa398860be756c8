import Foundation
import TestSupport
import Testing

/// Extras that are asked for after the stems were made: they are made from these, and nothing twice.
@Suite(.serialized) struct ExtrasTests {
    private let program: Program

    init() throws { program = try Program() }

    private func entry(_ name: String = "separated/manifest.jsonl") throws -> [String: Any] {
        let text = String(decoding: try program.bytes(name), as: UTF8.self)
        return try #require(
            try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    private func extras() throws -> [String] {
        let all = try #require(try entry()["extras"] as? [[String: Any]])
        return all.compactMap { $0["path"] as? String }.sorted()
    }

    /// The file's number and time: another one has replaced it where these differ.
    private func identity(_ name: String) throws -> [String] {
        let path = program.folder.url.appending(path: name).path
        let facts = try FileManager.default.attributesOfItem(atPath: path)
        return ["\(facts[.systemFileNumber] ?? "")", "\(facts[.modificationDate] ?? "")"]
    }

    private func stemIdentities() throws -> [[String]] { try program.stems.map(identity) }

    private func remove(_ name: String) throws {
        try FileManager.default.removeItem(at: program.folder.url.appending(path: name))
    }

    @Test func extrasAskedForLaterAreMadeFromTheStems() throws {
        try program.writeNoise("a.wav", seconds: 3)
        try program.writeNoise("bb.wav", seconds: 3)
        #expect(try program.run("a.wav", "bb.wav").status == 0)
        let stems = try stemIdentities()
        let dry = try program.run("a.wav", "--cues", "--cue-formats", "json", "--dry-run")
        #expect(dry.output == "a.wav: done already, but for\n  -> separated/a/cues/\n")
        let later = try program.run(
            "a.wav", "bb.wav", "--cues", "--cue-formats", "json,csv", "--report")
        #expect(later.status == 0)
        #expect(later.output.contains("0 separated, 2 added to"))
        #expect(later.output.contains("a.wav + separated/a/cues/ separated/a/a.report.html"))
        #expect(try stemIdentities() == stems)
        // The same at once gives the same bytes.
        #expect(
            try program.run(
                "a.wav", "bb.wav", "-o", "once", "--cues", "--cue-formats", "json,csv", "--report"
            ).status == 0)
        let made = program.files.filter { $0.hasPrefix("once/") && !$0.hasSuffix("index.html") }
        #expect(made.contains("once/a/a.report.html") && made.contains("once/a/cues/cues.json"))
        for name in made {
            let other = "separated/" + name.dropFirst("once/".count)
            #expect(try program.bytes(name) == program.bytes(other), "\(name)")
        }
        let again = try program.run(
            "a.wav", "bb.wav", "--cues", "--cue-formats", "json", "--report")
        #expect(again.output.contains("0 separated, 2 done already"))
        // Who does not ask for them is not told of them.
        #expect(try program.run("a.wav", "bb.wav").output.contains("0 separated, 2 done already"))
        #expect(try program.run("verify", "separated", model: nil).status == 0)
    }

    @Test func whatIsMissingOfTheExtrasIsMadeAgain() throws {
        try program.writeNoise("a.wav", seconds: 3)
        let arguments = ["a.wav", "--cues", "--cue-formats", "json", "--report"]
        func run() throws -> Program.Run {
            try program.run(arguments[0], arguments[1], arguments[2], arguments[3], arguments[4])
        }
        #expect(try run().status == 0)
        let (stems, cues) = (try stemIdentities(), try program.bytes("separated/a/cues/cues.json"))
        try remove("separated/a/cues/cues.json")
        #expect(try run().output.contains("1 added to"))
        #expect(try program.bytes("separated/a/cues/cues.json") == cues)
        try Data("cut".utf8).write(
            to: program.folder.url.appending(path: "separated/a/a.report.html"))
        let kept = try identity("separated/a/cues/cues.json")
        #expect(try run().output.contains("a.wav + separated/a/a.report.html\n"))
        #expect(try identity("separated/a/cues/cues.json") == kept)
        #expect(try stemIdentities() == stems)
        #expect(try extras() == ["a/a.report.html", "a/cues/cues.json"])
    }

    @Test func moreFormsAndOtherRatesAreMadeAnew() throws {
        try program.writeNoise("a.wav", seconds: 3)
        #expect(try program.run("a.wav", "--cues", "--cue-formats", "json").status == 0)
        let stems = try stemIdentities()
        #expect(try program.run("a.wav", "--cues", "--cue-formats", "midi").status == 0)
        #expect(try extras() == ["a/cues/cues.json", "a/cues/cues.mid"])
        let fine = try program.run("a.wav", "--cues", "--cue-formats", "midi", "--cue-rate", "100")
        #expect(fine.output.contains("1 added to"))
        #expect(try extras() == ["a/cues/cues.json", "a/cues/cues.mid"])
        let loops = try program.run("a.wav", "--loops", "1")
        #expect(loops.status == 0 && loops.output.contains("1 added to"))
        #expect(try program.run("a.wav", "--loops", "1").output.contains("1 done already"))
        #expect(try stemIdentities() == stems)
        #expect(try program.run("verify", "separated", model: nil).status == 0)
    }

    @Test(.enabled(if: RemixCommandTests.has("ffmpeg"), "the ffmpeg programs are not installed"))
    func aStemFileAskedForLaterIsTheOneThatWouldHaveBeenMade() throws {
        try program.writeNoise("a.wav", seconds: 2, rate: 44_100)
        #expect(try program.run("a.wav").status == 0)
        let stems = try stemIdentities()
        let later = try program.run("a.wav", "--stem-mp4")
        #expect(later.status == 0 && later.output.contains("0 separated, 1 added to"))
        #expect(try extras() == ["a/a.stem.mp4"])
        #expect(try stemIdentities() == stems)
        #expect(try program.run("a.wav", "--stem-mp4", "-o", "once").status == 0)
        #expect(
            try program.bytes("separated/a/a.stem.mp4") == program.bytes("once/a/a.stem.mp4"))
        #expect(try program.run("a.wav", "--stem-mp4").output.contains("1 done already"))
        #expect(try program.run("verify", "separated", model: nil).status == 0)
    }

    /// Somebody else's file is not replaced, and what could not be made is tried again.
    @Test func whatIsInTheWayStaysAndIsTold() throws {
        try program.writeNoise("a.wav", seconds: 3)
        #expect(try program.run("a.wav").status == 0)
        try program.folder.write("separated/a/a.report.html", "mine")
        let run = try program.run("a.wav", "--report")
        #expect(run.errors.contains("a.report.html"))
        #expect(try program.bytes("separated/a/a.report.html") == Data("mine".utf8))
        #expect(try extras() == [])
        try remove("separated/a/a.report.html")
        #expect(try program.run("a.wav", "--report").output.contains("1 added to"))
        #expect(try extras() == ["a/a.report.html"])
        #expect((try entry()["warnings"] as? [Any])?.isEmpty == true)
    }

    @Test func aStemThatIsGoneIsMadeWithTheExtras() throws {
        try program.writeNoise("a.wav", seconds: 3)
        #expect(try program.run("a.wav").status == 0)
        try remove("separated/a/bass.wav")
        let run = try program.run("a.wav", "--report")
        #expect(run.status == 0 && run.output.contains("1 separated"))
        #expect(try extras() == ["a/a.report.html"])
        // Forced, all is made again.
        let forced = try program.run("a.wav", "--report", "--force")
        #expect(forced.output.contains("1 separated"))
    }

    /// Killed while extras are added, the track stays done, and the same command adds them.
    @Test func aRunThatIsKilledAmongExtrasGoesOn() throws {
        try program.writeNoise("a.wav", seconds: 200)
        #expect(try program.run("a.wav").status == 0)
        let stems = try stemIdentities()
        let arguments = ["a.wav", "--cues", "--cue-formats", "json", "--report"]
        let process = program.process(arguments)
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        let journal = program.folder.url.appending(path: "separated/unbraid-journal.jsonl")
        while process.isRunning {
            let text = try String(contentsOf: journal, encoding: .utf8)
            if text.contains("\"adds\"") { break }
            usleep(2000)
        }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        // As if the kill had come between the file and the line that tells of it.
        try? remove("separated/a/a.report.html")
        try program.folder.write("separated/a/a.report.html", "torn")
        let again = try program.run("a.wav", "--cues", "--cue-formats", "json", "--report")
        #expect(again.status == 0)
        #expect(again.output.contains("1 added to"), "\(again)")
        #expect(try stemIdentities() == stems)
        #expect(try program.bytes("separated/a/a.report.html").count > 1000)
        #expect(!program.files.contains { $0.contains(".unbraid-") })
        #expect(try program.run("verify", "separated", model: nil).status == 0)
    }

    @Test func extrasThatWouldMeetAreToldBeforeAnythingRuns() throws {
        try program.writeNoise("x/song.wav")
        try program.writeNoise("y/song.wav")
        let name = "{folder}-{track}-{stem}.{ext}"
        let plain = try program.run("x/song.wav", "y/song.wav", "--filename", name, "--dry-run")
        #expect(plain.status == 0)
        let run = try program.run("x/song.wav", "y/song.wav", "--filename", name, "--report")
        #expect(run.status == 2)
        #expect(run.errors.contains("separated/song.report.html: would be written from both"))
        #expect(program.stems.isEmpty)
    }

    @Test func aDryRunShowsWhereTheExtrasGo() throws {
        try program.writeNoise("song.wav")
        let run = try program.run(
            "song.wav", "--cues", "--loops", "2", "--report", "--dry-run", "--filename",
            "{track}_{stem}.{ext}")
        #expect(
            run.output.split(separator: "\n").suffix(3) == [
                "  -> separated/song_cues/", "  -> separated/song_loops/",
                "  -> separated/song.report.html",
            ])
        let json = try program.run("song.wav", "--report", "--dry-run", "--json")
        #expect(json.output.contains("\"extras\":{\"report\":\"separated/song/song.report.html\"}"))
    }
}
