/// A table of keys and values in LevelDB's file format (its document `table_format.md`), which
/// TensorFlow keeps the index of a checkpoint in.
///
/// The file is data blocks, an index block of where they lie, and a footer of 48 bytes. A block is
/// entries (bytes shared with the key before, bytes of its own, bytes of value, all as base-128
/// numbers, then those bytes), restart points, and a trailer of the compression's kind and a check.
struct SortedTable {
    /// What is wrong with a table.
    struct Fault: Error, Equatable {
        let reason: String
        init(_ reason: String) { self.reason = reason }
    }

    /// The entries in the order of the file; values lie in `bytes`.
    private(set) var entries: [(key: String, value: Range<Int>)] = []
    /// The whole file.
    let bytes: [UInt8]

    private static let magic: UInt64 = 0xdb47_7524_8b80_fb57
    /// More than any checkpoint of a separator has.
    ///
    /// Keys share beginnings and blocks may be named again and again, so that a small file could
    /// else stand for more than fits in memory.
    private static let (entryLimit, keyLimit) = (100_000, 4096)

    /// Reads a table whole.
    init(_ bytes: [UInt8]) throws(Fault) {
        self.bytes = bytes
        guard bytes.count >= 48 else { throw Fault("the table is \(bytes.count) bytes long") }
        let footer = bytes.count - 48
        guard number(at: footer + 40, count: 8) == Self.magic else {
            throw Fault("the table has no footer")
        }
        var cursor = footer
        // The first handle is that of the meta index, which says nothing about values.
        _ = try handle(&cursor, footer + 40)
        let index = try block(try handle(&cursor, footer + 40))
        for place in index {
            var cursor = place.value.lowerBound
            let range = try handle(&cursor, place.value.upperBound)
            for entry in try block(range) {
                guard entries.count < Self.entryLimit else {
                    throw Fault("the table has more than \(Self.entryLimit) entries")
                }
                entries.append((String(decoding: entry.key, as: UTF8.self), entry.value))
            }
        }
    }

    private func number(at start: Int, count: Int) -> UInt64 {
        bytes[start..<start + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private func varint(_ cursor: inout Int, _ end: Int) throws(Fault) -> Int {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while cursor < end, shift < 63 {
            let byte = bytes[cursor]
            cursor += 1
            value |= UInt64(byte & 127) << shift
            if byte < 128 { return Int(value) }
            shift += 7
        }
        throw Fault("a number of the table is cut short")
    }

    /// Where a block lies: its offset and its size without the trailer.
    private func handle(_ cursor: inout Int, _ end: Int) throws(Fault) -> Range<Int> {
        let offset = try varint(&cursor, end)
        let size = try varint(&cursor, end)
        guard offset <= bytes.count, size <= bytes.count - offset - 5 else {
            throw Fault("a block lies outside of the table")
        }
        return offset..<offset + size
    }

    private func block(
        _ range: Range<Int>
    ) throws(Fault) -> [(key: [UInt8], value: Range<Int>)] {
        guard bytes[range.upperBound] == 0 else { throw Fault("a block is compressed") }
        let stored = UInt32(truncatingIfNeeded: number(at: range.upperBound + 1, count: 4))
        guard CRC32C.masked(bytes, range.lowerBound..<range.upperBound + 1) == stored else {
            throw Fault("the block at \(range.lowerBound) has another check than it says")
        }
        guard range.count >= 4 else { throw Fault("a block has no restart points") }
        let restarts = Int(number(at: range.upperBound - 4, count: 4))
        guard restarts <= (range.count - 4) / 4 else {
            throw Fault("a block is all restart points")
        }
        let end = range.upperBound - 4 - 4 * restarts
        var cursor = range.lowerBound
        var key: [UInt8] = []
        var found: [(key: [UInt8], value: Range<Int>)] = []
        while cursor < end {
            let shared = try varint(&cursor, end)
            let own = try varint(&cursor, end)
            let length = try varint(&cursor, end)
            guard shared <= key.count, own <= end - cursor, length <= end - cursor - own else {
                throw Fault("an entry is longer than its block")
            }
            guard shared + own <= Self.keyLimit, found.count < Self.entryLimit else {
                throw Fault("a block has more or longer keys than any checkpoint")
            }
            key = Array(key[..<shared] + bytes[cursor..<cursor + own])
            cursor += own
            found.append((key, cursor..<cursor + length))
            cursor += length
        }
        return found
    }
}
