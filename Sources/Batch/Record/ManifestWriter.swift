import Foundation
package import Storage

/// Writes the manifest that follows from journals: one line a track, in the order of their names.
package struct ManifestWriter {
    private let index: JournalIndex
    /// Tracks with an entry, and then arguments that lead to no track.
    private let places: [(file: Int, place: JournalReader.Place)]

    /// Bytes that are written at a time.
    private static let pieceSize = 1 << 20

    /// A manifest of an index.
    ///
    /// - Parameter only: a journal, if only its tracks are to be in it.
    package init(_ index: JournalIndex, only: Int? = nil) {
        self.index = index
        let named = index.tracks.filter { _, state in
            (state.stage == .done || state.stage == .failed) && (only ?? state.file) == state.file
        }
        var places = named.sorted { $0.key < $1.key }.compactMap { _, state in
            state.place.map { (file: state.file, place: $0) }
        }
        for (number, file) in index.files.enumerated() where (only ?? number) == number {
            places += file.misses.map { (file: number, place: $0) }
        }
        self.places = places
    }

    /// Tracks and arguments in it.
    package var count: Int { places.count }

    /// Replaces a file by the manifest, one JSON object a line.
    package func write(to path: FilePath) throws(StorageError) {
        try write(to: path, first: []) { $0 + [UInt8(ascii: "\n")] }
    }

    /// Replaces a file by the manifest as a table, see ``ManifestTable``.
    package func writeTable(to path: FilePath) throws(StorageError) {
        try write(to: path, first: ManifestTable.head) { bytes in
            let entry = try? JSONDecoder().decode(ManifestEntry.self, from: Data(bytes))
            return entry.map(ManifestTable.rows) ?? []
        }
    }

    /// Calls `body` with each entry as JSON.
    package func forEach(_ body: ([UInt8]) throws(StorageError) -> Void) throws(StorageError) {
        var files: [Int: OpenFile] = [:]
        for (number, place) in places {
            let file: OpenFile
            if let open = files[number] {
                file = open
            } else {
                file = try OpenFile.reading(index.files[number].path)
                files[number] = file
            }
            let bytes = try file.read(place.length, at: place.offset)
            if let entry = JournalLine.entry(in: bytes) { try body(entry) }
        }
    }

    private func write(
        to path: FilePath, first: [UInt8], _ text: ([UInt8]) -> [UInt8]
    ) throws(StorageError) {
        let pending = try PendingFile(for: path)
        var (piece, offset) = (first, 0)
        do throws(StorageError) {
            try forEach { (entry) throws(StorageError) in
                piece += text(entry)
                if piece.count > Self.pieceSize {
                    try pending.file.write(piece, at: offset)
                    offset += piece.count
                    piece = []
                }
            }
            try pending.file.write(piece, at: offset)
            try pending.publish(overwriting: true)
        } catch {
            pending.discard()
            throw error
        }
    }
}
