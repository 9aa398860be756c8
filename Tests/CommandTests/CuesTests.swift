import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct CuesTests {
    private let program: Program

    init() throws { program = try Program() }

    private func cues(_ path: String) throws -> [String: Any] {
        let object = try JSONSerialization.jsonObject(with: try program.bytes(path))
        return try #require(object as? [String: Any])
    }

    @Test func theCuesOfASeparationAreThoseOfTheMixAndOfEveryStem() throws {
        try program.writeNoise("a.wav", seconds: 2)
        let run = try program.run("--cues", "a.wav", "--start", "0.5")
        #expect(run.status == 0)
        let sources = try #require(
            try cues("separated/a/cues/cues.json")["sources"] as? [[String: Any]])
        #expect(
            sources.map { $0["name"] as? String } == ["mix", "drums", "bass", "vocals", "other"])
        #expect(sources.allSatisfy { $0["length"] as? Int == 12_000 })
        let names = program.files.filter { $0.hasPrefix("separated/a/cues/") }
        // JSON, MIDI, events and beats, and three files for each source.
        #expect(names.count == 4 + 3 * 5)
        #expect(!run.errors.contains("cues"))
    }

    @Test func filesAreListenedToEachByItselfOrTogether() throws {
        try program.writeNoise("song.wav", rate: 8000, channels: 1)
        try program.writeNoise("drums.wav", rate: 44_100)
        let run = try program.run(
            "cues", "song.wav", "drums.wav", "--cue-formats", "json,midi", "--cue-rate", "25",
            model: nil)
        #expect(run.status == 0)
        #expect(
            program.files == [
                "cues/drums/cues.json", "cues/drums/cues.mid", "cues/song/cues.json",
                "cues/song/cues.mid", "drums.wav", "song.wav",
            ])
        #expect(
            try program.run(
                "cues", "--together", "song.wav", "drums.wav", "-o", "out", model: nil
            ).status == 0)
        let sources = try #require(try cues("out/song/cues.json")["sources"] as? [[String: Any]])
        #expect(sources.map { $0["name"] as? String } == ["mix", "drums"])
        #expect(sources.map { $0["sample_rate"] as? Int } == [8000, 44_100])
    }

    @Test func aBadFileIsNamedAndTheOthersAreDone() throws {
        try program.writeNoise("a.wav")
        try program.folder.write("b.wav", "This is no sound.")
        let run = try program.run("cues", "b.wav", "missing.wav", "a.wav", model: nil)
        #expect(run.status == 1)
        #expect(run.errors.contains("b.wav: ") && run.errors.contains("missing.wav: no such"))
        #expect(program.files.contains("cues/a/cues.json"))
        let again = try program.run("cues", "a.wav", model: nil)
        #expect(again.status == 1)
        #expect(try program.run("cues", "a.wav", "--force", model: nil).status == 0)
    }

    @Test(arguments: [
        (["cues", "a.wav", "--cue-rate", "0"], "--cue-rate"),
        (["cues", "a.wav", "--cue-formats", "json,pdf"], "--cue-formats"),
        (["a.wav", "--loops", "0"], "--loops"),
    ])
    func aWrongRequestIsRefused(arguments: [String], sentence: String) throws {
        try program.writeNoise("a.wav")
        let process = program.process(arguments, model: nil)
        let errors = program.folder.url.appending(path: ".errors")
        try Data().write(to: errors)
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 64)
        #expect(String(decoding: try Data(contentsOf: errors), as: UTF8.self).contains(sentence))
        #expect(program.files == ["a.wav"])
    }

    @Test func twoTracksOfOneNameAreRefused() throws {
        try program.writeNoise("x/a.wav")
        try program.writeNoise("y/a.wav")
        #expect(try program.run("cues", "x/a.wav", "y/a.wav", model: nil).status == 2)
        #expect(program.files == ["x/a.wav", "y/a.wav"])
    }
}
