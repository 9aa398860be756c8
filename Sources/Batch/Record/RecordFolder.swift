package import Storage

/// The files of record in an output folder, by name.
///
/// They are not hidden: whoever copies or archives the folder is to see that they belong to it.
package struct RecordFolder: Sendable {
    /// The output folder.
    package let path: FilePath

    /// The record in this output folder.
    package init(_ path: FilePath) { self.path = path }

    /// The file that the batches in the folder lock; it stays empty.
    package var lock: FilePath { path.appending(".unbraid-lock") }

    /// The journal of a batch, or of its part.
    package func journal(_ shard: Shard?) -> FilePath {
        path.appending(FilePath("unbraid-journal\(Self.suffix(shard)).jsonl"))
    }

    /// The manifest of a batch, or of its part.
    package func manifest(_ shard: Shard?) -> FilePath {
        path.appending(FilePath("manifest\(Self.suffix(shard)).jsonl"))
    }

    /// The same as a table.
    package func table(_ shard: Shard?) -> FilePath {
        path.appending(FilePath("manifest\(Self.suffix(shard)).csv"))
    }

    /// The journals that are there; nil for that of whole batches, which comes first.
    package func journals() throws(StorageError) -> [(shard: Shard?, path: FilePath)] {
        guard try FileSystem.status(of: path) != nil else { return [] }
        var found: [(shard: Shard?, path: FilePath)] = []
        for name in try FileSystem.names(in: path) where name.isUTF8 {
            let text = name.description
            guard text.hasPrefix("unbraid-journal"), text.hasSuffix(".jsonl") else { continue }
            let middle = text.dropFirst("unbraid-journal".count).dropLast(".jsonl".count)
            if middle.isEmpty {
                found.insert((nil, path.appending(name)), at: 0)
                continue
            }
            let numbers = middle.dropFirst().split(separator: "-")
            guard middle.first == "-", numbers.count == 3, numbers[1] == "of",
                let number = Int(numbers[0]), let count = Int(numbers[2]),
                let shard = Shard(number, of: count), Self.suffix(shard) == middle
            else { continue }
            found.append((shard, path.appending(name)))
        }
        return found
    }

    /// The path below the folder of something that lies in it; nil for anything else.
    package func relative(_ other: FilePath) -> FilePath? {
        let (folder, bytes) = (path.bytes, other.bytes)
        guard bytes.count > folder.count, bytes[..<folder.count] == folder[...] else { return nil }
        if folder.last == FilePath.slash { return FilePath(bytes: bytes[folder.count...]) }
        guard bytes[folder.count] == FilePath.slash, bytes.count > folder.count + 1 else {
            return nil
        }
        return FilePath(bytes: bytes[(folder.count + 1)...])
    }

    private static func suffix(_ shard: Shard?) -> String {
        shard.map { "-\($0.number)-of-\($0.count)" } ?? ""
    }
}
