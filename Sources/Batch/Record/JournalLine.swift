import Foundation
package import Storage

/// One line of a journal: what happened, and for the end of a track its entry in the manifest.
///
/// As JSON an object whose last key, if there is an entry, is `entry`: so the entry can be copied
/// into a manifest as it is, and what is before it is quickly read.
package struct JournalLine: Sendable, Equatable {
    /// What happened.
    package enum Event: String, Sendable, Codable {
        /// A batch began, or was taken up again.
        case batch
        /// A track is to be separated.
        case planned
        /// A track is handed to a worker; its stems' names are the batch's from here on.
        case started
        /// All stems of a track are in their places.
        case done
        /// A track, or an argument that leads to no track, failed.
        case failed
        /// The batch has come to its end.
        case ended
    }

    /// What a line says before the entry.
    package struct Head: Sendable, Equatable, Codable {
        /// What happened.
        package var event: Event
        /// Sixteen digits that stand for one run of the program.
        package var run: String
        /// The time: ISO 8601, UTC.
        package var at: String
        /// The track: where its first stem goes, below the output folder.
        package var track: FilePath?
        /// The mixture's file as it was named.
        package var input: FilePath?
        /// Folders below the output folder, in which there may be unfinished files of the track.
        package var folders: [FilePath]?
        /// Whether the names of the track's stems were free, so that they may be replaced later.
        package var owns: Bool?
        /// The kinds of extras that are being added to a track that is done and whose names are the
        /// batch's, so that they may be replaced later.
        package var adds: [ExtraKind]?
        /// The facts of a batch.
        package var batch: BatchFacts?

        /// A head of these facts.
        package init(_ event: Event, run: String, at: String) {
            self.event = event
            self.run = run
            self.at = at
        }
    }

    /// What the line says before the entry.
    package var head: Head
    /// The track's entry in the manifest as JSON.
    package var entry: [UInt8]?

    private static let joint = Array(",\"entry\":".utf8)
    private static let brace = UInt8(ascii: "}")

    /// A line of these parts.
    package init(_ head: Head, entry: [UInt8]? = nil) {
        self.head = head
        self.entry = entry
    }

    /// Reads a line without its end; nil if it is none that this program understands.
    package init?(_ bytes: [UInt8]) {
        guard let cut = Self.cut(bytes), Self.isClosed(bytes) else { return nil }
        let text = cut < bytes.count ? Array(bytes[..<cut]) + [Self.brace] : bytes
        guard let head = try? JSONDecoder().decode(Head.self, from: Data(text)) else { return nil }
        self.head = head
        entry = Self.entry(in: bytes)
    }

    /// The entry in a line's bytes, nil if it has none.
    package static func entry(in bytes: [UInt8]) -> [UInt8]? {
        guard let cut = cut(bytes), cut < bytes.count else { return nil }
        return Array(bytes[(cut + joint.count)..<(bytes.count - 1)])
    }

    /// The line's bytes, without its end.
    package var bytes: [UInt8] {
        let head = Self.encode(head)
        guard let entry else { return head }
        return head.dropLast() + Self.joint + entry + [Self.brace]
    }

    /// JSON on one line with its keys in order.
    static func encode(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        do {
            return Array(try encoder.encode(value))
        } catch {
            preconditionFailure("records are plain values: \(error)")
        }
    }

    /// Whether the braces and brackets of an object are closed by its last byte and not before, which
    /// is not so in a line that was torn behind a brace.
    private static func isClosed(_ bytes: [UInt8]) -> Bool {
        var (depth, isText, isEscaped) = (0, false, false)
        let span = bytes.span
        for index in span.indices {
            let byte = span[index]
            if isText {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isText = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isText = true
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth < 0 || depth == 0 && index != span.count - 1 { return false }
            default: break
            }
        }
        return depth == 0 && !isText
    }

    /// Where the entry's key begins, or the end; nil where an object does not end as it must.
    ///
    /// In a string the quotes of the key would have backslashes before them.
    private static func cut(_ bytes: [UInt8]) -> Int? {
        guard bytes.first == UInt8(ascii: "{"), bytes.last == brace else { return nil }
        let span = bytes.span
        var index = 0
        while index + joint.count < span.count {
            if span[index] == joint[0], span[index + 1] == joint[1], span[index + 2] == joint[2],
                bytes[index..<index + joint.count].elementsEqual(joint)
            {
                return index
            }
            index += 1
        }
        return bytes.count
    }
}

/// The facts of a batch as they stand in its journal.
package struct BatchFacts: Sendable, Hashable, Codable {
    /// The version of this format, 1.
    package var format = 1
    /// The program's version.
    package var program: String
    /// The machine.
    package var host: String
    /// The process.
    package var process: Int32
    /// The part of the plan that this is.
    package var shard: Shard?
    /// What must be the same for a track to count as done.
    package var settings: SHA256Digest
    /// Whether tracks are redone that were done before.
    package var force: Bool
    /// Tracks in the plan.
    package var tracks: Int
}
