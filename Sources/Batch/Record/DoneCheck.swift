import Foundation
package import Storage

/// Whether a track need not be separated, since it was already and nothing has changed.
package struct DoneCheck: Sendable {
    /// What is to be done with a track.
    package enum Verdict: Sendable, Hashable {
        /// It was separated: the same input, model and options, and its files are there.
        case done
        /// It was not, or no file of it is there.
        case new
        /// Its stems are there, and these options' extras are still to be made from them.
        case lacking(SeparationOptions)
        /// It was begun, and is to be done again; what there is of it is replaced.
        case unfinished
        /// It was separated, but is to be done again, and why; what there is of it is replaced.
        case again(Reason)
        /// It was separated from another input or otherwise, which is not replaced unless forced.
        case otherwise
    }

    /// Why a track is done again that was separated already.
    package enum Reason: Sendable, Hashable {
        /// A file of it is gone.
        case missing(FilePath)
        /// A file of it has another size than when it was made.
        case altered(FilePath)
        /// `--force` says so.
        case forced
    }

    /// What of an entry decides; quicker to read than all of it.
    private struct Facts: Decodable {
        struct Made: Decodable {
            let path: FilePath
            let size: Int
            /// Of an extra.
            let kind: String?
        }
        let inputSHA256: SHA256Digest
        let inputSize: Int
        let inputModified: Int64
        let settings: SHA256Digest
        let options: SeparationOptions
        let stems: [Made]
        let extras: [Made]

        enum CodingKeys: String, CodingKey {
            case settings, options, stems, extras
            case inputSHA256 = "input_sha256"
            case inputSize = "input_size"
            case inputModified = "input_modified_ns"
        }
    }

    private let settings: BatchSettings
    private let folder: FilePath

    /// A check against the settings of a batch.
    package init(_ settings: BatchSettings, output: FilePath) {
        self.settings = settings
        folder = output
    }

    /// Compares an entry with what there is now.
    ///
    /// - Parameters:
    ///   - entry: the entry of a track that was separated, as JSON.
    ///   - input: the mixture's file.
    package func verdict(entry: [UInt8], input: FilePath) -> Verdict {
        guard let facts = try? JSONDecoder().decode(Facts.self, from: Data(entry)) else {
            return .otherwise
        }
        guard facts.settings == settings.sound, isSame(input, facts) else {
            // Where nothing is left of it there is nothing to be careful about.
            let isGone = facts.stems.allSatisfy { size(of: $0.path) == nil }
            return isGone ? .new : .otherwise
        }
        for made in facts.stems {
            guard let size = size(of: made.path) else { return .again(.missing(made.path)) }
            if size != made.size { return .again(.altered(made.path)) }
        }
        let rest = settings.options.lacking(after: facts.options) { kind in
            facts.extras.allSatisfy { made in
                ExtraKind(recorded: made.kind ?? "") != kind || size(of: made.path) == made.size
            }
        }
        return rest.map { .lacking($0) } ?? .done
    }

    /// Size and time first, to be quick; the bytes themselves only where these differ.
    private func isSame(_ input: FilePath, _ facts: Facts) -> Bool {
        guard let status = try? FileSystem.status(of: input), status.size == facts.inputSize else {
            return false
        }
        if status.modifiedNanoseconds == facts.inputModified { return true }
        return (try? SHA256Digest(ofFileAt: input)) == facts.inputSHA256
    }

    private func size(of path: FilePath) -> Int? {
        guard let status = try? FileSystem.status(of: folder.appending(path)),
            status.kind == .file
        else { return nil }
        return status.size
    }
}
