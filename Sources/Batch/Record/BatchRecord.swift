package import AudioIO
import Foundation
package import Storage
import Synchronization

/// Keeps the record of a batch in its output folder: the journal, which is the truth, and the
/// manifest, which is made from it.
///
/// As long as this lives nobody else works on the same tracks.
package final class BatchRecord: Sendable {
    /// What is still to be done.
    package let resumption: Resumption
    /// The digits that stand for this run.
    package let run: String
    /// Journal lines of earlier runs that could not be understood.
    package let damagedLines: Int

    private let folder: RecordFolder
    private let shard: Shard?
    private let settings: BatchSettings
    private let writesTable: Bool
    private let describe: @Sendable (SourceNote) -> String
    private let writer: JournalWriter
    private let state: Mutex<State>

    private struct State: @unchecked Sendable {
        var index: JournalIndex
        /// This run's journal in the index.
        let file: Int
        let locks: RecordLocks
        /// The journals as they were found.
        let lines: JournalLines
        /// What was said of the tracks that were handed out, by track.
        var claims: [Int: TrackClaim] = [:]
        /// Tracks where no file lay under the names of their stems.
        var isFree: Set<Int> = []
        var fault: StorageError?
        var lastManifest = ContinuousClock.now
        var manifestSeconds = 0.0
    }

    /// Takes the output folder, reads its journals and tidies up after runs that ended suddenly.
    ///
    /// - Parameters:
    ///   - plan: the whole plan, from which a part is taken here.
    ///   - force: whether tracks are done again that were done before this batch.
    ///   - writesTable: whether the manifest is written as CSV too.
    ///   - describe: the line for a note.
    ///   - describeError: the line for an error.
    /// - Throws: ``RecordError``; nothing has been done then.
    package init(
        _ plan: BatchPlan, in output: FilePath, shard: Shard?, settings: BatchSettings,
        force: Bool, writesTable: Bool, describe: @escaping @Sendable (SourceNote) -> String,
        describeError: (any Error) -> String
    ) throws(RecordError) {
        folder = RecordFolder(output)
        self.shard = shard
        self.settings = settings
        self.writesTable = writesTable
        self.describe = describe
        run = Self.digits()
        do throws(StorageError) {
            try FileSystem.createFolders(at: output)
        } catch {
            throw .storage(error)
        }
        let locks = try RecordLocks(folder, shard: shard) { RecordReading.lastRun(of: $0) }
        do throws(StorageError) {
            let reading = try RecordReading(folder, shard: shard)
            var index = reading.index
            Leftovers.remove(
                of: Set(index.runs.map(\.name)),
                in: Set(
                    [output]
                        + index.unsettled.values.joined().map { [folder] in
                            $0.isEmpty ? output : folder.path.appending($0)
                        }))
            PendingFile.mark(with: run)
            resumption = Resumption(
                plan, index, DoneCheck(settings, output: output), folder: folder, shard: shard,
                force: force, settings: settings.sound, entry: reading.entry)
            damagedLines = index.files.reduce(0) { $0 + $1.damaged }
            let path = folder.journal(shard)
            writer = try JournalWriter(path, after: reading.own)
            let file =
                index.files.firstIndex { $0.path == path } ?? index.begin(path, shard: shard)
            state = Mutex(State(index: index, file: file, locks: locks, lines: reading.lines))
            try begin(force: force, describeError)
        } catch {
            throw .storage(error)
        }
    }

    /// What went wrong with keeping the record, if anything did.
    package var fault: StorageError? { state.withLock { $0.fault } }

    /// Notes that a track is handed to a worker.
    ///
    /// - Returns: what of it is there, and what may be replaced.
    package func claim(_ number: Int) -> TrackClaim {
        let track = resumption.plan.tracks[number]
        if let claim = state.withLock({ $0.claims[number] }) { return claim }
        if track.isFinished, let finished = finished(track) {
            var head = self.head(.started)
            head.track = folder.key(of: track)
            head.input = track.input
            head.adds = ExtraKind.allCases.filter(finished.owned.contains)
            head.folders = folders(of: track)
            let claim = TrackClaim(finished: finished)
            state.withLock { $0.claims[number] = claim }
            append(JournalLine(head))
            return claim
        }
        let isFree = track.outputs.allSatisfy { output in
            (try? FileSystem.status(of: output.path, following: false)) == .some(nil)
        }
        let owns = track.replaces || settings.options.overwrites || isFree
        var head = self.head(.started)
        head.track = folder.key(of: track)
        head.input = track.input
        head.owns = owns
        head.folders = folders(of: track)
        let claim = TrackClaim(replaces: track.replaces || track.isFinished)
        state.withLock { state in
            state.claims[number] = claim
            if isFree { state.isFree.insert(number) }
        }
        append(JournalLine(head))
        return claim
    }

    /// Folders below the output folder in which there may be unfinished files of a track.
    private func folders(of track: BatchPlan.Track) -> [FilePath] {
        Set(track.folders.map { folder.relative($0) ?? "" }).sorted()
    }

    /// What the record says of a track to which extras are added; nil where it cannot be read.
    private func finished(_ track: BatchPlan.Track) -> FinishedTrack? {
        let (state, bytes) = state.withLock { state in
            let found = state.index.tracks[folder.key(of: track)]
            return (found, found?.place.flatMap { state.lines.entry(found?.file ?? 0, $0) })
        }
        guard let state, let entry = bytes.flatMap(ManifestEntry.decode) else { return nil }
        guard
            let options = settings.options.lacking(
                after: entry.options,
                isWhole: { kind in !track.extras.contains { $0.kind == kind } })
        else { return nil }
        let recorded = entry.extras.compactMap { ExtraKind(recorded: $0.kind) }
        let owned = track.extras.filter { extra in
            recorded.contains(extra.kind) || state.adds.contains(extra.kind) || extra.isFree
        }
        return FinishedTrack(
            entry: entry, folder: folder.path, options: options,
            owned: Set(owned.map(\.kind)))
    }

    /// Notes what happens.
    package func tell(_ event: BatchEvent) {
        guard case .ended(let number, let outcome) = event else { return }
        let track = resumption.plan.tracks[number]
        let entry: ManifestEntry
        let finished = state.withLock { $0.claims[number]?.finished }
        switch outcome {
        case .added(let report, _):
            guard let finished else { return }
            entry = ManifestEntry(report, addedTo: finished, ended: Self.now())
        case .separated(let report):
            entry = ManifestEntry(
                report, track: folder.key(of: track), input: track.input, in: folder,
                settings: settings, ended: Self.now(), describe: describe)
        case .failed(let failure):
            // It was in flight when the batch was ended, and goes on from there.
            if failure.cause == TrackFailure.Cause.cancelled.rawValue { return }
            if let finished {
                entry = ManifestEntry(failure, addingTo: finished, ended: Self.now())
                break
            }
            let deaths: [TrackFailure.Cause] = [.crashed, .timedOut, .memory, .killed]
            if deaths.contains(where: { $0.rawValue == failure.cause }) { removeStems(of: number) }
            entry = ManifestEntry(
                failure, track: folder.key(of: track), input: track.input, settings: settings,
                ended: Self.now())
        }
        append(line(of: entry))
        state.withLock { state in
            state.claims[number] = nil
            state.isFree.remove(number)
        }
        writeManifestIfDue()
    }

    /// Ends the record: everything is on the disk, and the manifest is up to date.
    ///
    /// - Parameter isFinished: whether all tracks were tried; a batch that was not finished goes on
    ///   the next time.
    package func end(isFinished: Bool) {
        if isFinished { append(JournalLine(head(.ended))) }
        state.withLock { state in
            do throws(StorageError) {
                try writer.synchronize()
                try writeManifest(state)
            } catch {
                state.fault = state.fault ?? error
            }
        }
    }

    /// Writes the page over all tracks in the manifest, in place of an earlier one.
    package func writeIndex() throws {
        let manifest = state.withLock { state in
            ManifestWriter(state.index, only: shard.map { _ in state.file })
        }
        var builder = BatchIndexBuilder(folder: folder.path)
        try manifest.forEach { (entry) throws(StorageError) in builder.add(entry) }
        let file = try PageFile(folder.index(shard))
        try file.append(builder.page())
        _ = try file.publish(overwriting: true)
    }

    /// Removes what a worker left under final names before it failed, where the names were free.
    private func removeStems(of number: Int) {
        guard state.withLock({ $0.isFree.contains(number) }) else { return }
        for output in resumption.plan.tracks[number].outputs {
            try? FileSystem.remove(output.path)
        }
    }

    private func begin(
        force: Bool, _ describe: (any Error) -> String
    ) throws(StorageError) {
        let plan = resumption.plan
        var lines: [JournalLine] = []
        var first = head(.batch)
        first.batch = BatchFacts(
            program: settings.program, host: ProcessFacts.host, process: ProcessFacts.number,
            shard: shard, settings: settings.sound, force: force,
            tracks: plan.tracks.count + resumption.done.count)
        lines.append(JournalLine(first))
        let known = state.withLock { $0.index.tracks }
        for track in plan.tracks {
            let key = folder.key(of: track)
            if known[key] != nil { continue }
            var head = self.head(.planned)
            head.track = key
            head.input = track.input
            lines.append(JournalLine(head))
        }
        for miss in plan.misses {
            let failure = TrackFailure(miss, describe: describe)
            lines.append(
                line(
                    of: ManifestEntry(
                        failure, track: nil, input: miss.path, settings: settings,
                        ended: Self.now())))
        }
        let places = try writer.append(lines)
        state.withLock { state in
            for (line, place) in zip(lines, places) {
                state.index.take(
                    line.head, hasEntry: line.entry != nil, at: place, in: state.file)
            }
        }
        try writer.synchronize()
    }

    private func append(_ line: JournalLine) {
        state.withLock { state in
            do throws(StorageError) {
                let places = try writer.append([line])
                for place in places {
                    state.index.take(
                        line.head, hasEntry: line.entry != nil, at: place, in: state.file)
                }
            } catch {
                state.fault = state.fault ?? error
            }
        }
    }

    /// Writes the manifest about once a minute, or so seldom that it takes no more than a twentieth
    /// of the time.
    private func writeManifestIfDue() {
        state.withLock { state in
            let elapsed = (ContinuousClock.now - state.lastManifest) / .seconds(1)
            guard elapsed > max(60, 20 * state.manifestSeconds) else { return }
            let start = ContinuousClock.now
            do throws(StorageError) {
                try writeManifest(state)
            } catch {
                state.fault = state.fault ?? error
            }
            state.lastManifest = .now
            state.manifestSeconds = (state.lastManifest - start) / .seconds(1)
        }
    }

    private func writeManifest(_ state: State) throws(StorageError) {
        // A part tells of its own tracks, a whole batch of all there is.
        let manifest = ManifestWriter(state.index, only: shard.map { _ in state.file })
        try manifest.write(to: folder.manifest(shard))
        if writesTable { try manifest.writeTable(to: folder.table(shard)) }
    }

    private func head(_ event: JournalLine.Event) -> JournalLine.Head {
        JournalLine.Head(event, run: run, at: Self.now())
    }

    private func line(of entry: ManifestEntry) -> JournalLine {
        var head = self.head(entry.status == .done ? .done : .failed)
        head.track = entry.track
        head.input = entry.input
        return JournalLine(head, entry: JournalLine.encode(entry))
    }

    private static func now() -> String { Date.now.formatted(.iso8601) }

    private static func digits() -> String {
        let text = String(UInt64.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }
}

/// What of a track is there already when it is handed to a worker.
package struct TrackClaim: Sendable {
    /// Whether files are replaced that lie where its stems go.
    package var replaces = false
    /// The track as it is, where only extras are to be added.
    package var finished: FinishedTrack?

    /// Nothing is there.
    package init(replaces: Bool = false, finished: FinishedTrack? = nil) {
        self.replaces = replaces
        self.finished = finished
    }
}

extension BatchPlan.Extra {
    /// Whether nothing lies where it goes.
    fileprivate var isFree: Bool {
        guard let status = try? FileSystem.status(of: path, following: false) else { return true }
        guard kind.isFolder, status.kind == .folder else { return false }
        return (try? FileSystem.names(in: path).isEmpty) ?? false
    }
}
