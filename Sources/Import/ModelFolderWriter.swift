import Models
import Storage
private import Synchronization

/// A model's folder that is being made: it has its final name only once it is whole and was tried.
///
/// Until then it lies under a temporary name and is locked, by which it is told from what a program
/// left behind that was killed.
final class ModelFolderWriter {
    private let temporary: FilePath
    private let target: FilePath
    private let lock: FileLock?
    private var isDone = false

    /// The folders that this process is making.
    ///
    /// Whoever changes one holds this.
    private static let unfinished = Mutex<Set<FilePath>>([])

    /// Begins a folder of this name, and removes what others left behind.
    ///
    /// - Parameter folder: where models are kept; it is made if it is not there.
    init(name: String, in folder: FilePath) throws(ImportError) {
        guard ModelCard.isPlainName(name) else { throw .invalidName(name) }
        target = folder.appending(FilePath(name))
        let isThere: Bool
        do { isThere = try FileSystem.status(of: target, following: false) != nil } catch {
            throw .storage(error)
        }
        if isThere { throw .exists(target) }
        let made: Made
        do throws(StorageError) {
            try FileSystem.createFolders(at: folder)
            Self.sweep(folder)
            made = try Self.unfinished.withLock { unfinished throws(StorageError) in
                let made = try Self.makeFolder(in: folder)
                unfinished.insert(made.path)
                return made
            }
        } catch {
            throw .storage(error)
        }
        (temporary, lock) = (made.path, made.lock)
    }

    deinit { if !isDone { discard() } }

    /// A new folder under a temporary name; it has no lock where the file system knows none.
    private struct Made: Sendable {
        let path: FilePath
        let lock: FileLock?
    }

    private static func makeFolder(in folder: FilePath) throws(StorageError) -> Made {
        while true {
            let mark = Array(String(UInt64.random(in: .min ... .max), radix: 16).utf8)
            let path = folder.appending(
                FilePath(
                    bytes: PendingFile.temporaryPrefix.bytes + mark
                        + PendingFile.temporarySuffix.bytes))
            try FileSystem.createFolder(path)
            let lock: FileLock?
            do {
                lock = try FileLock.onFolder(path)
                // Another one that sweeps was quicker, and takes the folder for left behind.
                if lock == nil { continue }
            } catch {
                lock = nil
            }
            // It may have been swept before it was locked.
            if try FileSystem.status(of: path, following: false) != nil {
                return Made(path: path, lock: lock)
            }
        }
    }

    /// Removes the unfinished folders that nobody works on.
    private static func sweep(_ folder: FilePath) {
        for name in (try? FileSystem.names(in: folder)) ?? [] where PendingFile.isTemporary(name) {
            let path = folder.appending(name)
            guard (try? FileSystem.status(of: path, following: false))?.kind == .folder,
                let lock = try? FileLock.onFolder(path)
            else { continue }
            withExtendedLifetime(lock) { remove(path) }
        }
    }

    /// Removes all unfinished folders of this process, and ends it while none can be made.
    static func abandon(_ end: () -> Never) -> Never {
        unfinished.withLock { unfinished -> Never in
            for path in unfinished { remove(path) }
            end()
        }
    }

    private static func remove(_ folder: FilePath) {
        // Whether this succeeds changes nothing for the caller.
        for name in (try? FileSystem.names(in: folder)) ?? [] {
            try? FileSystem.remove(folder.appending(name))
        }
        try? FileSystem.removeFolder(folder)
    }

    /// Writes a file of the model.
    func write(_ name: String, _ bytes: [UInt8]) throws(ImportError) {
        do throws(StorageError) {
            try Self.unfinished.withLock { _ throws(StorageError) in
                let file = try OpenFile.creating(temporary.appending(FilePath(name)))
                try file.write(bytes, at: 0)
                try file.synchronize()
                try file.close()
            }
        } catch {
            throw .storage(error)
        }
    }

    /// Writes the card.
    func write(_ card: CardDraft) throws(ImportError) {
        let bytes: [UInt8]
        // Only a number that is not finite cannot be written, and drafts hold none.
        do { bytes = try card.bytes } catch { throw .invalidName(card.name) }
        try write("card.json", bytes)
    }

    /// Runs the model on a short signal and, if it does, gives the folder its name.
    ///
    /// - Throws: ``ImportError/refused(_:)`` with what is wrong, its paths being the final ones.
    func publish(threads: Int) throws(ImportError) -> Model {
        do throws(ModelError) {
            _ = try EngineFacts(checking: try Model(at: temporary), threads: threads)
        } catch {
            throw .refused(error)
        }
        do throws(StorageError) {
            try FileSystem.synchronizeFolder(temporary)
            try Self.unfinished.withLock { unfinished throws(StorageError) in
                try FileSystem.rename(temporary, to: target)
                unfinished.remove(temporary)
            }
        } catch {
            // A folder that came into being meanwhile is not replaced.
            throw .storage(error)
        }
        isDone = true
        try? FileSystem.synchronizeFolder(target.parent)
        do throws(ModelError) { return try Model(at: target) } catch { throw .refused(error) }
    }

    private func discard() {
        Self.unfinished.withLock { unfinished in
            Self.remove(temporary)
            unfinished.remove(temporary)
        }
    }
}
