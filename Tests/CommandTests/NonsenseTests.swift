import Foundation
import TestSupport
import Testing

/// Options with values that make no sense: one clear line, exit code 64, and nothing is done.
@Suite(.serialized) struct NonsenseTests {
    private let program: Program

    init() throws {
        program = try Program()
        try program.writeNoise("a.wav")
    }

    private func expectRefusal(_ arguments: [String]) throws {
        let run = try program.run(arguments: arguments + ["a.wav"])
        let what = "\(arguments): \(run.status) \(run.errors)"
        #expect(run.status == 64, "\(what)")
        let lines = run.errors.split(separator: "\n")
        #expect(lines.first?.hasPrefix("Error: ") == true, "\(what)")
        // The cause names the option; below it are at most the help of the option and the usage.
        let option = arguments[0].split(separator: "=")[0]
        #expect(lines.first?.contains(option) == true, "\(what)")
        #expect(lines.count <= 5 && lines.allSatisfy { $0.utf8.count < 400 }, "\(what)")
        #expect(program.files == ["a.wav"], "\(what)")
    }

    @Test(arguments: [
        (
            "--gain",
            [
                "", "vocals", "=", "vocals=", "=3", "vocals=61", "vocals=1e400", "vocals=nan",
                "vocals=inf", "vocals=0x", "vocals=1=2", "vocals=1,vocals=2", "vocals=1,", ",",
                "vocals=6 dB louder", "vocals=--6",
            ]
        ),
        ("--mute", ["", ",", "drums,", "drums,drums", " "]),
        ("--loops", ["0", "-1", "1025", "1.5", "four", "", "99999999999999999999"]),
        ("--cue-rate", ["0", "-60", "1001", "nan", "inf", "fast", ""]),
        ("--cue-formats", ["", ",", "wav", "JSON", "json;csv"]),
        ("--report-sound", ["", "inside", "Embedded"]),
        ("--stem-codec", ["", "mp3", "AAC"]),
        ("--two-stems", ["", " "]),
        ("--stems", ["", ","]),
        ("--start", ["-1", "nan", "inf", "soon", ""]),
        ("--duration", ["0", "-1", "nan", "later", ""]),
        ("--shard", ["", "0/3", "4/3", "1/0", "1", "a/b", "1/2/3", "-1/3"]),
    ])
    func aValueOutOfReasonIsRefused(option: String, values: [String]) throws {
        for value in values {
            // An empty value behind a sign would be no value at all for the parser.
            try expectRefusal(
                value.hasPrefix("-") ? ["\(option)=\(value)"] : [option, value])
        }
    }

    @Test(arguments: [
        ["missing.wav"], ["cues", "missing.wav"], ["verify", "missing"], ["merge", "missing"],
        ["models", "missing"], ["models", "add", "missing.onnx"],
        ["evaluate", "missing", "missing"], ["a.wav", "--model", "missing"],
    ])
    func whatIsNotThereIsToldByEveryCommandInOneWay(arguments: [String]) throws {
        let run = try program.run(arguments: arguments, model: nil)
        #expect(run.status == 1)
        let line = try #require(run.errors.split(separator: "\n").first)
        #expect(line.hasPrefix("unbraid: ") && line.contains("missing"), "\(run.errors)")
    }

    @Test(arguments: [
        ["--mute", "drums", "--two-stems", "vocals"], ["--gain", "drums=1", "--stems", "vocals"],
        ["--mute", "drums", "--gain", "drums=1"],
    ])
    func whatCannotBeMeantTogetherIsRefused(arguments: [String]) throws {
        try expectRefusal(arguments)
    }

    /// Whatever the letters, the program ends by itself with a code that it documents.
    @Test func randomValuesBringNothingDown() throws {
        var state: UInt64 = 7
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
        let pieces = [
            "vocals", "drums", "=", ",", "-", "1", "6", ".", "e", "9", "/", "0", "inf", "%", "{",
            "}", "track", "ü", "\u{301}", " ", "\"", "\\", "..", "\n", "json", "x",
        ]
        let options = [
            "--gain", "--mute", "--loops", "--cue-rate", "--cue-formats", "--two-stems", "--stems",
            "--filename", "--shard", "--start", "--duration", "--report-sound", "--format",
        ]
        for _ in 0..<60 {
            let value = (0..<next(6)).map { _ in pieces[next(pieces.count)] }.joined()
            let arguments = ["\(options[next(options.count)])=\(value)", "--dry-run", "a.wav"]
            let run = try program.run(arguments: arguments)
            #expect([0, 1, 2, 64].contains(run.status), "\(arguments): \(run.status)")
            #expect((run.status == 0) == run.errors.isEmpty, "\(arguments): \(run.errors)")
            #expect(program.files == ["a.wav"])
        }
    }
}
