package import Storage

/// Why the record of an output folder cannot be kept or read.
package enum RecordError: Error, Sendable, Hashable {
    /// Another process works on the folder, or on this part of it; who, where that is known.
    case busy(FilePath, host: String?, process: Int32?)
    /// There is no journal in the folder.
    case nothing(FilePath)
    /// The file system refused.
    case storage(StorageError)
}
