extension FilePath {
    /// The names between the slashes, without empty ones.
    package var components: [FilePath] {
        bytes.split(separator: FilePath.slash).map { FilePath(bytes: $0) }
    }

    /// The last name of the path; empty for the root and for no path.
    package var name: FilePath { components.last ?? FilePath("") }

    /// The path without its last name: `/` for names in the root, `.` where there is no folder.
    package var parent: FilePath {
        let trimmed = bytes[..<endOfName]
        if trimmed.isEmpty && isAbsolute { return "/" }
        guard let cut = trimmed.lastIndex(of: FilePath.slash) else { return "." }
        let folder = FilePath(bytes: trimmed[..<cut])
        let end = folder.endOfName
        return end == 0 ? "/" : FilePath(bytes: folder.bytes[..<end])
    }

    /// What follows the last dot of the name, or nil; a dot in front of a name starts no extension.
    package var fileExtension: FilePath? {
        guard let dot = dotOfExtension else { return nil }
        return FilePath(bytes: bytes[(dot + 1)..<endOfName])
    }

    /// The last name up to its extension's dot.
    package var nameWithoutExtension: FilePath {
        guard let dot = dotOfExtension else { return name }
        return FilePath(bytes: bytes[startOfName..<dot])
    }

    /// The path with a slash and more names.
    package func appending(_ more: FilePath) -> FilePath {
        if isEmpty || more.isAbsolute { return more }
        let joint = bytes.last == FilePath.slash ? [] : [FilePath.slash]
        return FilePath(bytes: bytes + joint + more.bytes)
    }

    /// The path with another extension in place of its own, or with one if it had none.
    package func replacingExtension(with newExtension: FilePath) -> FilePath {
        let end = dotOfExtension ?? endOfName
        return FilePath(bytes: bytes[..<end] + [FilePath.dot] + newExtension.bytes)
    }

    /// Where trailing slashes begin.
    private var endOfName: Int {
        (bytes.lastIndex { $0 != FilePath.slash } ?? -1) + 1
    }

    private var startOfName: Int {
        (bytes[..<endOfName].lastIndex(of: FilePath.slash) ?? -1) + 1
    }

    private var dotOfExtension: Int? {
        let start = startOfName
        let end = endOfName
        guard let dot = bytes[start..<end].lastIndex(of: FilePath.dot) else { return nil }
        let namesSomething = bytes[start..<dot].contains { $0 != FilePath.dot }
        return namesSomething && dot + 1 < end ? dot : nil
    }
}
