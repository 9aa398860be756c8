/// What the file system refused, with the number that it gave.
package struct StorageError: Error, Sendable, Hashable {
    /// What was being done.
    package enum Operation: String, Sendable {
        /// Opening or creating a file.
        case open
        /// Reading its bytes.
        case read
        /// Writing bytes.
        case write
        /// Waiting until the bytes are on the disk.
        case synchronize
        /// Closing it.
        case close
        /// Giving it another name.
        case rename
        /// Removing it.
        case remove
        /// Asking for its size and kind.
        case status
        /// Making a folder.
        case createFolder
        /// Listing the names in a folder.
        case list
        /// Locking it.
        case lock
    }

    /// The cause in a form to branch on; ``number`` has the finer one.
    package enum Code: String, Sendable {
        /// There is no such file or folder.
        case notFound
        /// The rights do not suffice.
        case permissionDenied
        /// A folder where a file is meant.
        case isFolder
        /// A file where a folder is meant.
        case notFolder
        /// The name is taken.
        case alreadyExists
        /// The disk or the quota is full.
        case noSpace
        /// The file system is mounted read-only.
        case readOnly
        /// A name or a path is longer than the file system takes.
        case nameTooLong
        /// No descriptor is left.
        case tooManyOpenFiles
        /// Anything else, such as an error of the device.
        case other
    }

    /// What was being done.
    package let operation: Operation
    /// To what.
    package let path: FilePath
    /// The system's `errno`.
    package let number: Int32

    /// An error of these facts.
    package init(_ operation: Operation, _ path: FilePath, number: Int32) {
        self.operation = operation
        self.path = path
        self.number = number
    }

    /// The error of a name that exists already.
    package static func taken(_ path: FilePath) -> StorageError {
        StorageError(.rename, path, number: System.existsError)
    }

    /// The cause in a form to branch on.
    package var code: Code { System.code(of: number) }

    /// The system's own words for ``number``.
    package var reason: String { System.message(of: number) }
}
