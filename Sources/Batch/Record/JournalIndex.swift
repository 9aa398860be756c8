package import Storage

/// What the journals of an output folder say of each track, the last word winning.
///
/// Holds places of lines, not the lines, so that a hundred thousand tracks take little memory.
package struct JournalIndex {
    /// How far a track has come.
    package enum Stage: UInt8, Sendable {
        /// It is to be separated.
        case planned
        /// It was in a worker's hands when the last was heard of it.
        case started
        /// Its stems are there.
        case done
        /// It failed.
        case failed
    }

    /// What is known of a track.
    package struct TrackState: Sendable {
        /// How far it has come.
        package var stage: Stage
        /// The run that said so, by its place in ``runs``.
        package var run: Int
        /// Whether its stems' names are its own.
        package var owns: Bool
        /// The journal with its entry, by its place in ``files``.
        package var file: Int
        /// Where the entry's line lies.
        package var place: JournalReader.Place?
        /// The kinds of extras of its own that were being added when the last was heard of it.
        package var adds: [ExtraKind] = []
    }

    /// One run of the program.
    package struct Run: Sendable {
        /// The digits that stand for it.
        package let name: String
        /// Its journal, by its place in ``files``.
        package let file: Int
        /// What it wrote of itself.
        package var facts: BatchFacts?
        /// When it began.
        package var began: String
        /// Whether it came to its end.
        package var hasEnded = false
    }

    /// One journal.
    package struct File: Sendable {
        /// Which part it is of.
        package let shard: Shard?
        /// The journal.
        package let path: FilePath
        /// Lines that could not be understood.
        package var damaged = 0
        /// Failures of arguments that lead to no track, as the latest run found them.
        package var misses: [JournalReader.Place] = []
    }

    /// The tracks, by where their first stem goes below the output folder.
    package private(set) var tracks: [FilePath: TrackState] = [:]
    /// The runs, in the order of their journals.
    package private(set) var runs: [Run] = []
    /// The journals.
    package private(set) var files: [File] = []
    /// Folders below the output folder where unfinished files of tracks in flight may lie.
    package private(set) var unsettled: [FilePath: Set<FilePath>] = [:]
    private var runNumbers: [String: Int] = [:]

    /// An index of nothing.
    package init() {}

    /// Reads a journal into the index.
    ///
    /// - Returns: the reader, which knows where the journal's last whole line ends.
    @discardableResult
    package mutating func read(
        _ path: FilePath, shard: Shard?
    ) throws(StorageError) -> JournalReader {
        let number = files.count
        files.append(File(shard: shard, path: path))
        let file = try OpenFile.reading(path)
        var index = self
        // Otherwise every line would copy what is there already.
        self = JournalIndex()
        let reader: JournalReader
        do throws(StorageError) {
            reader = try JournalReader(file) { line, place in
                index.take(line.head, hasEntry: line.entry != nil, at: place, in: number)
            }
        } catch {
            self = index
            throw error
        }
        self = index
        files[number].damaged = reader.damaged
        return reader
    }

    /// Takes up what a line says.
    package mutating func take(
        _ head: JournalLine.Head, hasEntry: Bool, at place: JournalReader.Place, in file: Int
    ) {
        let run = number(of: head, in: file)
        switch head.event {
        case .batch:
            runs[run].facts = head.batch
            files[file].misses = []
        case .ended: runs[run].hasEnded = true
        case .failed where head.track == nil: if hasEntry { files[file].misses.append(place) }
        case .planned: change(head, .planned, run, file, nil)
        case .started: change(head, .started, run, file, nil)
        case .done, .failed:
            guard hasEntry else { return }
            change(head, head.event == .done ? .done : .failed, run, file, place)
        }
    }

    /// Makes room for a journal that is begun now.
    package mutating func begin(_ path: FilePath, shard: Shard?) -> Int {
        files.append(File(shard: shard, path: path))
        return files.count - 1
    }

    private mutating func change(
        _ head: JournalLine.Head, _ stage: Stage, _ run: Int, _ file: Int,
        _ place: JournalReader.Place?
    ) {
        guard let track = head.track else { return }
        var state =
            tracks[track]
            ?? TrackState(stage: stage, run: run, owns: false, file: file, place: nil)
        switch stage {
        case .planned:
            // What was done or begun before stays known until it is done anew.
            if tracks[track] == nil { tracks[track] = state }
            return
        case .started where head.adds != nil:
            // Its stems are there as before.
            state.adds += head.adds ?? []
            for folder in head.folders ?? [] { unsettled[track, default: []].insert(folder) }
            tracks[track] = state
            return
        case .started:
            state.owns = head.owns ?? false
            for folder in head.folders ?? [] { unsettled[track, default: []].insert(folder) }
        case .done:
            state.owns = true
            state.adds = []
            unsettled[track] = nil
        case .failed:
            state.owns = false
            unsettled[track] = nil
        }
        (state.stage, state.run) = (stage, run)
        if let place { (state.file, state.place) = (file, place) }
        tracks[track] = state
    }

    private mutating func number(of head: JournalLine.Head, in file: Int) -> Int {
        if let number = runNumbers[head.run] { return number }
        runNumbers[head.run] = runs.count
        runs.append(Run(name: head.run, file: file, facts: nil, began: head.at))
        return runs.count - 1
    }
}
