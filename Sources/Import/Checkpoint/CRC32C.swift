/// The cyclic redundancy check of RFC 3720 (Castagnoli's polynomial), as tables and bundles mask it.
enum CRC32C {
    /// Eight tables, one a byte of the step: `tables[k][b]` is the check of `b` and `k` zero bytes.
    private static let tables: [[UInt32]] = {
        var first: [UInt32] = []
        for byte: UInt32 in 0..<256 {
            var value = byte
            for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0x82f6_3b78 : value >> 1 }
            first.append(value)
        }
        var tables = [first]
        for level in 1..<8 {
            let before = tables[level - 1]
            var next: [UInt32] = []
            for value in before { next.append(value >> 8 ^ first[Int(value & 255)]) }
            tables.append(next)
        }
        return tables
    }()

    /// The masked check of some of the bytes: rotated right by 15, plus a constant, so that a check
    /// over bytes that hold checks does not go astray.
    static func masked(_ bytes: [UInt8], _ range: Range<Int>) -> UInt32 {
        let value = check(bytes, range)
        return (value >> 15 | value << 17) &+ 0xa282_ead8
    }

    /// The check of some of the bytes, eight at a time.
    static func check(_ bytes: [UInt8], _ range: Range<Int>) -> UInt32 {
        let flat = tables.flatMap { $0 }
        let (table, source) = (flat.span, bytes.span)
        var value: UInt32 = 0xffff_ffff
        var index = range.lowerBound
        while index + 8 <= range.upperBound {
            var low = UInt32(source[index]) | UInt32(source[index + 1]) << 8
            low |= UInt32(source[index + 2]) << 16
            low |= UInt32(source[index + 3]) << 24
            low ^= value
            value = table[1792 + Int(low & 255)] ^ table[1536 + Int(low >> 8 & 255)]
            value ^= table[1280 + Int(low >> 16 & 255)] ^ table[1024 + Int(low >> 24)]
            value ^= table[768 + Int(source[index + 4])] ^ table[512 + Int(source[index + 5])]
            value ^= table[256 + Int(source[index + 6])] ^ table[Int(source[index + 7])]
            index += 8
        }
        while index < range.upperBound {
            value = value >> 8 ^ table[Int((value ^ UInt32(source[index])) & 255)]
            index += 1
        }
        return ~value
    }
}
