import Foundation
package import Processes
package import Storage

/// What a batch tells a worker, one JSON object a line.
enum WorkerOrder: Codable, Sendable {
    /// The first of all: what is the same for all tracks.
    case prepare(WorkerSetup)
    /// Separate a track, which has this place in the plan.
    case separate(track: Int, BatchPlan.Track)
    /// Make extras of a track that was separated before.
    case add(track: Int, BatchPlan.Track, FinishedTrack)
    /// Let so many threads work on the nets from now on.
    case widen(threads: Int)
    /// End the tracks in hand as cancelled.
    case cancel
}

/// What is the same for all tracks of a batch.
struct WorkerSetup: Codable, Sendable {
    /// The model's folder.
    let model: FilePath
    /// The SHA-256 of its card.
    let digest: SHA256Digest
    let selection: StemSelection
    let options: SeparationOptions
    /// Threads for the nets.
    let threads: Int
    /// The most threads that the worker may be told to use later.
    let mostThreads: Int
    /// The mark in the names of the worker's temporary files.
    let mark: String
    /// Bytes of memory at which the worker gives up.
    let memoryLimit: Int
}

/// What a worker tells its batch, one JSON object a line.
enum WorkerReply: Codable, Sendable {
    /// The nets are loaded.
    case ready
    /// The nets cannot be loaded; the line says why.
    case refused(String)
    /// The nets are done with a track, of which only its files are to be completed.
    case free(track: Int)
    /// Something happened to a track.
    case event(BatchEvent)
}

/// How messages become lines and back.
enum WorkerLine {
    /// The exit status of a worker that passed its memory limit.
    static let memoryStatus: Int32 = 77

    /// The line of a message, without its end.
    static func bytes(of message: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "+inf", negativeInfinity: "-inf", nan: "nan")
        do {
            return Array(try encoder.encode(message))
        } catch {
            preconditionFailure("messages are plain values: \(error)")
        }
    }

    /// The message of a line; nil if it is none.
    static func message<Message: Decodable>(_ type: Message.Type, _ line: [UInt8]) -> Message? {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "+inf", negativeInfinity: "-inf", nan: "nan")
        return try? decoder.decode(type, from: Data(line))
    }
}

/// How a batch starts its workers, and what it lets them do.
package struct WorkerProgram: Sendable {
    /// The program.
    package var path: FilePath
    /// Its arguments.
    package var arguments: [FilePath]
    /// Seconds that a worker may say nothing, where the track is not so long that it needs more.
    package var silence: Double
    /// Bytes of memory that a worker may take.
    package var memoryLimit: Int

    /// A program and its limits.
    package init(
        _ path: FilePath, _ arguments: [FilePath], silence: Double = 300,
        memoryLimit: Int = .max
    ) {
        self.path = path
        self.arguments = arguments
        self.silence = silence
        self.memoryLimit = memoryLimit
    }
}

/// Why a worker did not do its work, apart from errors of the track.
package enum WorkerFault: Error, Sendable, Hashable {
    /// It ended in the middle.
    case ended(ChildProcess.End)
    /// It passed its limit of bytes, or was killed by the system when memory ran out.
    case memory(limit: Int?)
    /// It was killed by someone else; the most bytes of memory that it had held, where known.
    case killed(peak: Int?)
    /// It said nothing for so many seconds.
    case silent(seconds: Double)
    /// It cannot use the model; the line says why.
    case refused(String)
    /// It could not be started.
    case notStarted(reason: String)
    /// What it said is no message.
    case unintelligible
}
