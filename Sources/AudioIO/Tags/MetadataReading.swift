import Storage

extension MetadataDraft {
    /// Reads what a file says about itself; what cannot be read is noted and never an error.
    ///
    /// WAV, RF64 and AIFF files, ID3 tags in front of MP3 files and the comments of FLAC and Ogg are
    /// read here, since libsndfile knows only some of their fields; the other formats come from it.
    ///
    /// - Parameter text: asks libsndfile for a text.
    init(_ file: OpenFile, byteCount: Int, text: (TagField) -> [UInt8]?) {
        do throws(StorageError) {
            var window = ByteWindow(file, byteCount: byteCount)
            if let list = try ChunkList(&window) {
                if try window.has("FORM", at: 0) {
                    try read(aiff: list, &window)
                } else {
                    try read(riff: list, &window)
                }
                return
            }
            if let comment = try VorbisComment(&window) {
                for field in TagField.allCases {
                    if let text = comment.text(of: field) { put(field, text) }
                }
                return
            }
            if try window.read(3, at: 0)?.elementsEqual("ID3".utf8) == true {
                // Large tags hold pictures, and these usually come last.
                readID3(try file.read(min(byteCount, 1 << 24), at: 0))
            }
        } catch {
            note(.unreadable(error.reason))
        }
        for field in TagField.allCases {
            if let bytes = text(field) { put(field, TagText(bytes)) }
        }
    }

    /// Reads what the `ffmpeg` program writes about a file.
    ///
    ///     ;FFMETADATA1
    ///     title=One\=two
    ///     [STREAM]
    ///     title=...
    ///
    /// A backslash stands in front of `=`, `;`, `#`, itself and ends of lines that are meant.
    init(ffmetadata bytes: [UInt8]) {
        let escape = UInt8(ascii: "\\")
        var key: [UInt8]?
        var word: [UInt8] = []
        var isEscaped = false
        for byte in bytes + [UInt8(ascii: "\n")] {
            if isEscaped {
                word.append(byte)
                isEscaped = false
            } else if byte == escape {
                isEscaped = true
            } else if byte == UInt8(ascii: "="), key == nil {
                key = word
                word = []
            } else if byte == UInt8(ascii: "\n") {
                if let key, let field = TagField(foreign: key) { put(field, TagText(word)) }
                key = nil
                word = []
            } else {
                word.append(byte)
            }
        }
    }
}

extension TagField {
    /// The field by the name that `ffmpeg` has for it, in letters of either case.
    fileprivate init?(foreign key: [UInt8]) {
        let name = String(decoding: key, as: UTF8.self).lowercased()
        self.init(rawValue: ["tracknumber": "track", "year": "date"][name] ?? name)
    }
}
