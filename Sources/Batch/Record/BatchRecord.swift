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
        /// Whether the stems' names of a track that was handed out are its own, by track.
        var claims: [Int: Bool] = [:]
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
            state = Mutex(State(index: index, file: file, locks: locks))
            try begin(force: force, describeError)
        } catch {
            throw .storage(error)
        }
    }

    /// What went wrong with keeping the record, if anything did.
    package var fault: StorageError? { state.withLock { $0.fault } }

    /// Notes that a track is handed to a worker.
    ///
    /// - Returns: whether files are replaced that lie where its stems go.
    package func claim(_ number: Int) -> Bool {
        let track = resumption.plan.tracks[number]
        if let claim = state.withLock({ $0.claims[number] }) { return claim }
        let isFree = track.outputs.allSatisfy { output in
            (try? FileSystem.status(of: output.path, following: false)) == .some(nil)
        }
        let owns = track.replaces || settings.options.overwrites || isFree
        var head = self.head(.started)
        head.track = folder.key(of: track)
        head.input = track.input
        head.owns = owns
        head.folders = Set(track.outputs.map { folder.relative($0.path.parent) ?? "" }).sorted()
        state.withLock { state in
            state.claims[number] = owns
            if isFree { state.isFree.insert(number) }
        }
        append(JournalLine(head))
        return track.replaces
    }

    /// Notes what happens.
    package func tell(_ event: BatchEvent) {
        guard case .ended(let number, let outcome) = event else { return }
        let track = resumption.plan.tracks[number]
        let entry: ManifestEntry
        switch outcome {
        case .separated(let report):
            entry = ManifestEntry(
                report, track: folder.key(of: track), input: track.input, in: folder,
                settings: settings, ended: Self.now(), describe: describe)
        case .failed(let failure):
            // It was in flight when the batch was ended, and goes on from there.
            if failure.cause == TrackFailure.Cause.cancelled.rawValue { return }
            let deaths: [TrackFailure.Cause] = [.crashed, .timedOut, .memory]
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
