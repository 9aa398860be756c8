import Models
import Storage

/// A model's folder that is being made: it has its final name only once it is whole and was tried.
final class ModelFolderWriter {
    private let temporary: FilePath
    private let target: FilePath
    private var isDone = false

    /// Begins a folder of this name.
    ///
    /// - Parameter folder: where models are kept; it is made if it is not there.
    init(name: String, in folder: FilePath) throws(ImportError) {
        guard ModelCard.isPlainName(name) else { throw .invalidName(name) }
        target = folder.appending(FilePath(name))
        let mark = String(UInt64.random(in: .min ... .max), radix: 16)
        temporary = folder.appending(
            FilePath(
                bytes: PendingFile.temporaryPrefix.bytes + Array(mark.utf8)
                    + PendingFile.temporarySuffix.bytes))
        do {
            if try FileSystem.status(of: target, following: false) != nil {
                throw ImportError.exists(target)
            }
            try FileSystem.createFolders(at: folder)
            try FileSystem.createFolder(temporary)
        } catch let error as ImportError {
            throw error
        } catch let error as StorageError {
            throw .storage(error)
        } catch {
            throw .invalidName(name)
        }
    }

    deinit { if !isDone { discard() } }

    /// Writes a file of the model.
    func write(_ name: String, _ bytes: [UInt8]) throws(ImportError) {
        do throws(StorageError) {
            let file = try OpenFile.creating(temporary.appending(FilePath(name)))
            try file.write(bytes, at: 0)
            try file.synchronize()
            try file.close()
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
            try FileSystem.rename(temporary, to: target)
        } catch {
            // A folder that came into being meanwhile is not replaced.
            throw .storage(error)
        }
        isDone = true
        try? FileSystem.synchronizeFolder(target.parent)
        do throws(ModelError) { return try Model(at: target) } catch { throw .refused(error) }
    }

    /// Removes what was written; whether that succeeds changes nothing for the caller.
    private func discard() {
        for name in (try? FileSystem.names(in: temporary)) ?? [] {
            try? FileSystem.remove(temporary.appending(name))
        }
        try? FileSystem.removeFolder(temporary)
    }
}
