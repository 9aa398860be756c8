import Foundation
import TestSupport

/// Runs the built program as a user does.
struct Program {
    /// What came of a run.
    struct Run {
        let status: Int32
        let output: String
        let errors: String
    }

    /// A folder with the model `tiny` in it.
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try TinyModel.write(to: folder.url.appending(path: "models/tiny"))
    }

    /// Where the test runner lies, the programs lie too.
    static var binaries: URL {
        URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
            .deletingLastPathComponent()
    }

    /// A process that is ready to start in the folder.
    func process(_ arguments: [String], model: String? = "tiny") -> Process {
        let process = Process()
        process.executableURL = Self.binaries.appending(path: "unbraid")
        process.arguments = (model.map { ["--model", $0] } ?? []) + arguments
        process.currentDirectoryURL = folder.url
        var environment = ProcessInfo.processInfo.environment
        environment["UNBRAID_MODELS"] = folder.url.appending(path: "models").path
        process.environment = environment
        return process
    }

    /// Runs the program in the folder and waits for its end.
    func run(_ arguments: String..., model: String? = "tiny") throws -> Run {
        try run(arguments: arguments, model: model)
    }

    /// Runs the program in the folder with a list of arguments and waits for its end.
    func run(arguments: [String], model: String? = "tiny") throws -> Run {
        let process = process(arguments, model: model)
        let output = folder.url.appending(path: ".output")
        let errors = folder.url.appending(path: ".errors")
        for file in [output, errors] { try Data().write(to: file) }
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        process.waitUntilExit()
        return Run(
            status: process.terminationStatus,
            output: String(decoding: try Data(contentsOf: output), as: UTF8.self),
            errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
    }

    /// The files below the folder that a test did not get for free, without the record of batches.
    var files: [String] {
        folder.files.filter { path in
            let name = path.split(separator: "/").last ?? ""
            return !path.hasPrefix("models/") && !path.hasPrefix(".") && name != ".unbraid-lock"
                && !name.hasPrefix("unbraid-journal") && !name.hasPrefix("manifest")
        }
    }

    /// The stems below the folder.
    var stems: [String] {
        let names = ["drums", "bass", "vocals", "other"]
        return files.filter { path in names.contains { path.hasSuffix("/\($0).wav") } }
    }

    /// Writes noise as a 16-bit WAV file.
    func writeNoise(_ name: String, seconds: Double = 1, rate: Int = 8000, channels: Int = 2) throws
    {
        let length = Int(seconds * Double(rate))
        let sound = noise(length: length * channels, seed: UInt64(name.utf8.count + length))
        var bytes = Data("RIFF".utf8)
        func put(_ value: some FixedWidthInteger) {
            unsafe withUnsafeBytes(of: value.littleEndian) { unsafe bytes.append(contentsOf: $0) }
        }
        let size = 2 * length * channels
        put(UInt32(36 + size))
        bytes += Data("WAVEfmt ".utf8)
        put(UInt32(16))
        put(UInt16(1))
        put(UInt16(channels))
        put(UInt32(rate))
        put(UInt32(rate * channels * 2))
        put(UInt16(channels * 2))
        put(UInt16(16))
        bytes += Data("data".utf8)
        put(UInt32(size))
        for sample in sound { put(Int16(sample * 12_000)) }
        let file = folder.url.appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try bytes.write(to: file)
    }

    /// The bytes of a file.
    func bytes(_ name: String) throws -> Data {
        try Data(contentsOf: folder.url.appending(path: name))
    }
}
