/// What the file system knows of a name.
package struct FileStatus: Sendable, Hashable {
    /// What the name stands for.
    package enum Kind: Sendable {
        /// A file with bytes.
        case file
        /// A folder.
        case folder
        /// A symbolic link, where links were not followed.
        case link
        /// A pipe, a socket or a device.
        case other
    }

    /// A file's identity on this machine, the same for all its names.
    package struct Identity: Sendable, Hashable {
        /// The file system.
        package let device: UInt64
        /// The file's number in it.
        package let number: UInt64
    }

    /// What the name stands for.
    package let kind: Kind
    /// Bytes.
    package let size: Int
    /// When the bytes last changed: seconds since 1970, UTC.
    package var modified: Double { Double(modifiedNanoseconds) * 1e-9 }
    /// When the bytes last changed: nanoseconds since 1970, UTC.
    package let modifiedNanoseconds: Int64
    /// The same for all names of one file.
    package let identity: Identity
}
