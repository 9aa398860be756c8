import Storage

/// The blocks ("frames" in MPEG's words) of an MP1, MP2 or MP3 file.
///
/// libsndfile guesses the length of a file without a Xing tag from its first blocks, and stops where
/// the tag of the first of several joined files says; both lose sound. So the blocks are counted
/// here. Layout of headers: ISO 11172-3, 2.4.1.3, and ISO 13818-3.
struct MPEGStream {
    /// Where the first block begins, after an ID3v2 tag.
    private(set) var start: Int
    /// Blocks of sound that are in the file, without that of the tag.
    private(set) var blocks = 0
    /// Blocks that the Xing or Info tag tells of.
    private(set) var taggedBlocks: Int?
    /// Bytes that the tag tells of, its own block included.
    private(set) var taggedBytes: Int?
    /// Where the block after the tag begins.
    private(set) var startAfterTag: Int
    /// Samples a channel in a block.
    let samplesPerBlock: Int
    /// Whether the file ends within its last block.
    private(set) var endsInBlock = false

    /// Nil for what is no MPEG audio.
    init?(of file: OpenFile, byteCount: Int) throws(StorageError) {
        var window = ByteWindow(file, byteCount: byteCount)
        start = try MPEGStream.endOfID3(&window)
        guard let first = try MPEGHeader(&window, at: start),
            let second = try MPEGHeader(&window, at: start + first.size), second.isLike(first)
        else { return nil }
        samplesPerBlock = first.samples
        startAfterTag = start
        try readTag(&window, first)
        try count(&window, first)
    }

    /// What is missing by the tag; some encoders count their tag's block, so one block is nothing.
    var truncation: Truncation? {
        if let taggedBlocks, blocks + 1 < taggedBlocks {
            return Truncation(
                found: blocks * samplesPerBlock, declared: taggedBlocks * samplesPerBlock)
        }
        return endsInBlock
            ? Truncation(found: blocks * samplesPerBlock, isCertain: false) : nil
    }

    /// Whether libsndfile would stop before the end.
    var needsCounting: Bool {
        guard let taggedBlocks else { return true }
        return blocks > taggedBlocks + 1
    }

    private static func endOfID3(_ window: inout ByteWindow) throws(StorageError) -> Int {
        guard try window.read(3, at: 0)?.elementsEqual("ID3".utf8) == true,
            let head = try window.read(10, at: 0)
        else { return 0 }
        let size = head.suffix(4).reduce(0) { $0 << 7 | Int($1 & 0x7F) }
        return 10 + size + (head[head.startIndex + 5] & 0x10 != 0 ? 10 : 0)
    }

    /// Reads the tag that encoders put into the first block: letters, flags, blocks, bytes.
    private mutating func readTag(
        _ window: inout ByteWindow, _ first: MPEGHeader
    ) throws(StorageError) {
        let place = start + 4 + first.sideSize
        guard try window.has("Xing", "Info", at: place),
            let flags = try window.integer(4, at: place + 4, bigEndian: true), flags & 1 != 0
        else { return }
        taggedBlocks = try window.integer(4, at: place + 8, bigEndian: true)
        if flags & 2 != 0 {
            taggedBytes = try window.integer(4, at: place + 12, bigEndian: true)
        }
        startAfterTag = start + first.size
    }

    /// How many bytes that belong to no block are passed over in all.
    private static let junkLimit = 1 << 20

    private mutating func count(
        _ window: inout ByteWindow, _ first: MPEGHeader
    ) throws(StorageError) {
        var place = startAfterTag
        var junk = 0
        while place < window.byteCount {
            if let header = try MPEGHeader(&window, at: place), header.isLike(first) {
                if place + header.size > window.byteCount {
                    endsInBlock = true
                    return
                }
                blocks += 1
                place += header.size
            } else {
                // Tags at the end, or bytes between joined files.
                place += 1
                junk += 1
                if junk > MPEGStream.junkLimit { return }
            }
        }
    }
}

/// The four bytes in front of each block.
struct MPEGHeader {
    /// Bytes of the block, header included.
    let size: Int
    /// Samples a channel.
    let samples: Int
    /// Bytes between the header and where a tag would be.
    let sideSize: Int
    private let rate: Int
    private let layer: Int

    init?(_ window: inout ByteWindow, at place: Int) throws(StorageError) {
        guard let bytes = try window.integer(4, at: place, bigEndian: true),
            bytes >> 21 & 0x7FF == 0x7FF
        else { return nil }
        let version = bytes >> 19 & 3
        let layer = 4 - (bytes >> 17 & 3)
        let bitIndex = bytes >> 12 & 15
        let rateIndex = bytes >> 10 & 3
        guard version != 1, layer != 4, 1...14 ~= bitIndex, rateIndex != 3 else { return nil }
        let isFull = version == 3
        let kilobits = MPEGHeader.kilobits(isFull, layer)[bitIndex - 1]
        rate = [44_100, 48_000, 32_000][rateIndex] / (isFull ? 1 : version == 2 ? 2 : 4)
        self.layer = layer
        let padding = bytes >> 9 & 1
        samples = layer == 1 ? 384 : layer == 3 && !isFull ? 576 : 1152
        size =
            layer == 1
            ? (12_000 * kilobits / rate + padding) * 4
            : samples / 8 * 1000 * kilobits / rate + padding
        let isMono = bytes >> 6 & 3 == 3
        sideSize = isFull ? (isMono ? 17 : 32) : (isMono ? 9 : 17)
    }

    func isLike(_ other: MPEGHeader) -> Bool {
        rate == other.rate && layer == other.layer && samples == other.samples
    }

    private static func kilobits(_ isFull: Bool, _ layer: Int) -> [Int] {
        switch (isFull, layer) {
        case (true, 1): (1...14).map { $0 * 32 }
        case (true, 2): [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384]
        case (true, _): [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
        case (false, 1): [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256]
        case (false, _): [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]
        }
    }
}
