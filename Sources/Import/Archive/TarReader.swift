import Storage

/// The files of a gzipped tar archive, one after the other; nothing is ever written by it.
///
/// The format is POSIX.1-2001's `ustar`, with the extended headers of it and of GNU tar stepped over:
/// names that need those are longer than any that is looked for. Links, devices and names that lead
/// out of the archive are errors, since no archive of weights has them.
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
    static let limit = 8 << 30

    init(_ file: OpenFile) {
        source = GzipReader(file)
        path = file.path
    }

    /// The next regular file, or nil at the end of the archive.
    mutating func next() throws(ImportError) -> Entry? {
        while true {
            try skip()
            let header = try source.read(512)
            if header.isEmpty || header.allSatisfy({ $0 == 0 }) { return nil }
            guard header.count == 512, isSummed(header) else {
                throw .damagedArchive(path: path, reason: "no tar header at \(source.position)")
            }
            let name = text(header[345..<500]) + "/" + text(header[0..<100])
            guard let size = octal(header[124..<136]), size <= Self.limit,
                source.position <= Self.limit - size
            else { throw .tooLarge(path: path, name: text(header[0..<100]), bytes: Int.max) }
            unread = (size + 511) & ~511
            switch header[156] {
            case 0, UInt8(ascii: "0"), UInt8(ascii: "7"):
                try check(name, of: header)
                let last = name.split(separator: "/").last.map(String.init) ?? ""
                return Entry(name: last, size: size)
            case UInt8(ascii: "5"): try check(name, of: header)
            case UInt8(ascii: "x"), UInt8(ascii: "g"), UInt8(ascii: "L"), UInt8(ascii: "K"): break
            default: throw .unsafeEntry(path: path, name: text(header[0..<100]))
            }
        }
    }

    /// The bytes of the file that was given last.
    mutating func contents(of entry: Entry, limit: Int) throws(ImportError) -> [UInt8] {
        guard entry.size <= limit else {
            throw .tooLarge(path: path, name: entry.name, bytes: entry.size)
        }
        let bytes = try source.read(entry.size)
        unread -= bytes.count
        guard bytes.count == entry.size else {
            throw .damagedArchive(path: path, reason: "\(entry.name) is cut short")
        }
        return bytes
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

    private func check(_ name: String, of header: [UInt8]) throws(ImportError) {
        let isAbsolute = header[0] == UInt8(ascii: "/") || header[345] == UInt8(ascii: "/")
        guard !isAbsolute, !name.split(separator: "/").contains("..") else {
            throw .unsafeEntry(path: path, name: text(header[0..<100]))
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
