import Foundation
import Storage
import TestSupport
import Testing

struct ModelsCommandTests {
    private let program: Program

    init() throws { program = try Program() }

    @Test func aModelThatIsRightIsListed() throws {
        let run = try program.run("models", "tiny", model: nil)
        #expect(run.status == 0)
        #expect(run.output.hasPrefix("tiny: drums, bass, vocals, other at 8000 Hz"))
    }

    @Test func aNetThatWasChangedIsRefused() throws {
        let file = program.folder.url.appending(path: "models/tiny/bass.onnx")
        try (Data(contentsOf: file) + Data([0])).write(to: file)
        for arguments in [["models", "tiny"], ["--model", "tiny", "a.wav"]] {
            try program.writeNoise("a.wav")
            let errors = program.folder.url.appending(path: ".errors")
            try Data().write(to: errors)
            let process = program.process(arguments, model: nil)
            process.standardOutput = FileHandle.nullDevice
            process.standardError = try FileHandle(forWritingTo: errors)
            try process.run()
            process.waitUntilExit()
            #expect(process.terminationStatus == 1)
            let text = String(decoding: try Data(contentsOf: errors), as: UTF8.self)
            #expect(text.contains("bass.onnx: is not the file that the model's card names"))
        }
        #expect(program.files == ["a.wav"])
    }

    @Test func anOperatorThatIsNotKnownIsNamed() throws {
        let folder = program.folder.url.appending(path: "models/odd")
        try TinyModel.write(to: folder, operators: ["vocals": "Frobnicate"])
        let run = try program.run("models", "odd", model: nil)
        #expect(run.status == 1)
        #expect(run.errors.contains("Frobnicate"))
        #expect(run.errors.contains("vocals.onnx"))
    }

    @Test func aNetThatIsCutShortIsRefused() throws {
        // With a digest that fits: the reader has to notice, not the digest.
        let folder = program.folder.url.appending(path: "models/tiny")
        let net = folder.appending(path: "drums.onnx")
        let card = folder.appending(path: "card.json")
        let whole = try Data(contentsOf: net)
        let text = String(decoding: try Data(contentsOf: card), as: UTF8.self)
        for length in [0, 1, 10, whole.count / 2, whole.count - 3] {
            let part = whole.prefix(length)
            try part.write(to: net)
            let changed = text.replacing(
                SHA256Digest(of: Array(whole)).hex, with: SHA256Digest(of: Array(part)).hex)
            try Data(changed.utf8).write(to: card)
            let run = try program.run("models", "tiny", model: nil)
            #expect(run.status == 1)
            #expect(run.errors.contains("drums.onnx"))
        }
    }

    @Test func aNetOfAnotherShapeThanItsCardIsRefused() throws {
        let folder = program.folder.url.appending(path: "models/odd")
        try TinyModel.write(to: folder)
        let card = folder.appending(path: "card.json")
        let text = String(decoding: try Data(contentsOf: card), as: UTF8.self)
        try Data(text.replacing("\"bins\": 200", with: "\"bins\": 201").utf8).write(to: card)
        let run = try program.run("models", "odd", model: nil)
        #expect(run.status == 1)
        #expect(run.errors.contains("drums.onnx"))
    }

    @Test func aModelThatIsNotThereIsNamed() throws {
        let run = try program.run("models", "nowhere", model: nil)
        #expect(run.status == 1)
        #expect(run.errors.contains("no model \"nowhere\""))
    }
}
