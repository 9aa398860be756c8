import Foundation
package import Storage

/// Compares the files of a manifest with the hashes in it.
package struct Verification {
    /// Something that is not as the manifest says.
    package struct Finding: Sendable, Hashable {
        /// What is wrong.
        package enum Fault: Sendable, Hashable {
            /// The file is not there.
            case missing
            /// It has other bytes.
            case differs
            /// It cannot be read.
            case unreadable(StorageError)
            /// The manifest's line is no entry; its number, from 1.
            case noEntry(line: Int)
        }

        /// The file, or the manifest.
        package let path: FilePath
        /// What is wrong.
        package let fault: Fault
    }

    /// Tracks whose files were looked at.
    package private(set) var tracks = 0
    /// Tracks that are in the manifest as failed.
    package private(set) var failed = 0
    /// Files whose bytes were read.
    package private(set) var files = 0
    /// Bytes that were read.
    package private(set) var bytes = 0
    /// Things that are not as they should be.
    package private(set) var findings = 0

    private let folder: RecordFolder
    private let checksInputs: Bool

    /// A verification that has not begun.
    ///
    /// - Parameter inputs: whether the mixtures' files are looked at too.
    package init(_ output: FilePath, inputs: Bool) {
        folder = RecordFolder(output)
        checksInputs = inputs
    }

    /// The manifests in the folder: that of whole batches if it is there, else those of the parts.
    package func manifests() throws(RecordError) -> [FilePath] {
        var found: [FilePath] = []
        do throws(StorageError) {
            let whole = folder.manifest(nil)
            if try FileSystem.status(of: whole) != nil { return [whole] }
            for part in try folder.journals().map({ folder.manifest($0.shard) }) {
                if try FileSystem.status(of: part) != nil { found.append(part) }
            }
        } catch {
            throw .storage(error)
        }
        guard !found.isEmpty else { throw .nothing(folder.path) }
        return found
    }

    /// Reads every file that a manifest names.
    ///
    /// - Parameter found: is told what is wrong, as soon as it is known.
    package mutating func check(
        _ manifest: FilePath, _ found: (Finding) -> Void
    ) throws(RecordError) {
        var verification = self
        var number = 0
        do throws(StorageError) {
            try LineReader.forEach(of: manifest) { line in
                number += 1
                verification.check(line, number, manifest, found)
            }
        } catch {
            throw .storage(error)
        }
        self = verification
    }

    private mutating func check(
        _ line: [UInt8], _ number: Int, _ manifest: FilePath, _ found: (Finding) -> Void
    ) {
        guard let entry = try? JSONDecoder().decode(ManifestEntry.self, from: Data(line)) else {
            findings += 1
            return found(Finding(path: manifest, fault: .noEntry(line: number)))
        }
        guard entry.status == .done else {
            failed += 1
            return
        }
        tracks += 1
        for stem in entry.stems {
            compare(folder.path.appending(stem.path), stem.sha256, found)
        }
        for extra in entry.extras {
            compare(folder.path.appending(extra.path), extra.sha256, found)
        }
        if checksInputs, let digest = entry.inputSHA256 {
            let start = entry.inputFolder ?? ""
            compare(start.appending(entry.input), digest, found)
        }
    }

    private mutating func compare(
        _ path: FilePath, _ expected: SHA256Digest, _ found: (Finding) -> Void
    ) {
        do throws(StorageError) {
            let file = try OpenFile.reading(path)
            let status = try file.status()
            // A device might give bytes for ever.
            guard status.kind == .file else {
                findings += 1
                return found(Finding(path: path, fault: .missing))
            }
            bytes += status.size
            files += 1
            if try SHA256Digest(of: file) != expected {
                findings += 1
                found(Finding(path: path, fault: .differs))
            }
        } catch {
            findings += 1
            found(
                Finding(
                    path: path, fault: error.code == .notFound ? .missing : .unreadable(error)))
        }
    }
}

/// Reads a file line by line, in bounded memory.
enum LineReader {
    /// Calls `body` with each line, of which one without an end or beyond the bound is given too.
    static func forEach(
        of path: FilePath, limit: Int = JournalReader.longestLine, _ body: ([UInt8]) -> Void
    ) throws(StorageError) {
        let file = try OpenFile.reading(path)
        let newline = UInt8(ascii: "\n")
        var (offset, line, isCut) = (0, [UInt8](), false)
        while true {
            let piece = try file.read(1 << 20, at: offset)
            if piece.isEmpty { break }
            offset += piece.count
            var start = 0
            while let stop = piece[start...].firstIndex(of: newline) {
                body(isCut ? line : line + piece[start..<stop])
                (line, isCut) = ([], false)
                start = stop + 1
            }
            if !isCut { line += piece[start...] }
            isCut = isCut || line.count > limit
        }
        if !line.isEmpty { body(line) }
    }
}
