/// Builds gzipped tar archives byte by byte, right and wrong ones.
struct TarArchive {
    private var bytes: [UInt8] = []

    /// Adds an entry; `size` and `sum` may lie.
    mutating func add(
        _ name: String, _ contents: [UInt8], kind: Character = "0", size: String? = nil,
        sum: Int? = nil, prefix: String = ""
    ) {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at start: Int) {
            header.replaceSubrange(start..<start + text.utf8.count, with: Array(text.utf8))
        }
        func octal(_ value: Int, _ width: Int) -> String {
            let digits = String(value, radix: 8)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        put(String(name.prefix(100)), at: 0)
        put("0000644", at: 100)
        put(size ?? octal(contents.count, 11), at: 124)
        put("        ", at: 148)
        header[156] = kind.asciiValue ?? 0
        put("ustar", at: 257)
        put("00", at: 263)
        put(prefix, at: 345)
        put(octal(sum ?? header.reduce(0) { $0 + Int($1) }, 6), at: 148)
        header[154] = 0
        bytes += header + contents
        bytes += [UInt8](repeating: 0, count: (512 - contents.count % 512) % 512)
    }

    /// The archive as a gzip file of stored blocks (RFC 1951, 3.2.4).
    var gzipped: [UInt8] {
        let all = bytes + [UInt8](repeating: 0, count: 1024)
        var file: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]
        var start = 0
        while start < all.count {
            let count = min(65_535, all.count - start)
            file.append(start + count == all.count ? 1 : 0)
            file += Self.little(count, 2) + Self.little(~count & 0xffff, 2)
            file += all[start..<start + count]
            start += count
        }
        return file + Self.little(Int(Self.check(all)), 4) + Self.little(all.count, 4)
    }

    private static func little(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(value >> (8 * $0) & 255) }
    }

    /// The CRC-32 of gzip (RFC 1952, 8), bit by bit.
    private static func check(_ bytes: [UInt8]) -> UInt32 {
        var value: UInt32 = 0xffff_ffff
        for byte in bytes {
            value ^= UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xedb8_8320 : value >> 1 }
        }
        return ~value
    }
}
