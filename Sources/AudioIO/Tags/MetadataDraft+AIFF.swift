import Storage

/// The descriptions in AIFF files: text chunks, `MARK`, and an ID3 tag in the chunk `ID3 `.
extension MetadataDraft {
    private static let textFields: [(name: String, field: TagField)] = [
        ("NAME", .title), ("AUTH", .artist), ("(c) ", .copyright), ("ANNO", .comment),
    ]

    mutating func read(aiff list: ChunkList, _ window: inout ByteWindow) throws(StorageError) {
        // The tag first: it knows the encoding of its texts.
        let isTag = { (chunk: ChunkList.Chunk) in chunk.isNamed("ID3 ") || chunk.isNamed("id3 ") }
        for chunk in list.chunks.filter(isTag) + list.chunks.filter({ !isTag($0) }) {
            let field = Self.textFields.first { chunk.isNamed($0.name) }?.field
            guard field != nil || isTag(chunk) || chunk.isNamed("MARK") else { continue }
            guard let content = try ChunkList.content(of: chunk, &window) else {
                note(.unreadable(String(decoding: chunk.name, as: UTF8.self)))
                continue
            }
            if let field {
                put(field, TagText(content))
            } else if chunk.isNamed("MARK") {
                put(Self.markers(content))
            } else {
                readID3(content)
            }
        }
    }

    /// Markers: a number, the sample, the length of the name in one byte and the name, all of an even
    /// size.
    private static func markers(_ content: [UInt8]) -> [Marker] {
        guard content.count >= 2 else { return [] }
        var markers: [Marker] = []
        var place = 2
        for _ in 0..<content.integer(2, at: 0, bigEndian: true) {
            guard place + 7 <= content.count else { break }
            let length = Int(content[place + 6])
            let end = min(content.count, place + 7 + length)
            markers.append(
                Marker(
                    position: content.integer(4, at: place + 2, bigEndian: true),
                    label: TagText(content[place + 7..<end]).text))
            place = end + (length + 1) % 2
        }
        return markers
    }

    /// The chunks that say all this in a new AIFF file.
    static func chunks(aiff metadata: Metadata) -> [(name: String, content: [UInt8])] {
        var chunks: [(name: String, content: [UInt8])] = []
        for (name, field) in textFields {
            guard let text = metadata.tags[field] else { continue }
            // The tag below has all of it.
            chunks.append((name, Array(text.cut(toBytes: 2048).utf8)))
        }
        if !metadata.tags.isEmpty { chunks.append(("ID3 ", ID3Tag.bytes(of: metadata.tags))) }
        if !metadata.markers.isEmpty {
            var content: [UInt8] = []
            let markers = metadata.markers.filter { $0.position <= Int(UInt32.max) }
            content.append(markers.count, bytes: 2, bigEndian: true)
            for (index, marker) in markers.enumerated() {
                let label = marker.label.cut(toBytes: 255)
                content.append(index + 1, bytes: 2, bigEndian: true)
                content.append(marker.position, bytes: 4, bigEndian: true)
                content.append(UInt8(label.utf8.count))
                content += Array(label.utf8)
                if label.utf8.count % 2 == 0 { content.append(0) }
            }
            chunks.append(("MARK", content))
        }
        return chunks
    }
}
