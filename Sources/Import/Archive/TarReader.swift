import Storage

/// The files of a gzipped tar archive, one after the other; nothing is ever written by it.
///
/// The format is POSIX.1-2001's `ustar`, with the names and sizes of its extended headers and the long
/// names of GNU tar. Links, devices, sparse files and names that lead out of the archive are errors,
/// since no archive of weights has them.
struct TarReader {
    /// One file of the archive.
    struct Entry {
        /// The last part of its name.
        let name: String
        /// Bytes.
        let size: Int
    }

    private let source: GzipReader
    private let path: FilePath
    private var unread = 0

    /// More than any archive of weights unpacks to, in bytes.
    static let limit = 4 << 30

    init(_ file: OpenFile) {
        source = GzipReader(file)
        path = file.path
    }

    /// An extended header is a few lines.
    private static let extensionLimit = 1 << 20

    /// What an extended header says of the entry after it.
    private struct Extension {
        var name: String?
        var size: Int?
    }

    /// The next regular file, or nil at the end of the archive.
    mutating func next() throws(ImportError) -> Entry? {
        var told = Extension()
        while true {
            try skip()
            let header = try source.read(512)
            if header.isEmpty || header.allSatisfy({ $0 == 0 }) { return nil }
            guard header.count == 512, isSummed(header) else {
                throw .damagedArchive(path: path, reason: "no tar header at \(source.position)")
            }
            let (prefix, last) = (text(header[345..<500]), text(header[0..<100]))
            let name = told.name ?? (prefix.isEmpty ? last : prefix + "/" + last)
            let kind = header[156]
            let isExtension = Self.extensions.contains(kind)
            guard
                let size = isExtension
                    ? octal(header[124..<136]) : told.size ?? octal(header[124..<136]),
                size <= (isExtension ? Self.extensionLimit : Self.limit),
                source.position <= Self.limit - size
            else { throw .tooLarge(path: path, name: name, bytes: Int.max) }
            unread = (size + 511) & ~511
            switch kind {
            case 0, UInt8(ascii: "0"), UInt8(ascii: "7"):
                try check(name)
                return Entry(
                    name: name.split(separator: "/").last.map(String.init) ?? "", size: size)
            case UInt8(ascii: "5"):
                try check(name)
                told = Extension()
            case UInt8(ascii: "x"):
                try read(&told, of: size)
            case UInt8(ascii: "L"):
                let bytes = try piece(size)
                told.name = text(bytes[...])
            case UInt8(ascii: "g"), UInt8(ascii: "K"): break
            default: throw .unsafeEntry(path: path, name: name)
            }
        }
    }

    /// Headers that say something of what comes after them: POSIX's for one entry and for all, GNU's
    /// for a long name and a long link.
    private static let extensions: [UInt8] = [
        UInt8(ascii: "x"), UInt8(ascii: "g"), UInt8(ascii: "L"), UInt8(ascii: "K"),
    ]

    /// Reads the lines of a POSIX extended header: each is its own length, a blank, key=value, and
    /// the end of the line.
    private mutating func read(_ told: inout Extension, of size: Int) throws(ImportError) {
        var rest = try piece(size)[...]
        while !rest.isEmpty {
            guard let blank = rest.firstIndex(of: UInt8(ascii: " ")),
                let length = Int(text(rest[..<blank])), length > blank - rest.startIndex + 1,
                length <= rest.count
            else { throw .damagedArchive(path: path, reason: "an extended header is no list") }
            let line = rest[(blank + 1)..<rest.startIndex + length - 1]
            rest = rest.dropFirst(length)
            let parts = line.split(separator: UInt8(ascii: "="), maxSplits: 1)
            guard parts.count == 2 else { continue }
            let value = String(decoding: parts[1], as: UTF8.self)
            switch String(decoding: parts[0], as: UTF8.self) {
            case "path": told.name = value
            case "size":
                guard let size = Int(value), size >= 0 else {
                    throw .tooLarge(path: path, name: told.name ?? "", bytes: Int.max)
                }
                told.size = size
            case let key where key.hasPrefix("GNU.sparse."):
                throw .unsafeEntry(path: path, name: told.name ?? key)
            default: break
            }
        }
    }

    /// The bytes of the entry at hand.
    private mutating func piece(_ size: Int) throws(ImportError) -> [UInt8] {
        let bytes = try source.read(size)
        unread -= bytes.count
        guard bytes.count == size else {
            throw .damagedArchive(path: path, reason: "an entry is cut short")
        }
        return bytes
    }

    /// The bytes of the file that was given last.
    mutating func contents(of entry: Entry, limit: Int) throws(ImportError) -> [UInt8] {
        guard entry.size <= limit else {
            throw .tooLarge(path: path, name: entry.name, bytes: entry.size)
        }
        return try piece(entry.size)
    }

    private mutating func skip() throws(ImportError) {
        while unread > 0 {
            let count = try source.read(min(unread, 1 << 20)).count
            guard count > 0 else {
                throw .damagedArchive(path: path, reason: "an entry is cut short")
            }
            unread -= count
        }
    }

    private func check(_ name: String) throws(ImportError) {
        guard !name.hasPrefix("/"), !name.split(separator: "/").contains("..") else {
            throw .unsafeEntry(path: path, name: name)
        }
    }

    /// The sum of the header's bytes, its own field taken as spaces.
    private func isSummed(_ header: [UInt8]) -> Bool {
        var sum = 0
        for (index, byte) in header.enumerated() {
            sum += (148..<156).contains(index) ? 32 : Int(byte)
        }
        return octal(header[148..<156]) == sum
    }

    private func text(_ field: ArraySlice<UInt8>) -> String {
        String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// A number in octal digits, between spaces or zeros; nil for anything else.
    private func octal(_ field: ArraySlice<UInt8>) -> Int? {
        let digits = field.drop { $0 == 32 }.prefix { $0 != 32 && $0 != 0 }
        var value = 0
        for digit in digits {
            guard (0x30...0x37).contains(digit), value < 1 << 40 else { return nil }
            value = value * 8 + Int(digit - 0x30)
        }
        return value
    }
}
