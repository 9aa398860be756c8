package import Storage

/// What the journals of an output folder hold, read at one moment.
package struct RecordReading {
    /// What they say of each track.
    package let index: JournalIndex
    /// How the journal of the part ended for which this was read, nil if there is none yet.
    package let own: JournalReader?
    /// The lines of the journals.
    let lines: JournalLines

    /// Reads the journals that may hold tracks of a part.
    ///
    /// - Parameter shard: the part; nil for all tracks. Other parts of the same splitting hold none
    ///   of its tracks.
    package init(_ folder: RecordFolder, shard: Shard?) throws(StorageError) {
        var index = JournalIndex()
        var own: JournalReader?
        var files: [OpenFile] = []
        for journal in try folder.journals() {
            if let shard, let other = journal.shard, other.count == shard.count, other != shard {
                continue
            }
            let reader = try index.read(journal.path, shard: journal.shard)
            files.append(try OpenFile.reading(journal.path))
            if journal.shard == shard { own = reader }
        }
        self.index = index
        self.own = own
        lines = JournalLines(files: files)
    }

    /// The entry of the line at a place; nil where it cannot be read.
    package func entry(_ file: Int, _ place: JournalReader.Place) -> [UInt8]? {
        lines.entry(file, place)
    }

    /// What the last run in a journal wrote of itself.
    package static func lastRun(of journal: FilePath) -> BatchFacts? {
        guard let file = try? OpenFile.reading(journal) else { return nil }
        var facts: BatchFacts?
        _ = try? JournalReader(file) { line, _ in
            if line.head.event == .batch { facts = line.head.batch }
        }
        return facts
    }
}

/// The journals of an output folder, open for reading single lines.
struct JournalLines {
    let files: [OpenFile]

    /// The entry of the line at a place; nil where it cannot be read.
    func entry(_ file: Int, _ place: JournalReader.Place) -> [UInt8]? {
        guard files.indices.contains(file),
            let bytes = try? files[file].read(place.length, at: place.offset)
        else { return nil }
        return JournalLine.entry(in: bytes)
    }
}
