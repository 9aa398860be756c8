import Storage

/// The comments of a FLAC, Ogg Vorbis or Ogg Opus file.
///
/// Layout: the encoder's name, then the number of comments and these, each with its size in four
/// bytes; a comment is `NAME=text` in UTF-8. FLAC has them in a metadata block, Ogg in the second
/// packet of the stream. (<https://xiph.org/vorbis/doc/v-comment.html>)
struct VorbisComment {
    /// Names and texts in the order of the file.
    private(set) var comments: [(name: String, text: TagText)] = []

    /// Pictures can make comments large; what lies beyond is not read.
    private static let limit = 1 << 22
    /// The same for blocks and pages: a file may have countless empty ones.
    private static let partLimit = 1024

    /// Reads the comments of a file; nil where there are none.
    init?(_ window: inout ByteWindow) throws(StorageError) {
        let found =
            if try window.has("fLaC", at: 0) {
                try VorbisComment.block(&window)
            } else if try window.has("OggS", at: 0) {
                try VorbisComment.packet(&window)
            } else {
                [UInt8]?.none
            }
        guard let bytes = found else { return nil }
        var place = 0
        func next(_ count: Int) -> Int? {
            guard place + count <= bytes.count else { return nil }
            defer { place += count }
            return bytes.integer(count, at: place, bigEndian: false)
        }
        guard let vendor = next(4), vendor <= bytes.count - place else { return nil }
        place += vendor
        guard let count = next(4) else { return nil }
        for _ in 0..<count {
            guard let size = next(4), size <= bytes.count - place else { return }
            let comment = bytes[place..<place + size]
            place += size
            guard let sign = comment.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let name = String(decoding: comment[..<sign], as: UTF8.self).lowercased()
            comments.append((name, TagText(comment[(sign + 1)...])))
        }
    }

    /// What the comments say of a field; several values are joined by semicolons.
    func text(of field: TagField) -> TagText? {
        let names: [String] =
            switch field {
            case .track: ["tracknumber", "track"]
            case .comment: ["comment", "description"]
            case .date: ["date", "year"]
            case .title, .artist, .album, .genre, .copyright, .license: [field.rawValue]
            }
        for name in names {
            let found = comments.filter { $0.name == name && !$0.text.text.isEmpty }.map(\.text)
            if found.isEmpty { continue }
            return TagText(
                cleaning: found.map(\.text).joined(separator: "; "),
                isRepaired: found.contains(where: \.isRepaired))
        }
        return nil
    }

    /// The metadata block of type 4: a byte of type, of which the highest bit marks the last block,
    /// and three bytes of size.
    private static func block(_ window: inout ByteWindow) throws(StorageError) -> [UInt8]? {
        var place = 4
        for _ in 0..<partLimit {
            guard let head = try window.integer(4, at: place, bigEndian: true) else { break }
            let (type, size) = (head >> 24 & 0x7F, head & 0xFF_FFFF)
            if type == 4 {
                return try window.read(min(size, limit), at: place + 4).map { Array($0) }
            }
            if head >> 31 != 0 { break }
            place += 4 + size
        }
        return nil
    }

    /// The second packet of the first stream, without its mark: pages of 27 bytes, of which the last
    /// counts the sizes that follow; a size below 255 ends a packet.
    private static func packet(_ window: inout ByteWindow) throws(StorageError) -> [UInt8]? {
        var bytes: [UInt8] = []
        var place = 0
        var serial: Int?
        for _ in 0..<partLimit {
            guard try window.has("OggS", at: place),
                let count = try window.integer(1, at: place + 26, bigEndian: false),
                let sizes = try window.read(count, at: place + 27).map({ Array($0) }),
                let stream = try window.integer(4, at: place + 14, bigEndian: false)
            else { break }
            var start = place + 27 + count
            place = start + sizes.reduce(0) { $0 + Int($1) }
            // The first page holds the first packet and nothing else.
            guard let first = serial else {
                serial = stream
                continue
            }
            if stream != first { continue }
            for size in sizes {
                guard let piece = try window.read(Int(size), at: start) else { return nil }
                bytes += piece
                start += Int(size)
                if size < 255 || bytes.count > limit { return content(bytes) }
            }
        }
        return nil
    }

    private static func content(_ packet: [UInt8]) -> [UInt8]? {
        if packet.starts(with: [3] + Array("vorbis".utf8)) { return Array(packet.dropFirst(7)) }
        if packet.starts(with: "OpusTags".utf8) { return Array(packet.dropFirst(8)) }
        return nil
    }
}
