import Foundation
import Storage
import TestSupport

/// Other programs, where they are installed, to check ours by.
enum Program {
    static let sox = find("sox")
    static let flac = find("flac")
    static let ffmpeg = find("ffmpeg")
    static let ffprobe = find("ffprobe")

    /// The name of no program.
    static let missing = "unbraid-no-such-program"

    private static func find(_ name: String) -> URL? {
        let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
        return folders.map { URL(fileURLWithPath: "\($0)/\(name)") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }

    struct Failure: Error {
        var status: Int32
        var words: String
    }

    /// Runs a program to its end and gives what it wrote.
    @discardableResult
    static func run(_ program: URL?, _ arguments: [String]) throws -> String {
        guard let program else { throw Failure(status: -1, words: "not installed") }
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let bytes = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let words = String(decoding: bytes, as: UTF8.self)
        guard process.terminationStatus == 0 else {
            throw Failure(status: process.terminationStatus, words: words)
        }
        return words
    }
}

extension TemporaryFolder {
    /// All bytes of a file in the folder.
    func bytes(_ name: FilePath) throws -> [UInt8] {
        let file = try OpenFile.reading(self(name))
        return try file.read(try file.status().size, at: 0)
    }

    /// Puts a file of these bytes into the folder, in place of one of that name.
    func write(_ bytes: [UInt8], _ name: FilePath) throws {
        if try FileSystem.status(of: self(name)) != nil { try FileSystem.remove(self(name)) }
        try OpenFile.creating(self(name)).write(bytes, at: 0)
    }
}

/// What other libraries find in a file.
struct ForeignTags: Decodable {
    struct Broadcast: Decodable {
        var originator: String
        var timeReference: Int
        var codingHistory: String
    }

    struct Cue: Decodable, Equatable {
        var position: Int
        var label: String
    }

    var tags: [String: String]
    var bext: Broadcast?
    var cues: [Cue]?
}

extension Program {
    /// The Python with mutagen and wavinfo, and the script that reads tags with them.
    static let tagReader = ProcessInfo.processInfo.environment["UNBRAID_TAG_READER"]?
        .split(separator: ":").map(String.init)

    /// The Python with stempeg, and the script that reads files of stems with it.
    static let stemReader = ProcessInfo.processInfo.environment["UNBRAID_STEM_READER"]?
        .split(separator: ":").map(String.init)

    /// Reads the tags of a file by mutagen or wavinfo.
    static func readTags(_ path: FilePath) throws -> ForeignTags {
        let words = tagReader ?? []
        let output = try run(
            words.first.map { URL(fileURLWithPath: $0) }, words.dropFirst() + ["\(path)"])
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(ForeignTags.self, from: Data(output.utf8))
    }
}
