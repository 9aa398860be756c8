import Foundation
import TestSupport
import Testing

struct AddModelTests {
    private let program: Program

    init() throws { program = try Program() }

    @Test func aNetIsAddedAndSeparates() throws {
        let net = TinyModel.net("Identity", shape: [1, 4, 100, 40])
        try Data(net).write(to: program.folder.url.appending(path: "net.onnx"))
        let added = try program.run(
            "models", "add", "net.onnx", "--folder", "models", "--n-fft", "256", "--hop", "64",
            "--stem", "vocals", "--compensation", "0.5", model: nil)
        #expect(added.status == 0, "\(added.errors)")
        #expect(added.output.hasPrefix("added net: vocals at 44100 Hz, "))
        try program.writeNoise("a.wav", rate: 44_100)
        let run = try program.run("a.wav", "--model", "net", "--float32", model: nil)
        #expect(run.status == 0, "\(run.errors)")
        #expect(
            program.files == [
                "a.wav", "net.onnx", "separated/a/instrumental.wav", "separated/a/vocals.wav",
            ])
    }

    @Test(arguments: [
        (["net.onnx"], "tell it by --n-fft and --stem"),
        (["net.onnx", "--n-fft", "100", "--stem", "vocals"], "--n-fft cannot be 100"),
        (["net.onnx", "--n-fft", "256", "--hop", "64", "--stem", "../x"], "--stem cannot be ../x"),
        (["net.onnx", "--name", "../x", "--n-fft", "256", "--hop", "64", "--stem", "v"], "name"),
        (["nothing.onnx"], "no such file"), (["models"], "is no Spleeter archive"),
        (["models/tiny", "--name", "tiny"], "exists"), (["cut.tar.gz"], "gzipped tar archive"),
    ])
    func whatCannotBeAddedIsRefusedWithASentence(arguments: [String], sentence: String) throws {
        let folder = program.folder.url
        let net = TinyModel.net("Identity", shape: [1, 4, 100, 40])
        try Data(net).write(to: folder.appending(path: "net.onnx"))
        try Data([0x1f, 0x8b, 8]).write(to: folder.appending(path: "cut.tar.gz"))
        let before = program.folder.files.filter { !$0.hasPrefix(".") }
        let errors = folder.appending(path: ".errors")
        try Data().write(to: errors)
        let process = program.process(
            ["models", "add", "--folder", "models"] + arguments, model: nil)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus != 0)
        #expect(process.terminationReason == .exit)
        let text = String(decoding: try Data(contentsOf: errors), as: UTF8.self)
        #expect(text.contains(sentence), "\(text)")
        #expect(program.folder.files.filter { !$0.hasPrefix(".") } == before)
    }
}
