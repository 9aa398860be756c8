private import Synchronization

/// A file that is being written and has its final name only once it is whole.
///
/// It lies under a temporary name in the folder of its final one, so that the rename is one step. A
/// pending file that is let go without ``publish(overwriting:)`` is removed.
package final class PendingFile {
    /// The name that the file will have.
    package let path: FilePath
    /// The name that it has until then.
    package let temporaryPath: FilePath
    /// The open file.
    package let file: OpenFile

    private enum State { case writing, sealed, ended }
    private var state = State.writing

    /// What every temporary name starts with.
    package static let temporaryPrefix = FilePath(".unbraid-")
    /// What every temporary name ends with.
    package static let temporarySuffix = FilePath(".part")

    /// The mark in the temporary names of this process, and those that lie there now.
    private static let own = Mutex<(mark: [UInt8], paths: Set<FilePath>)>(([], []))

    /// Puts a mark into the temporary names of this process, so that another one that knows it can
    /// remove what is left behind when this one ends suddenly.
    package static func mark(with mark: String) {
        own.withLock { $0.mark = Array(mark.utf8) + [UInt8(ascii: "-")] }
    }

    /// Removes all pending files of this process, which is about to end.
    package static func removeAll() {
        own.withLock { own in
            for path in own.paths { try? System.remove(path) }
            own.paths = []
        }
    }

    /// Removes the pending files in a folder that a process left which had this mark.
    package static func removeLeftovers(of mark: String, in folder: FilePath) {
        let start = temporaryPrefix.bytes + Array(mark.utf8) + [UInt8(ascii: "-")]
        for name in (try? System.names(in: folder)) ?? []
        where name.bytes.starts(with: start) && isTemporary(name) {
            try? System.remove(folder.appending(name))
        }
    }

    /// Whether a name is that of a pending file, left behind where no process is writing it.
    package static func isTemporary(_ path: FilePath) -> Bool {
        let name = path.name.bytes
        return name.starts(with: temporaryPrefix.bytes)
            && name.suffix(temporarySuffix.bytes.count) == temporarySuffix.bytes[...]
    }

    /// Creates the file under a temporary name.
    ///
    /// - Parameter path: the final name; its folder exists.
    package init(for path: FilePath) throws(StorageError) {
        self.path = path
        while true {
            let mark = String(UInt64.random(in: .min ... .max), radix: 16)
            let own = PendingFile.own.withLock { $0.mark }
            let name = PendingFile.temporaryPrefix.bytes + own + Array(mark.utf8)
            let candidate = path.parent.appending(
                FilePath(bytes: name + PendingFile.temporarySuffix.bytes))
            do throws(StorageError) {
                file = try OpenFile.creating(candidate)
            } catch {
                if error.code == .alreadyExists { continue }
                throw error
            }
            temporaryPath = candidate
            break
        }
        let new = temporaryPath
        PendingFile.own.withLock { _ = $0.paths.insert(new) }
    }

    private func forget() {
        PendingFile.own.withLock { _ = $0.paths.remove(temporaryPath) }
    }

    /// Waits until all bytes are on the disk and closes the file; nothing more is written then.
    package func seal() throws(StorageError) {
        guard state == .writing else { return }
        try file.synchronize()
        try file.close()
        state = .sealed
    }

    /// Seals the file, gives it its final name and waits until the folder knows it.
    ///
    /// - Parameters:
    ///   - overwriting: whether a file of that name is replaced; otherwise it is an error.
    ///   - name: another final name in the same folder.
    ///   - synchronizingFolder: false where the caller syncs the folder after several files.
    /// - Throws: ``StorageError``; the file then still lies under its temporary name.
    package func publish(
        overwriting: Bool = false, as name: FilePath? = nil, synchronizingFolder: Bool = true
    ) throws(StorageError) {
        try seal()
        guard state == .sealed else { return }
        let destination = name ?? path
        if overwriting {
            try System.move(temporaryPath, to: destination)
        } else {
            try System.renameWithoutReplacing(temporaryPath, to: destination)
        }
        state = .ended
        forget()
        if synchronizingFolder { try System.synchronizeFolder(destination.parent) }
    }

    /// Removes the file, unless it is published or discarded already.
    package func discard() {
        guard state != .ended else { return }
        state = .ended
        // Whether these succeed changes nothing for the caller: the error that led here is told.
        try? file.close()
        try? System.remove(temporaryPath)
        forget()
    }

    deinit { discard() }
}
