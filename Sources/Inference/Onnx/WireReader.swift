/// A cursor over one message in the wire format of protocol buffers.
///
/// Every length is checked against the bytes that are there before it is used, so that a reader
/// over foreign bytes throws and never traps. Nothing is copied until a field is asked for.
package struct WireReader {
    /// The four ways in which a field's value is written.
    package enum WireType: UInt64 {
        case varint = 0
        case fixed64 = 1
        case lengthDelimited = 2
        case fixed32 = 5
    }

    /// A field's number and how its value is written; the value follows at the reader's position.
    package struct Field {
        /// The field's number.
        package let number: Int
        /// How its value is written.
        package let wire: WireType
    }

    /// Messages nested deeper than this are refused, which bounds the stack.
    static let maximumDepth = 64

    /// All bytes, those of the messages around this one among them.
    package let bytes: [UInt8]
    /// Where the next byte is read, in `bytes`.
    package private(set) var position: Int
    let end: Int
    let depth: Int

    /// A reader of a message that takes all the bytes.
    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
        position = 0
        end = bytes.count
        depth = 0
    }

    private init(_ bytes: [UInt8], range: Range<Int>, depth: Int) {
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
        self.depth = depth
    }

    /// The next field's tag, or nil at the message's end.
    package mutating func nextField() throws(OnnxError) -> Field? {
        guard position < end else { return nil }
        let start = position
        let tag = try varint()
        guard let wire = WireType(rawValue: tag & 7), tag >> 3 >= 1, tag >> 3 < 1 << 29 else {
            throw OnnxError(.malformed, offset: start, detail: "tag \(tag)")
        }
        return Field(number: Int(tag >> 3), wire: wire)
    }

    /// A base-128 number of at most ten bytes.
    package mutating func varint() throws(OnnxError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while shift < 64 {
            guard position < end else { throw OnnxError(.truncated, offset: position) }
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw OnnxError(.malformed, offset: position, detail: "number of more than ten bytes")
    }

    /// A varint read as a signed 64-bit number, as int32, int64 and enums are written.
    package mutating func int64() throws(OnnxError) -> Int64 { Int64(bitPattern: try varint()) }

    /// Four bytes, little-endian.
    package mutating func fixed32() throws(OnnxError) -> UInt32 {
        let range = try take(4)
        return bytes[range].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Eight bytes, little-endian.
    mutating func fixed64() throws(OnnxError) -> UInt64 {
        let range = try take(8)
        return bytes[range].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The place of a length-delimited value in `bytes`.
    package mutating func block() throws(OnnxError) -> Range<Int> {
        let start = position
        let length = try varint()
        guard length <= UInt64(end - position) else {
            throw OnnxError(.truncated, offset: start, detail: "length \(length)")
        }
        return try take(Int(length))
    }

    /// A length-delimited value as text; bytes that are no UTF-8 are replaced.
    package mutating func string() throws(OnnxError) -> String {
        String(decoding: bytes[try block()], as: UTF8.self)
    }

    /// A length-delimited value as a message of its own.
    package mutating func message() throws(OnnxError) -> WireReader {
        guard depth < Self.maximumDepth else { throw OnnxError(.tooDeep, offset: position) }
        return WireReader(bytes, range: try block(), depth: depth + 1)
    }

    /// Repeated whole numbers, packed or one by one.
    mutating func integers(_ field: Field, into list: inout [Int64]) throws(OnnxError) {
        if field.wire == .lengthDelimited {
            var packed = WireReader(bytes, range: try block(), depth: depth + 1)
            while packed.position < packed.end { list.append(try packed.int64()) }
        } else {
            try expect(field, .varint)
            list.append(try int64())
        }
    }

    /// Repeated four-byte values, packed or one by one.
    mutating func words32(_ field: Field, into list: inout [UInt32]) throws(OnnxError) {
        if field.wire == .lengthDelimited {
            var packed = WireReader(bytes, range: try block(), depth: depth + 1)
            list.reserveCapacity(list.count + (packed.end - packed.position) / 4)
            while packed.position < packed.end { list.append(try packed.fixed32()) }
        } else {
            try expect(field, .fixed32)
            list.append(try fixed32())
        }
    }

    /// Repeated eight-byte values, packed or one by one.
    mutating func words64(_ field: Field, into list: inout [UInt64]) throws(OnnxError) {
        if field.wire == .lengthDelimited {
            var packed = WireReader(bytes, range: try block(), depth: depth + 1)
            while packed.position < packed.end { list.append(try packed.fixed64()) }
        } else {
            try expect(field, .fixed64)
            list.append(try fixed64())
        }
    }

    /// Throws unless a field is written as the standard says.
    func expect(_ field: Field, _ wire: WireType) throws(OnnxError) {
        guard field.wire == wire else {
            throw OnnxError(
                .malformed, offset: position, subject: "field \(field.number)",
                detail: "wire type \(field.wire.rawValue)")
        }
    }

    /// Steps over the value of a field that nobody asked for.
    package mutating func skip(_ field: Field) throws(OnnxError) {
        switch field.wire {
        case .varint: _ = try varint()
        case .fixed64: _ = try take(8)
        case .lengthDelimited: _ = try block()
        case .fixed32: _ = try take(4)
        }
    }

    private mutating func take(_ count: Int) throws(OnnxError) -> Range<Int> {
        guard count <= end - position else { throw OnnxError(.truncated, offset: position) }
        defer { position += count }
        return position..<position + count
    }
}
