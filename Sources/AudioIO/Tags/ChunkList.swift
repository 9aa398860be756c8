import Storage

/// The chunks of a RIFF or FORM file: four letters, four bytes of size, the content, a byte if the
/// size is odd.
struct ChunkList {
    /// A chunk by its letters and the place of its content.
    struct Chunk {
        let name: [UInt8]
        let start: Int
        let size: Int

        func isNamed(_ word: String) -> Bool { name.elementsEqual(word.utf8) }
    }

    private(set) var chunks: [Chunk] = []
    let isBigEndian: Bool

    /// Files of countless empty chunks are looked at no farther.
    private static let countLimit = 4096
    /// The largest chunk that is read; those of the descriptions are far smaller.
    private static let sizeLimit = 1 << 20

    /// Lists the chunks of a WAV, RF64 or AIFF file; nil for other files.
    init?(_ window: inout ByteWindow) throws(StorageError) {
        let isRIFF = try window.has("RIFF", "RF64", "BW64", "RIFX", at: 0)
        let isAIFF = try window.has("FORM", at: 0)
        let isWhole =
            isRIFF
            ? try window.has("WAVE", at: 8)
            : isAIFF ? try window.has("AIFF", "AIFC", at: 8) : false
        guard isWhole else { return nil }
        let isReversed = try window.has("RIFX", at: 0)
        isBigEndian = isAIFF || isReversed
        var longSize: Int?
        var place = 12
        while chunks.count < ChunkList.countLimit, let name = try window.read(4, at: place),
            var size = try window.integer(4, at: place + 4, bigEndian: isBigEndian)
        {
            let chunk = Chunk(name: Array(name), start: place + 8, size: size)
            if chunk.isNamed("ds64") {
                longSize = try window.integer(8, at: place + 16, bigEndian: isBigEndian)
            } else if chunk.isNamed("data"), size == 0xFFFF_FFFF, let longSize {
                size = longSize
            }
            chunks.append(chunk)
            let (next, overflow) = (place + 8 + size % 2).addingReportingOverflow(size)
            if overflow { break }
            place = next
        }
    }

    /// The content of a chunk; nil where it is too large or not all there.
    static func content(
        of chunk: Chunk, _ window: inout ByteWindow
    ) throws(StorageError) -> [UInt8]? {
        guard chunk.size <= sizeLimit else { return nil }
        return try window.read(chunk.size, at: chunk.start).map { Array($0) }
    }

    /// The chunks within the content of a chunk.
    ///
    /// - Parameter start: where the first of them begins.
    static func parts(
        of content: [UInt8], from start: Int, bigEndian: Bool
    ) -> [(name: [UInt8], content: ArraySlice<UInt8>)] {
        var parts: [(name: [UInt8], content: ArraySlice<UInt8>)] = []
        var place = start
        while place + 8 <= content.count {
            let size = content.integer(4, at: place + 4, bigEndian: bigEndian)
            let end = min(content.count, place + 8 + size)
            parts.append((Array(content[place..<place + 4]), content[place + 8..<end]))
            place = end + size % 2
        }
        return parts
    }
}

extension [UInt8] {
    /// An unsigned integer of up to 7 bytes; the bytes are there.
    func integer(_ count: Int, at place: Int, bigEndian: Bool) -> Int {
        let bytes = self[place..<place + count]
        return bigEndian
            ? bytes.reduce(0) { $0 << 8 | Int($1) }
            : bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    /// Appends an unsigned integer of so many bytes.
    mutating func append(_ value: Int, bytes count: Int, bigEndian: Bool) {
        for index in 0..<count {
            let shift = 8 * (bigEndian ? count - 1 - index : index)
            append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }
}
