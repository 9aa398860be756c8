/// The bytes of a tag as text, whatever program wrote them.
struct TagText {
    /// The text, without control characters.
    let text: String
    /// Whether the bytes were no UTF-8 or held control characters.
    let isRepaired: Bool

    /// The most bytes of a text: files whose headers are larger than 100 kB cannot be written.
    static let limit = 4096
    /// The same for the comment.
    static let commentLimit = 16_384

    /// Reads UTF-8 and, where it is none, Windows-1252, the usual code of old taggers.
    ///
    /// - Parameter bytes: what comes before the first NUL counts.
    init(_ bytes: some Sequence<UInt8>) {
        let bytes = Array(bytes.prefix { $0 != 0 })
        if let text = String(validating: bytes, as: UTF8.self) {
            self.init(cleaning: text, isRepaired: false)
        } else {
            self.init(windows1252: bytes)
        }
    }

    /// Reads Windows-1252, of which ISO 8859-1 is a part.
    init(windows1252 bytes: some Sequence<UInt8>) {
        var text = String.UnicodeScalarView()
        for byte in bytes.prefix(while: { $0 != 0 }) {
            if 0x80..<0xA0 ~= byte {
                let value = TagText.windows[Int(byte) - 0x80]
                text.append(Unicode.Scalar(value) ?? "\u{FFFD}")
            } else {
                text.append(Unicode.Scalar(byte))
            }
        }
        self.init(cleaning: String(text), isRepaired: true)
    }

    /// Takes control characters out, other than tabulators and ends of lines, and space at the ends.
    init(cleaning text: String, isRepaired: Bool) {
        let isControl = { (scalar: Unicode.Scalar) in
            scalar.properties.generalCategory == .control
                && !"\t\n\r".unicodeScalars.contains(scalar)
        }
        let isDirty = text.unicodeScalars.contains(where: isControl)
        var kept = Substring(isDirty ? String(text.unicodeScalars.filter { !isControl($0) }) : text)
        while kept.first?.isWhitespace == true { kept.removeFirst() }
        while kept.last?.isWhitespace == true { kept.removeLast() }
        self.text = String(kept)
        self.isRepaired = isRepaired || isDirty
    }

    /// The bytes 80 to 9F of Windows-1252; the five that it leaves open are as in ISO 8859-1.
    private static let windows: [UInt32] = [
        0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
        0x2039, 0x0152, 0x8D, 0x017D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013,
        0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E, 0x0178,
    ]
}

extension String {
    /// The beginning that fits into so many bytes of UTF-8, no character cut in two.
    func cut(toBytes limit: Int) -> String {
        if utf8.count <= limit { return self }
        var kept = ""
        var size = 0
        for character in self {
            size += character.utf8.count
            if size > limit { break }
            kept.append(character)
        }
        return kept
    }
}
