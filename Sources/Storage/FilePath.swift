/// The path of a file or folder, as the bytes that the file system knows it by.
///
/// File systems take any bytes but `/` and NUL in a name, so old archives hold names that are no
/// UTF-8; a path kept as a `String` could not find them again.
package struct FilePath: Sendable, Hashable {
    /// The bytes, without the NUL that ends them in C.
    package let bytes: [UInt8]

    /// The path of these bytes; a NUL ends it, as it does for the system.
    package init(bytes: some Sequence<UInt8>) {
        self.bytes = Array(bytes.prefix { $0 != 0 })
    }

    /// The path of these bytes; a NUL ends it, as it does for the system.
    ///
    /// A plan makes a million of these, which is why there is one that is not generic.
    package init(bytes: [UInt8]) {
        self.bytes = bytes.firstIndex(of: 0).map { Array(bytes[..<$0]) } ?? bytes
    }

    /// The path of these bytes; a NUL ends it, as it does for the system.
    package init(bytes: ArraySlice<UInt8>) { self.init(bytes: Array(bytes)) }

    /// The path of a string's UTF-8; a NUL ends it, as it does for the system.
    package init(_ string: String) {
        self.init(bytes: string.utf8)
    }

    /// The bytes and a NUL, for C.
    package var nullTerminated: [CChar] {
        bytes.map { CChar(bitPattern: $0) } + [0]
    }

    /// Whether there is no byte at all.
    package var isEmpty: Bool { bytes.isEmpty }

    /// Whether the path starts at the root.
    package var isAbsolute: Bool { bytes.first == FilePath.slash }

    /// Whether the bytes are well-formed UTF-8, so that ``description`` is the path itself.
    package var isUTF8: Bool { Array(description.utf8) == bytes }

    package static let slash = UInt8(ascii: "/")
    package static let dot = UInt8(ascii: ".")
}

extension FilePath: CustomStringConvertible {
    /// The path as text; bytes that are no UTF-8 show as U+FFFD.
    package var description: String { String(decoding: bytes, as: UTF8.self) }
}

extension FilePath: ExpressibleByStringLiteral {
    /// The path of a literal's UTF-8.
    package init(stringLiteral value: String) { self.init(value) }
}

extension FilePath: Comparable {
    /// Order by bytes, which is the same on every machine and in every language.
    package static func < (left: FilePath, right: FilePath) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}
