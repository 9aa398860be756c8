import Storage

/// How far the sound in a file should reach by what the file itself says.
///
/// libsndfile reads files that lost their end without a word, so the sizes are looked up here: in
/// the chunks of WAV, RF64, W64, AIFF and CAF, the header of AU and the pages of Ogg. Of other files
/// nothing is said here.
struct SoundExtent {
    /// The byte after the declared sound, where that is declared.
    private(set) var declaredEnd: Int?
    /// Bytes of one sample of all channels, where each has the same size.
    private(set) var stride: Int?
    /// Where streams begin that follow one another in an Ogg file; libsndfile reads only the first.
    private(set) var starts = [0]
    private let byteCount: Int

    init(of file: OpenFile, byteCount: Int) throws(StorageError) {
        self.byteCount = byteCount
        var window = ByteWindow(file, byteCount: byteCount)
        if try window.has("RIFF", "RF64", "BW64", at: 0) {
            try lookIntoRIFF(&window, bigEndian: false)
        } else if try window.has("RIFX", at: 0) {
            try lookIntoRIFF(&window, bigEndian: true)
        } else if try window.has("riff", at: 0) {
            try lookIntoW64(&window)
        } else if try window.has("FORM", at: 0) {
            try lookIntoAIFF(&window)
        } else if try window.has("caff", at: 0) {
            try lookIntoCAF(&window)
        } else if try window.has(".snd", at: 0) {
            try lookIntoAU(&window, bigEndian: true)
        } else if try window.has("dns.", at: 0) {
            try lookIntoAU(&window, bigEndian: false)
        } else if try window.has("OggS", at: 0) {
            try lookIntoOgg(&window)
        }
    }

    /// Whether the file is shorter than it says.
    var isTruncated: Bool { declaredEnd.map { $0 > byteCount } ?? false }

    /// What is missing if ``isTruncated``.
    ///
    /// - Parameter found: samples a channel that are there.
    func truncation(found: Int?) -> Truncation? {
        guard isTruncated, let declaredEnd else { return nil }
        guard let found, let stride, stride > 0 else { return Truncation(found: found) }
        let missing = (declaredEnd - byteCount - 1) / stride + 1
        let (declared, overflow) = found.addingReportingOverflow(missing)
        return Truncation(found: found, declared: overflow ? nil : declared)
    }

    /// Chunks: four letters, four bytes of size, the content, a byte if the size is odd.
    private mutating func lookIntoRIFF(
        _ window: inout ByteWindow, bigEndian: Bool
    ) throws(StorageError) {
        guard try window.has("WAVE", at: 8) else { return }
        var longSize: Int?
        var place = 12
        while let size = try window.integer(4, at: place + 4, bigEndian: bigEndian) {
            if try window.has("ds64", at: place) {
                longSize = try window.integer(8, at: place + 16, bigEndian: bigEndian)
            } else if try window.has("fmt ", at: place) {
                stride = try window.integer(2, at: place + 20, bigEndian: bigEndian)
            } else if try window.has("data", at: place) {
                if let longSize, size == 0xFFFF_FFFF {
                    declare(place + 8, longSize)
                } else if !SoundExtent.isPlaceholder(size) {
                    declare(place + 8, size)
                }
                return
            }
            place += 8 + size + size % 2
        }
    }

    /// What programs write that send a WAV file into a pipe and so don't know its size yet.
    private static func isPlaceholder(_ size: Int) -> Bool {
        size == 0 || size >= 0xFFFF_FF00 || [0x7FFF_F000, 0x7FFF_FFFF, 0x8000_0000].contains(size)
    }

