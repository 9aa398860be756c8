/// What became of a tag that could not be taken as it was.
package enum MetadataNote: Sendable, Hashable, Codable {
    /// The text was not well-formed UTF-8 and was read as Windows-1252, or held control characters.
    case repaired(TagField)
    /// The text is too long for the headers of some formats and was cut.
    case shortened(TagField)
    /// This part of the file's description makes no sense or cannot be read, and was left out.
    case unreadable(String)
    /// So many markers were left out, because there are more than a header can hold.
    case markersLeftOut(Int)
}

/// Metadata while it is being read: fields are put in one by one, and what is odd is noted.
struct MetadataDraft {
    private(set) var metadata = Metadata()
    private(set) var notes: [MetadataNote] = []

    /// Bytes that the markers may take in a header, see ``TagText/limit``.
    private static let markerBudget = 24_000

    /// Puts a text in, unless it is empty or there is one already.
    mutating func put(_ field: TagField, _ value: TagText) {
        guard metadata.tags[field] == nil, !value.text.isEmpty else { return }
        let limit = field == .comment ? TagText.commentLimit : TagText.limit
        let text = value.text.cut(toBytes: limit)
        if value.isRepaired { note(.repaired(field)) }
        if text.utf8.count < value.text.utf8.count { note(.shortened(field)) }
        if !text.isEmpty { metadata.tags[field] = text }
    }

    mutating func put(_ broadcast: BroadcastExtension?) {
        guard let broadcast else { return note(.unreadable("bext")) }
        metadata.broadcast = broadcast
    }

    mutating func put(_ markers: [Marker]) {
        var room = MetadataDraft.markerBudget
        var kept: [Marker] = []
        for marker in markers {
            let label = marker.label.cut(toBytes: 200)
            // A cue point, a label's header, the text, its NUL and padding.
            room -= 24 + 12 + label.utf8.count + 2
            if room < 0 { break }
            kept.append(Marker(position: marker.position, label: label))
        }
        if kept.count < markers.count { note(.markersLeftOut(markers.count - kept.count)) }
        metadata.markers = kept
    }

    mutating func note(_ note: MetadataNote) {
        if !notes.contains(note) { notes.append(note) }
    }
}
