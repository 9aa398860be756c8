import Storage

/// Gives an Ogg file that libsndfile wrote a stream number that depends on its sound alone.
///
/// libsndfile takes the number from the clock, so that the same input would give other bytes each
/// time. The number is in every page, and so is a checksum that covers it (RFC 3533, 6).
enum OggSerial {
    /// Rewrites all pages of a finished file with one stream.
    static func settle(_ file: OpenFile) throws(StorageError) {
        let byteCount = try file.status().size
        var mark: UInt32 = 0
        try eachPage(of: file, byteCount) { page, _ throws(StorageError) in
            set(&page, serial: 0)
            mark = mark &* 31 &+ checksum(page)
        }
        let serial = mark
        try eachPage(of: file, byteCount) { page, place throws(StorageError) in
            set(&page, serial: serial)
            let sum = checksum(page)
            put(sum, into: &page, at: 22)
            try file.write(Array(page[..<27]), at: place)
        }
    }

    /// Rewrites all pages of a file in memory with one stream.
    static func settle(_ bytes: inout [UInt8]) {
        var mark: UInt32 = 0
        let pages = pages(of: bytes)
        for range in pages {
            var page = Array(bytes[range])
            set(&page, serial: 0)
            mark = mark &* 31 &+ checksum(page)
        }
        for range in pages {
            var page = Array(bytes[range])
            set(&page, serial: mark)
            put(checksum(page), into: &page, at: 22)
            bytes.replaceSubrange(range, with: page)
        }
    }

    private static func pages(of bytes: [UInt8]) -> [Range<Int>] {
        var pages: [Range<Int>] = []
        var place = 0
        while place + 27 <= bytes.count, bytes[place..<place + 4].elementsEqual("OggS".utf8) {
            let sizes = bytes[(place + 27)...].prefix(Int(bytes[place + 26]))
            let size = 27 + sizes.count + sizes.reduce(0) { $0 + Int($1) }
            guard place + size <= bytes.count else { break }
            pages.append(place..<place + size)
            place += size
        }
        return pages
    }

    private static func eachPage(
        of file: OpenFile, _ byteCount: Int,
        do work: (inout [UInt8], Int) throws(StorageError) -> Void
    ) throws(StorageError) {
        var window = ByteWindow(file, byteCount: byteCount)
        var place = 0
        while try window.has("OggS", at: place),
            let count = try window.integer(1, at: place + 26, bigEndian: false),
            let sizes = try window.read(count, at: place + 27)
        {
            let size = 27 + count + sizes.reduce(0) { $0 + Int($1) }
            guard let content = try window.read(size, at: place) else { return }
            var page = Array(content)
            try work(&page, place)
            place += size
        }
    }

    /// Puts the number in and leaves the checksum zero.
    private static func set(_ page: inout [UInt8], serial: UInt32) {
        put(serial, into: &page, at: 14)
        put(0, into: &page, at: 22)
    }

    private static func put(_ value: UInt32, into page: inout [UInt8], at place: Int) {
        for index in 0..<4 { page[place + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
    }

    /// CRC-32 with the polynomial 0x04C11DB7, from the highest bit, starting from zero.
    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        let table = table.span
        var sum: UInt32 = 0
        for byte in bytes { sum = sum << 8 ^ table[Int(sum >> 24) ^ Int(byte)] }
        return sum
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index) << 24) { sum, _ in
            sum & 0x8000_0000 == 0 ? sum << 1 : sum << 1 ^ 0x04C1_1DB7
        }
    }
}
