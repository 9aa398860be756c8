/// Tags as MP3 files carry them, and AIFF and WAV files in a chunk: ID3v2, versions 2.2 to 2.4.
///
/// Layout: a header of 10 bytes, then frames, each a name, a size, flags and content; that of a text
/// starts with a byte for its encoding. (<https://id3.org>)
struct ID3Tag {
    /// The texts by the names of their frames in version 2.4.
    private(set) var texts: [String: TagText] = [:]
    private let version: Int
    /// The comment where a program wrote it as a text of its own.
    private var ownComment: TagText?
    /// The licence, for which there is no frame: a text of that name, or the address of one.
    private var license: TagText?

    /// The frames that are read: names of four letters, those of version 2.2, and the field.
    private static let frames: [(name: String, old: String, field: TagField)] = [
        ("TIT2", "TT2", .title), ("TPE1", "TP1", .artist), ("TALB", "TAL", .album),
        ("TRCK", "TRK", .track), ("TDRC", "TYE", .date), ("TCON", "TCO", .genre),
        ("COMM", "COM", .comment), ("TCOP", "TCR", .copyright),
    ]

    /// Reads a tag; nil where there is none at the beginning of the bytes.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 10, bytes.starts(with: "ID3".utf8), 2...4 ~= bytes[3] else {
            return nil
        }
        version = Int(bytes[3])
        let flags = bytes[5]
        let size = ID3Tag.safeInteger(bytes[6..<10])
        var body = Array(bytes[10..<min(bytes.count, 10 + size)])
        if flags & 0x80 != 0 && version < 4 { body = ID3Tag.resynchronized(body[...]) }
        var place = 0
        if flags & 0x40 != 0 && version > 2 && body.count >= 4 {
            // The size of the extended header counts itself only in version 2.4.
            let size =
                version == 4
                ? ID3Tag.safeInteger(body[..<4]) : 4 + body.integer(4, at: 0, bigEndian: true)
            place = min(body.count, size)
        }
        while let frame = next(body, &place) { take(frame.name, frame.content) }
    }

    /// What the tag says of a field.
    func text(of field: TagField) -> TagText? {
        if field == .license { return license ?? texts["WCOP"] }
        guard let name = ID3Tag.frames.first(where: { $0.field == field })?.name else { return nil }
        if field == .date, texts["TDRC"] == nil { return texts["TYER"] }
        if field == .comment, texts["COMM"] == nil { return ownComment }
        return texts[name]
    }

    private func next(
        _ body: [UInt8], _ place: inout Int
    ) -> (name: String, content: [UInt8])? {
        let isShort = version == 2
        let head = isShort ? 6 : 10
        guard place + head <= body.count, body[place] != 0 else { return nil }
        let name = String(decoding: body[place..<place + (isShort ? 3 : 4)], as: UTF8.self)
        let size =
            isShort
            ? body.integer(3, at: place + 3, bigEndian: true)
            : version == 4
                ? ID3Tag.safeInteger(body[place + 4..<place + 8])
                : body.integer(4, at: place + 4, bigEndian: true)
        let flags = isShort ? 0 : body[place + 9]
        let start = place + head
        guard size <= body.count - start else { return nil }
        place = start + size
        var content = body[start..<start + size]
        // Compressed and encrypted frames are passed over.
        if version == 4 {
            if flags & 0x0C != 0 { return (name, []) }
            if flags & 0x40 != 0 { content = content.dropFirst() }
            if flags & 0x01 != 0 { content = content.dropFirst(4) }
            if flags & 0x02 != 0 { return (name, ID3Tag.resynchronized(content)) }
        } else {
            if flags & 0xC0 != 0 { return (name, []) }
            if flags & 0x20 != 0 { content = content.dropFirst() }
        }
        return (name, Array(content))
    }

    private mutating func take(_ name: String, _ content: [UInt8]) {
        let known = ID3Tag.frames.first { $0.name == name || $0.old == name }
        guard let encoding = content.first else { return }
        if name == "TXXX" || name == "TXX" {
            let (description, text) = ID3Tag.split(content.dropFirst(), encoding)
            switch ID3Tag.decode(description, encoding)?.text.lowercased() {
            case "comment": ownComment = ID3Tag.decode(text, encoding)
            case "license": license = ID3Tag.decode(text, encoding)
            default: break
            }
            return
        }
        if name == "WCOP" || name == "WCP" {
            // An address has no encoding.
            let address = TagText(content)
            if !address.text.isEmpty { texts["WCOP"] = address }
            return
        }
        guard name == "TYER" || known != nil else { return }
        var name = known?.name ?? name
        if version == 2 && name == "TDRC" { name = "TYER" }
        var rest = content.dropFirst()
        if name == "COMM" {
            rest = rest.dropFirst(3)
            let (description, text) = ID3Tag.split(rest, encoding)
            // Comments that have a name are notes of programs to themselves.
            let isNamed = ID3Tag.decode(description, encoding)?.text.isEmpty == false
            if isNamed { return }
            rest = text
        }
        guard var value = ID3Tag.decode(rest, encoding), texts[name] == nil else { return }
        if name == "TCON" {
            value = TagText(
                cleaning: ID3Genre.name(of: value.text), isRepaired: value.isRepaired)
        }
        if !value.text.isEmpty { texts[name] = value }
    }

    /// Text in one of the four encodings; several values are joined by semicolons.
    private static func decode(_ bytes: ArraySlice<UInt8>, _ encoding: UInt8) -> TagText? {
        var bytes = bytes
        var isBigEndian = encoding == 2
        if encoding == 1 {
            if bytes.starts(with: [0xFE, 0xFF]) { isBigEndian = true }
            if bytes.starts(with: [0xFE, 0xFF]) || bytes.starts(with: [0xFF, 0xFE]) {
                bytes = bytes.dropFirst(2)
            }
        }
        switch encoding {
        case 0, 3:
            let values = bytes.split(separator: 0).map { part in
                let isUTF8 = encoding == 3 || String(validating: part, as: UTF8.self) != nil
                return isUTF8 ? TagText(part) : TagText(windows1252: part)
            }
            // Latin-1 is what encoding 0 is: reading it as that repairs nothing.
            return TagText(
                cleaning: values.map(\.text).joined(separator: "; "),
                isRepaired: encoding == 3 && values.contains(where: \.isRepaired))
        case 1, 2:
            let bytes = Array(bytes)
            let units = (0..<bytes.count / 2).map {
                UInt16(bytes.integer(2, at: 2 * $0, bigEndian: isBigEndian))
            }
            let values = units.split(separator: 0).map {
                $0.first == 0xFEFF || $0.first == 0xFFFE ? $0.dropFirst() : $0
            }
            let isSound = values.allSatisfy { String(validating: $0, as: UTF16.self) != nil }
            return TagText(
                cleaning: values.map { String(decoding: $0, as: UTF16.self) }
                    .joined(separator: "; "),
                isRepaired: !isSound)
        default:
            return nil
        }
    }

    /// The text up to the first NUL and what follows it.
    private static func split(
        _ bytes: ArraySlice<UInt8>, _ encoding: UInt8
    ) -> (ArraySlice<UInt8>, ArraySlice<UInt8>) {
        let width = encoding == 1 || encoding == 2 ? 2 : 1
        var place = bytes.startIndex
        while place + width <= bytes.endIndex {
            if bytes[place..<place + width].allSatisfy({ $0 == 0 }) {
                return (bytes[..<place], bytes[(place + width)...])
            }
            place += width
        }
        return (bytes[..<bytes.startIndex], bytes)
    }

    /// Takes out the NULs that keep FF from looking like the start of sound.
    private static func resynchronized(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var previous: UInt8 = 0
        for byte in bytes {
            if previous != 0xFF || byte != 0 { result.append(byte) }
            previous = byte
        }
        return result
    }

    /// An integer of which each byte holds seven bits.
    private static func safeInteger(_ bytes: ArraySlice<UInt8>) -> Int {
        bytes.reduce(0) { $0 << 7 | Int($1 & 0x7F) }
    }

    /// A tag of version 2.4 in UTF-8.
    static func bytes(of tags: [TagField: String]) -> [UInt8] {
        var frames: [UInt8] = []
        for (name, _, field) in Self.frames {
            guard let text = tags[field] else { continue }
            // A comment has a language, none here, and a name, which is empty.
            let head = [3] + (field == .comment ? Array("XXX".utf8) + [0] : [])
            let content = head + Array(text.utf8)
            frames += Array(name.utf8) + safeBytes(content.count) + [0, 0] + content
        }
        if let license = tags[.license] {
            let content = [3] + Array("LICENSE".utf8) + [0] + Array(license.utf8)
            frames += Array("TXXX".utf8) + safeBytes(content.count) + [0, 0] + content
        }
        return Array("ID3".utf8) + [4, 0, 0] + safeBytes(frames.count) + frames
    }

    private static func safeBytes(_ value: Int) -> [UInt8] {
        [21, 14, 7, 0].map { UInt8(truncatingIfNeeded: value >> $0) & 0x7F }
    }
}

extension MetadataDraft {
    /// Takes the fields of an ID3 tag that are not there yet.
    mutating func readID3(_ bytes: [UInt8]) {
        guard let tag = ID3Tag(bytes) else { return note(.unreadable("ID3")) }
        for field in TagField.allCases {
            if let text = tag.text(of: field) { put(field, text) }
        }
    }
}
