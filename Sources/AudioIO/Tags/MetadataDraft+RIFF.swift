import Storage

/// The descriptions in WAV files: the `LIST` chunks `INFO` and `adtl`, `cue `, `bext` and `id3 `.
extension MetadataDraft {
    /// The names of fields in an `INFO` list.
    private static let infoFields: [(name: String, field: TagField)] = [
        ("INAM", .title), ("IART", .artist), ("IPRD", .album), ("ITRK", .track), ("ICRD", .date),
        ("IGNR", .genre), ("ICMT", .comment), ("ICOP", .copyright),
    ]
    /// Other names under which programs have written some of them.
    private static let otherInfoFields: [(name: String, field: TagField)] = [
        ("IPRT", .track), ("TRCK", .track), ("itrk", .track),
    ]

    mutating func read(riff list: ChunkList, _ window: inout ByteWindow) throws(StorageError) {
        var points: [(id: Int, position: Int)] = []
        var labels: [Int: String] = [:]
        for chunk in list.chunks {
            let isKnown = ["LIST", "cue ", "bext", "id3 ", "ID3 "].contains { chunk.isNamed($0) }
            guard isKnown else { continue }
            guard let content = try ChunkList.content(of: chunk, &window) else {
                note(.unreadable(String(decoding: chunk.name, as: UTF8.self)))
                continue
            }
            if chunk.isNamed("bext") {
                put(BroadcastExtension(content))
            } else if chunk.isNamed("cue ") {
                points += Self.cuePoints(content, bigEndian: list.isBigEndian)
            } else if chunk.isNamed("LIST") {
                let kind = content.prefix(4)
                if kind.elementsEqual("INFO".utf8) {
                    readInfo(content, bigEndian: list.isBigEndian)
                } else if kind.elementsEqual("adtl".utf8) {
                    let found = Self.labels(content, bigEndian: list.isBigEndian)
                    labels.merge(found) { first, _ in first }
                }
            } else {
                readID3(content)
            }
        }
        put(points.map { Marker(position: $0.position, label: labels[$0.id] ?? "") })
    }

    private mutating func readInfo(_ content: [UInt8], bigEndian: Bool) {
        for part in ChunkList.parts(of: content, from: 4, bigEndian: bigEndian) {
            let fields = Self.infoFields + Self.otherInfoFields
            guard let field = fields.first(where: { part.name.elementsEqual($0.name.utf8) })
            else { continue }
            put(field.field, TagText(part.content))
        }
    }

    /// Points of 24 bytes: a number, the place in a play list, the chunk, two offsets of compressed
    /// sound, and the sample.
    private static func cuePoints(
        _ content: [UInt8], bigEndian: Bool
    ) -> [(id: Int, position: Int)] {
        guard content.count >= 4 else { return [] }
        let count = min(
            content.integer(4, at: 0, bigEndian: bigEndian), (content.count - 4) / 24)
        return (0..<count).map { index in
            let place = 4 + 24 * index
            return (
                content.integer(4, at: place, bigEndian: bigEndian),
                content.integer(4, at: place + 20, bigEndian: bigEndian)
            )
        }
    }

    private static func labels(_ content: [UInt8], bigEndian: Bool) -> [Int: String] {
        var labels: [Int: String] = [:]
        for part in ChunkList.parts(of: content, from: 4, bigEndian: bigEndian)
        where part.name.elementsEqual("labl".utf8) && part.content.count >= 4 {
            let id = Array(part.content.prefix(4)).integer(4, at: 0, bigEndian: bigEndian)
            labels[id] = TagText(part.content.dropFirst(4)).text
        }
        return labels
    }

    /// The chunks that say all this in a new WAV file, without `bext`.
    static func chunks(riff metadata: Metadata) -> [(name: String, content: [UInt8])] {
        var chunks: [(name: String, content: [UInt8])] = []
        var info = Array("INFO".utf8)
        for (name, field) in infoFields {
            guard let text = field == .copyright ? rights(metadata) : metadata.tags[field]
            else { continue }
            info.appendPart(name, Array(text.utf8) + [0])
        }
        if info.count > 4 { chunks.append(("LIST", info)) }
        if metadata.markers.isEmpty { return chunks }
        var cues: [UInt8] = []
        var list = Array("adtl".utf8)
        // Positions have 32 bits; a reader of such files has given no others.
        let markers = metadata.markers.filter { $0.position <= Int(UInt32.max) }
        cues.append(markers.count, bytes: 4, bigEndian: false)
        for (index, marker) in markers.enumerated() {
            cues.append(index + 1, bytes: 4, bigEndian: false)
            cues.append(marker.position, bytes: 4, bigEndian: false)
            cues += Array("data".utf8) + [UInt8](repeating: 0, count: 8)
            cues.append(marker.position, bytes: 4, bigEndian: false)
            if marker.label.isEmpty { continue }
            var label: [UInt8] = []
            label.append(index + 1, bytes: 4, bigEndian: false)
            list.appendPart("labl", label + Array(marker.label.utf8) + [0])
        }
        chunks.append(("cue ", cues))
        if list.count > 4 { chunks.append(("LIST", list)) }
        return chunks
    }

    /// Whose it is, and what others may do with it: an `INFO` list has one field for both.
    private static func rights(_ metadata: Metadata) -> String? {
        let (owner, license) = (metadata.tags[.copyright], metadata.tags[.license])
        guard let owner, let license else { return owner ?? license }
        // A stem of a stem says it once.
        return owner.hasSuffix(license) ? owner : "\(owner); \(license)"
    }
}

extension [UInt8] {
    /// Appends a chunk in little-endian order; NULs fill it up to a multiple of four, to which
    /// libsndfile would fill the whole.
    fileprivate mutating func appendPart(_ name: String, _ content: [UInt8]) {
        let padding = [UInt8](repeating: 0, count: -content.count & 3)
        self += Array(name.utf8)
        append(content.count + padding.count, bytes: 4, bigEndian: false)
        self += content + padding
    }
}
