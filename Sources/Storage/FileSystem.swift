/// Folders and names.
package enum FileSystem {
    /// The facts about a name, or nil where there is no such file.
    ///
    /// - Parameter following: whether a symbolic link is followed.
    package static func status(
        of path: FilePath, following: Bool = true
    ) throws(StorageError) -> FileStatus? {
        try System.status(of: path, following: following)
    }

    /// Makes a folder and those above it; those that exist are left alone.
    package static func createFolders(at path: FilePath) throws(StorageError) {
        if path.isEmpty { return }
        do {
            try System.createFolder(path)
        } catch {
            switch error.code {
            case .alreadyExists where try System.status(of: path, following: true)?.kind == .folder:
                return
            case .notFound where path.parent != path && path.parent != ".":
                try createFolders(at: path.parent)
                // Another worker may have been quicker.
                do { try System.createFolder(path) } catch {
                    if error.code != .alreadyExists { throw error }
                }
            default:
                throw error
            }
        }
    }

    /// All bytes of a file, which may be a pipe or a terminal.
    package static func stream(_ path: FilePath) throws(StorageError) -> [UInt8] {
        let stream = ByteStream(try System.openForStreaming(path))
        defer { stream.close() }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe piece.withUnsafeMutableBytes { unsafe stream.read(into: $0) }
            if count < 0 { throw StorageError(.read, path, number: Int32(-count)) }
            if count == 0 { return bytes }
            bytes += piece[..<count]
        }
    }

    /// The folder that relative paths begin in; empty if it is gone.
    package static var workingFolder: FilePath { System.workingFolder() }

    /// The names in a folder, ordered by bytes, without `.` and `..`.
    package static func names(in folder: FilePath) throws(StorageError) -> [FilePath] {
        try System.names(in: folder).sorted()
    }

    /// Removes a file.
    package static func remove(_ path: FilePath) throws(StorageError) {
        try System.remove(path)
    }

    /// Makes a folder that is not there yet.
    package static func createFolder(_ path: FilePath) throws(StorageError) {
        try System.createFolder(path)
    }

    /// Removes an empty folder.
    package static func removeFolder(_ path: FilePath) throws(StorageError) {
        try System.removeFolder(path)
    }

    /// Gives a file or folder another name; a folder does not replace one that holds anything.
    package static func rename(_ old: FilePath, to new: FilePath) throws(StorageError) {
        try System.move(old, to: new)
    }

    /// Waits until the names in a folder are on the disk.
    package static func synchronizeFolder(_ path: FilePath) throws(StorageError) {
        try System.synchronizeFolder(path)
    }
}
