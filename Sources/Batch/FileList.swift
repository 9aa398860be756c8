package import Storage

/// A list of files as other programs write it: names in any bytes, ended by NUL or by newline.
package struct FileList: Sendable {
    /// The names, in the order of the list.
    package let paths: [FilePath]

    private static let newline = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    /// Reads a list.
    ///
    /// A list with a NUL in it has NULs between its names, as `find -print0` writes it; any other
    /// has newlines, a carriage return before which is dropped. Empty names are left out.
    ///
    /// - Parameter hasNulls: whether names end with NUL only, even if there is none.
    package init(_ bytes: [UInt8], hasNulls: Bool = false) {
        if hasNulls || bytes.contains(0) {
            paths = bytes.split(separator: 0).map { FilePath(bytes: $0) }
        } else {
            paths = bytes.split(separator: Self.newline).compactMap { line in
                let name = line.last == Self.carriageReturn ? line.dropLast() : line
                return name.isEmpty ? nil : FilePath(bytes: name)
            }
        }
    }
}

extension FilePath {
    /// The folders of the path, for being mirrored below another folder: without the root and `.`,
    /// and with `_` in place of `..`.
    var mirroredFolders: FilePath {
        let folders = components.dropLast().map(\.bytes).filter { $0 != [FilePath.dot] }
            .map { $0 == [FilePath.dot, FilePath.dot] ? [UInt8(ascii: "_")] : $0 }
        return FilePath(bytes: folders.joined(separator: [FilePath.slash]))
    }
}