    /// Chunks: 16 bytes that begin with the letters, 8 bytes of size that counts these 24 too.
    private mutating func lookIntoW64(_ window: inout ByteWindow) throws(StorageError) {
        var place = 40
        while let size = try window.integer(8, at: place + 16, bigEndian: false), size >= 24 {
            if try window.has("fmt ", at: place) {
                stride = try window.integer(2, at: place + 36, bigEndian: false)
            } else if try window.has("data", at: place) {
                return declare(place, size)
            }
            let (next, overflow) = place.addingReportingOverflow(size)
            if overflow || next > byteCount { return }
            place = (next + 7) & ~7
        }
    }

    private mutating func lookIntoAIFF(_ window: inout ByteWindow) throws(StorageError) {
        let isCompressed = try window.has("AIFC", at: 8)
        guard try window.has("AIFF", "AIFC", at: 8) else { return }
        var place = 12
        while let size = try window.integer(4, at: place + 4, bigEndian: true) {
            if try window.has("COMM", at: place) {
                let channels = try window.integer(2, at: place + 8, bigEndian: true) ?? 0
                let bits = try window.integer(2, at: place + 14, bigEndian: true) ?? 0
                stride = channels * ((bits + 7) / 8)
                if isCompressed {
                    let isPlain = try window.has(
                        "NONE", "sowt", "twos", "in24", "in32", "fl32", "FL32", "raw ",
                        at: place + 26)
                    if !isPlain { stride = nil }
                }
            } else if try window.has("SSND", at: place) {
                if size > 8 { declare(place + 8, size) }
                return
            }
            place += 8 + size + size % 2
        }
    }

    private mutating func lookIntoCAF(_ window: inout ByteWindow) throws(StorageError) {
        var place = 8
        // A size of -1, which is none here, means as far as the file goes.
        while let size = try window.integer(8, at: place + 4, bigEndian: true) {
            if try window.has("desc", at: place) {
                let bytes = try window.integer(4, at: place + 28, bigEndian: true) ?? 0
                let samples = try window.integer(4, at: place + 32, bigEndian: true) ?? 0
                if samples == 1 { stride = bytes }
            } else if try window.has("data", at: place) {
                return declare(place + 12, size)
            }
            let (next, overflow) = (place + 12).addingReportingOverflow(size)
            if overflow { return }
            place = next
        }
    }

    private mutating func lookIntoAU(
        _ window: inout ByteWindow, bigEndian: Bool
    ) throws(StorageError) {
        guard let offset = try window.integer(4, at: 4, bigEndian: bigEndian),
            let size = try window.integer(4, at: 8, bigEndian: bigEndian),
            let code = try window.integer(4, at: 12, bigEndian: bigEndian),
            let channels = try window.integer(4, at: 20, bigEndian: bigEndian)
        else { return }
        let bytes = [1: 1, 2: 1, 3: 2, 4: 3, 5: 4, 6: 4, 7: 8, 27: 1][code]
        stride = bytes.map { $0 * channels }
        if size != 0xFFFF_FFFF && size != 0 { declare(offset, size) }
    }

    /// Pages: 27 bytes, of which the last counts the sizes that follow, then content of their sum.
    private mutating func lookIntoOgg(_ window: inout ByteWindow) throws(StorageError) {
        var place = 0
        // Several streams may begin together; the next ones begin after pages of these.
        var hasSound = false
        while try window.has("OggS", at: place) {
            guard let head = try window.read(27, at: place),
                let sizes = try window.read(Int(head[head.startIndex + 26]), at: place + 27)
            else {
                return declare(place, 27 + 255)
            }
            let isFirstOfStream = head[head.startIndex + 5] & 2 != 0
            if isFirstOfStream && hasSound { starts.append(place) }
            hasSound = !isFirstOfStream
            let size = 27 + sizes.count + sizes.reduce(0) { $0 + Int($1) }
            if place + size > byteCount { return declare(place, size) }
            place += size
        }
        if place < byteCount && byteCount - place < 27 { declare(place, 27) }
    }

    private mutating func declare(_ place: Int, _ size: Int) {
        let (end, overflow) = place.addingReportingOverflow(size)
        declaredEnd = overflow ? Int.max : end
    }
}
