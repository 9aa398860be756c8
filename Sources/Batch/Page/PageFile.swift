import Storage

/// A page that is being written, and hashed on the way.
final class PageFile {
    private let pending: PendingFile
    private let hasher = SHA256Hasher()
    private var offset = 0

    init(_ path: FilePath) throws { pending = try PendingFile(for: path) }

    func append(_ bytes: [UInt8]) throws {
        try pending.file.write(bytes, at: offset)
        hasher.update(bytes)
        offset += bytes.count
    }

    /// Gives the page its name.
    func publish(overwriting: Bool) throws -> SHA256Digest {
        try pending.publish(overwriting: overwriting)
        return hasher.finish()
    }
}
