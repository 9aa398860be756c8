package import Storage

/// Brings the journals of the parts of a batch together into one manifest.
package struct Merging {
    /// A journal that was read.
    package struct Part: Sendable, Hashable {
        /// Which part; nil for that of whole batches.
        package let shard: Shard?
        /// Whether its last run came to its end.
        package let isFinished: Bool
        /// Lines that could not be understood.
        package let damaged: Int
    }

    /// The journals.
    package let parts: [Part]
    /// Parts that others show must be, and of which there is no journal.
    package let missing: [Shard]
    /// Tracks whose stems are there.
    package let done: Int
    /// Tracks, and arguments that lead to no track, that failed.
    package let failed: Int
    /// Tracks that are to be separated, or were begun and not finished.
    package let open: Int

    /// Whether nothing is missing, failed or open.
    package var isComplete: Bool {
        missing.isEmpty && open == 0 && failed == 0 && parts.allSatisfy(\.isFinished)
    }

    /// Reads all journals in a folder and replaces its manifest.
    ///
    /// - Parameter writesTable: whether it is written as CSV too.
    /// - Throws: ``RecordError``, with `nothing` where there is no journal.
    package init(_ output: FilePath, writesTable: Bool) throws(RecordError) {
        let folder = RecordFolder(output)
        let index: JournalIndex
        do { index = try RecordReading(folder, shard: nil).index } catch { throw .storage(error) }
        guard !index.files.isEmpty else { throw .nothing(output) }
        parts = index.files.enumerated().map { number, file in
            let last = index.runs.last { $0.file == number }
            return Part(
                shard: file.shard, isFinished: last?.hasEnded ?? false, damaged: file.damaged)
        }
        let there = Set(parts.compactMap(\.shard))
        missing = Set(there.map(\.count)).sorted().flatMap { count in
            (1...count).compactMap { Shard($0, of: count) }.filter { !there.contains($0) }
        }
        let stages = index.tracks.values.map(\.stage)
        let failedTracks = stages.count { $0 == .failed }
        done = stages.count { $0 == .done }
        failed = failedTracks + index.files.reduce(0) { $0 + $1.misses.count }
        open = stages.count - done - failedTracks
        let manifest = ManifestWriter(index)
        do throws(StorageError) {
            try manifest.write(to: folder.manifest(nil))
            if writesTable { try manifest.writeTable(to: folder.table(nil)) }
        } catch {
            throw .storage(error)
        }
    }
}
