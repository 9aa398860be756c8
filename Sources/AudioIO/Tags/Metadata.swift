package import Signal

/// What a sound file says about itself besides its sound.
package struct Metadata: Sendable, Hashable {
    /// The texts that the file has; none of them is empty.
    package var tags: [TagField: String] = [:]
    /// The broadcast extension of a WAV file.
    package var broadcast: BroadcastExtension?
    /// Places in the sound, in their order in the file.
    package var markers: [Marker] = []
    /// The part of the mixture that this is about; nil for the mixture itself.
    package private(set) var part: String?

    /// Nothing.
    package init() {}

    /// Whether there is nothing.
    package var isEmpty: Bool { tags.isEmpty && broadcast == nil && markers.isEmpty }

    /// What holds of a stretch of the sound.
    ///
    /// - Parameters:
    ///   - start: where it begins, in samples.
    ///   - end: the sample after it, where it ends before the sound does.
    package func stretch(from start: Int, to end: Int?) -> Metadata {
        var result = self
        result.broadcast?.timeReference &+= UInt64(start)
        result.markers = markers.compactMap { marker in
            guard marker.position >= start, end.map({ marker.position < $0 }) ?? true else {
                return nil
            }
            return Marker(position: marker.position - start, label: marker.label)
        }
        return result
    }

    /// What holds of a part of the mixture: the title, where there is one, names it.
    package func part(_ stem: Stem) -> Metadata {
        var result = self
        result.part = stem.rawValue
        if let title = tags[.title] { result.tags[.title] = "\(title) (\(stem.rawValue))" }
        return result
    }
}

/// A place in the sound that has a name.
package struct Marker: Sendable, Hashable {
    /// Samples from the beginning.
    package let position: Int
    /// Its name; may be empty.
    package let label: String

    /// A place and its name.
    package init(position: Int, label: String) {
        self.position = position
        self.label = label
    }
}

/// The texts that travel from a recording to its stems.
package enum TagField: String, Sendable, Hashable, CaseIterable, Codable {
    /// The name of the piece.
    case title
    /// Who plays it.
    case artist
    /// The record that it is from.
    case album
    /// Its number on the record, `3` or `3/12`.
    case track
    /// When it was made, as the file says it.
    case date
    /// The kind of music.
    case genre
    /// Whatever else was to be said.
    case comment
    /// Whose it is.
    case copyright
    /// What others may do with it.
    case license
}
