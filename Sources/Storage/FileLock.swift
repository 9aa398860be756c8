/// A lock on a file or folder that goes with the processes that hold it, however they end.
///
/// It is advice among processes that ask for it, and of the whole file. Processes that are started
/// while it is held hold it too: it is free only when the last of them has ended, so that workers
/// who outlive their batch for a moment still keep others away.
package final class FileLock: Sendable {
    /// Who else may hold a lock on the same file.
    package enum Kind: Sendable {
        /// Nobody.
        case exclusive
        /// Others that share it.
        case shared
    }

    /// The file or folder.
    package let path: FilePath
    private let descriptor: Int32

    private init(path: FilePath, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    /// Locks a file, which is made if it is not there.
    ///
    /// - Returns: nil where others hold a lock that excludes this one.
    /// - Throws: ``StorageError``, also where the file system knows no locks.
    package static func on(_ path: FilePath, _ kind: Kind) throws(StorageError) -> FileLock? {
        let descriptor = try System.openForLocking(path)
        // From here on the descriptor is closed with the object.
        let lock = FileLock(path: path, descriptor: descriptor)
        return try System.lock(descriptor, path, shared: kind == .shared) ? lock : nil
    }

    /// Locks a folder that is there, so that nobody else can; processes that are started meanwhile
    /// do not hold it.
    ///
    /// - Returns: nil where others hold a lock on it.
    /// - Throws: ``StorageError``, also where the file system knows no locks.
    package static func onFolder(_ path: FilePath) throws(StorageError) -> FileLock? {
        let lock = FileLock(path: path, descriptor: try System.openFolder(path))
        return try System.lock(lock.descriptor, path, shared: false) ? lock : nil
    }

    deinit { _ = System.shut(descriptor) }
}

/// The machine and the process, by which a holder of a lock is named.
package enum ProcessFacts {
    /// The number of this process.
    package static var number: Int32 { System.processNumber() }

    /// The name of this machine in its network; empty if it has none.
    package static var host: String { System.hostName() }

    /// Whether a process of this number is there, on this machine.
    package static func isRunning(_ number: Int32) -> Bool { System.isRunning(number) }
}
