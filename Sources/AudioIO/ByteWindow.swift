import Storage

/// A view of a file's bytes that moves forward, for looking at headers.
struct ByteWindow {
    let byteCount: Int
    private let file: OpenFile
    private var bytes: [UInt8] = []
    private var start = 0

    init(_ file: OpenFile, byteCount: Int) {
        self.file = file
        self.byteCount = byteCount
    }

    /// Some bytes, or nil where the file does not have all of them.
    mutating func read(_ count: Int, at place: Int) throws(StorageError) -> ArraySlice<UInt8>? {
        guard place >= 0, count >= 0, place <= byteCount - count else { return nil }
        if place < start || place + count > start + bytes.count {
            bytes = try file.read(max(count, min(1 << 16, byteCount - place)), at: place)
            start = place
            // The file may have become shorter since it was opened.
            if bytes.count < count { return nil }
        }
        return bytes[(place - start)..<(place - start + count)]
    }

    /// An unsigned integer of up to 8 bytes, or nil where the file does not have all of them or the
    /// value is no `Int`.
    mutating func integer(
        _ count: Int, at place: Int, bigEndian: Bool
    ) throws(StorageError) -> Int? {
        guard let bytes = try read(count, at: place) else { return nil }
        var value: UInt64 = 0
        for index in bytes.indices {
            let place = bigEndian ? index : bytes.startIndex + bytes.endIndex - 1 - index
            value = value << 8 | UInt64(bytes[place])
        }
        return Int(exactly: value)
    }

    /// Whether one of some ASCII words of four letters stands at a place.
    mutating func has(_ words: String..., at place: Int) throws(StorageError) -> Bool {
        guard let found = try read(4, at: place) else { return false }
        return words.contains { found.elementsEqual($0.utf8) }
    }
}
