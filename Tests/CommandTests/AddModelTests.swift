import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

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

    /// Begins to add a net that takes a moment, and waits until its folder is being made.
    private func begin(name: String, folder: String = "models") throws -> Process {
        // A field that no reader knows (15, bytes) makes the file long.
        let padding = 48 << 20
        var net = TinyModel.net("Identity", shape: [1, 4, 1024, 128])
        net.append(15 << 3 | 2)
        var rest = padding
        while rest > 127 {
            net.append(UInt8(rest & 127) | 128)
            rest >>= 7
        }
        net.append(UInt8(rest))
        net += [UInt8](repeating: 0, count: padding)
        try Data(net).write(to: program.folder.url.appending(path: "long.onnx"))
        let process = program.process(
            [
                "models", "add", "long.onnx", "--folder", folder, "--name", name, "--n-fft",
                "2048", "--stem", "vocals",
            ], model: nil)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let before = unfinished(folder)
        try process.run()
        while process.isRunning, unfinished(folder) == before {
            Thread.sleep(forTimeInterval: 0.001)
        }
        return process
    }

    private func unfinished(_ folder: String = "models") -> [String] {
        let path =
            folder.hasPrefix("/") ? folder : program.folder.url.appending(path: folder).path
        let names = try? FileManager.default.contentsOfDirectory(atPath: path)
        return (names ?? []).filter { $0.hasPrefix(".") }.sorted()
    }

    private func unfinishedFiles(_ name: String) -> [String] {
        let path = program.folder.url.appending(path: "models/\(name)").path
        return (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    }

    @Test(arguments: [SIGINT, SIGTERM], [0, 20, 60, 120, 250])
    func anInterruptionLeavesNothingBehind(signal: Int32, milliseconds: Int) throws {
        let process = try begin(name: "net")
        Thread.sleep(forTimeInterval: Double(milliseconds) / 1000)
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        #expect(process.terminationReason == .exit)
        #expect(unfinished().isEmpty)
        // It may have been done by then; else the model is not there.
        let isThere = program.folder.files.contains { $0.hasPrefix("models/net/") }
        #expect(process.terminationStatus == 130 || (process.terminationStatus == 0 && isThere))
        if milliseconds == 0 { #expect(process.terminationStatus == 130 && !isThere) }
    }

    @Test func whatAKilledProgramLeftIsRemovedByTheNext() throws {
        let process = try begin(name: "net")
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try #require(unfinished().count == 1)
        // Files of such a name are not its own.
        try program.folder.write("models/.unbraid-0.part", "somebody's")
        let added = try program.run(
            "models", "add", "models/tiny", "--name", "two", "--folder", "models", model: nil)
        #expect(added.status == 0, "\(added.errors)")
        #expect(unfinished() == [".unbraid-0.part"])
    }

    @Test func whatAnotherProgramIsMakingIsLeftAlone() throws {
        let process = try begin(name: "slow")
        // A folder is locked before anything is written into it; stopped before that, it would be
        // taken for left behind, and the stopped program would begin another one.
        while process.isRunning, (unfinished().first.map { unfinishedFiles($0) } ?? []).isEmpty {
            Thread.sleep(forTimeInterval: 0.001)
        }
        kill(process.processIdentifier, SIGSTOP)
        let work = unfinished()
        try #require(work.count == 1)
        let added = try program.run(
            "models", "add", "models/tiny", "--name", "two", "--folder", "models", model: nil)
        #expect(added.status == 0, "\(added.errors)")
        #expect(unfinished() == work)
        kill(process.processIdentifier, SIGCONT)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(unfinished().isEmpty)
    }

    @Test(.enabled(if: SmallDisk.isPossible, "only the root user may mount a small disk"))
    func aFullDiskIsNamedAndNothingIsLeft() throws {
        let disk = try SmallDisk(kilobytes: 20_000)
        let models = disk.folder.url.appending(path: "models").path
        let process = try begin(name: "net", folder: models)
        process.waitUntilExit()
        #expect(process.terminationStatus == 1)
        #expect(disk.folder.files.isEmpty)
        let run = try program.run(
            "models", "add", "long.onnx", "--folder", models, "--n-fft", "2048", "--stem",
            "vocals", model: nil)
        #expect(run.status == 1)
        #expect(run.errors.lowercased().contains("no space left"), "\(run.errors)")
        #expect(disk.folder.files.isEmpty)
    }
}
