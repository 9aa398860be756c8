package import Storage

/// A pattern of paths, for shells that did not expand it: `*`, `?`, `[a-z]`, `[!a-z]`, and `**` for
/// any number of folders.
///
/// A backslash takes the next byte as it is. Names that begin with a dot are matched only by
/// patterns that do.
package struct NamePattern: Sendable {
    private enum Part {
        case name(FilePath)
        case pattern([UInt8])
        case anyFolders
    }

    private let root: FilePath
    private let parts: [Part]

    private static let star = UInt8(ascii: "*")
    private static let special = Set("*?[".utf8)

    /// The pattern in a path; nil where there is none in it.
    package init?(_ path: FilePath) {
        guard path.bytes.contains(where: Self.special.contains) else { return nil }
        root = path.isAbsolute ? "/" : ""
        parts = path.components.map { name in
            name.bytes == [Self.star, Self.star]
                ? .anyFolders
                : name.bytes.contains(where: Self.special.contains)
                    ? .pattern(name.bytes) : .name(name)
        }
    }

    /// What is there that matches, by name, each with the folders that the pattern left open.
    package func matches() -> [(path: FilePath, folders: FilePath)] {
        var found: [(path: FilePath, folders: FilePath)] = []
        let fixed = parts.prefix { if case .name = $0 { true } else { false } }.count
        expand(root, parts[...], depth: 0) { path in
            let open = path.components.dropFirst(fixed).dropLast().map(\.bytes)
            found.append((path, FilePath(bytes: open.joined(separator: [FilePath.slash]))))
        }
        return found.sorted { $0.path < $1.path }
    }

    private func expand(
        _ folder: FilePath, _ rest: ArraySlice<Part>, depth: Int, _ body: (FilePath) -> Void
    ) {
        guard let part = rest.first else { return body(folder) }
        let next = rest.dropFirst()
        switch part {
        case .name(let name):
            let path = folder.appending(name)
            if (try? FileSystem.status(of: path)) != .some(nil) {
                expand(path, next, depth: depth, body)
            }
        case .pattern(let pattern):
            for name in names(in: folder) where Self.matches(pattern[...], name.bytes[...]) {
                let path = folder.appending(name)
                if next.isEmpty || isFolder(path, following: true) {
                    expand(path, next, depth: depth, body)
                }
            }
        case .anyFolders:
            expand(folder, next, depth: depth, body)
            // Links are not followed here, so there is no loop.
            guard depth < 256 else { return }
            for name in names(in: folder) where name.bytes.first != FilePath.dot {
                let path = folder.appending(name)
                if isFolder(path, following: false) {
                    expand(path, rest, depth: depth + 1, body)
                }
            }
        }
    }

    private func names(in folder: FilePath) -> [FilePath] {
        (try? FileSystem.names(in: folder.isEmpty ? "." : folder)) ?? []
    }

    private func isFolder(_ path: FilePath, following: Bool) -> Bool {
        (try? FileSystem.status(of: path, following: following))?.kind == .folder
    }

    /// Whether a name matches one part of a pattern; takes time in proportion to both lengths.
    static func matches(_ pattern: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>) -> Bool {
        if name.first == FilePath.dot, pattern.first != FilePath.dot { return false }
        var (pattern, name) = (pattern, name)
        var retry: (pattern: ArraySlice<UInt8>, name: ArraySlice<UInt8>)?
        while true {
            if pattern.first == star {
                pattern = pattern.dropFirst()
                retry = (pattern, name)
                continue
            }
            if let (length, takes) = first(of: pattern), let byte = name.first, takes(byte) {
                pattern = pattern.dropFirst(length)
                name = name.dropFirst()
                continue
            }
            if pattern.isEmpty, name.isEmpty { return true }
            // The last star takes one byte more; stars before it need not be tried again.
            guard let last = retry, !last.name.isEmpty else { return false }
            retry = (last.pattern, last.name.dropFirst())
            (pattern, name) = (last.pattern, last.name.dropFirst())
        }
    }

    /// The bytes of a pattern's first element, and what it takes; nil at the end.
    private static func first(
        of pattern: ArraySlice<UInt8>
    ) -> (length: Int, takes: (UInt8) -> Bool)? {
        guard let head = pattern.first else { return nil }
        let rest = pattern.dropFirst()
        switch head {
        case UInt8(ascii: "?"): return (1, { _ in true })
        case UInt8(ascii: "\\"):
            guard let literal = rest.first else { return (1, { $0 == head }) }
            return (2, { $0 == literal })
        case UInt8(ascii: "["):
            let isNegated = rest.first == UInt8(ascii: "!") || rest.first == UInt8(ascii: "^")
            let body = isNegated ? rest.dropFirst() : rest
            // A bracket in the first place is one of the bytes.
            guard let end = body.dropFirst().firstIndex(of: UInt8(ascii: "]")) else {
                return (1, { $0 == head })
            }
            let set = Array(body[..<end])
            return (end + 1 - pattern.startIndex, { isIn(set, $0) != isNegated })
        default: return (1, { $0 == head })
        }
    }

    private static func isIn(_ set: [UInt8], _ byte: UInt8) -> Bool {
        var index = 0
        while index < set.count {
            if index + 2 < set.count, set[index + 1] == UInt8(ascii: "-") {
                if set[index] <= byte, byte <= set[index + 2] { return true }
                index += 3
            } else {
                if set[index] == byte { return true }
                index += 1
            }
        }
        return false
    }
}
