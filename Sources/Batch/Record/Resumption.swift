package import Storage

/// What of a plan is still to be done.
package struct Resumption: Sendable {
    /// A track that was separated before and is to be done again.
    package struct Again: Sendable, Hashable {
        /// The track.
        package let track: BatchPlan.Track
        /// Why.
        package let reason: DoneCheck.Reason
    }

    /// The plan with only the tracks that are to be done, also those of which only extras are.
    package let plan: BatchPlan
    /// The tracks that were done and stay as they are.
    package let done: [BatchPlan.Track]
    /// The tracks that are done again, unless that is for being forced.
    package let again: [Again]

    /// Compares a plan with the journals in an output folder, and changes nothing.
    package init(
        surveying plan: BatchPlan, in output: FilePath, shard: Shard?, settings: BatchSettings,
        force: Bool
    ) throws(RecordError) {
        let folder = RecordFolder(output)
        let reading: RecordReading
        do {
            reading = try RecordReading(folder, shard: shard)
        } catch {
            throw .storage(error)
        }
        self.init(
            plan, reading.index, DoneCheck(settings, output: output), folder: folder,
            shard: shard, force: force, settings: settings.sound, entry: reading.entry)
    }

    /// Compares a plan with the journals.
    ///
    /// - Parameters:
    ///   - force: whether tracks are done again that were done before this batch.
    ///   - entry: the entry at a place in a journal of the index, nil where it cannot be read.
    package init(
        _ plan: BatchPlan, _ index: JournalIndex, _ check: DoneCheck, folder: RecordFolder,
        shard: Shard?, force: Bool, settings: SHA256Digest,
        entry: (_ file: Int, JournalReader.Place) -> [UInt8]?
    ) {
        let recent =
            force ? index.unfinishedForcedRuns(of: shard, settings: settings) : []
        var (pending, done, again): ([BatchPlan.Track], [BatchPlan.Track], [Again]) = ([], [], [])
        for track in plan.tracks {
            let key = folder.key(of: track)
            if let shard, !shard.holds(key) { continue }
            var verdict = DoneCheck.Verdict.new
            if let state = index.tracks[key] {
                switch state.stage {
                case .started: verdict = state.owns ? .unfinished : .new
                case .planned, .failed: verdict = .new
                case .done:
                    // Also where extras were being added: its stems stay.
                    verdict = .otherwise
                    if let place = state.place, let entry = entry(state.file, place) {
                        verdict = check.verdict(entry: entry, input: track.input)
                    }
                    if force, !recent.contains(state.run) { verdict = verdict.forced }
                }
            }
            var track = track
            switch verdict {
            case .done:
                done.append(track)
                continue
            case .new, .otherwise: break
            case .lacking(let options):
                let kinds = options.extraKinds
                track.isFinished = true
                track.extras = kinds.map { .init(kind: $0, path: track.place(of: $0)) }
            case .unfinished: track.replaces = true
            case .again(let reason):
                track.replaces = true
                if reason != .forced { again.append(Again(track: track, reason: reason)) }
            }
            pending.append(track)
        }
        self.plan = plan.keeping(pending, misses: (shard?.number ?? 1) == 1)
        self.done = done
        self.again = again
    }
}

extension DoneCheck.Verdict {
    /// The verdict where everything is to be done again.
    fileprivate var forced: Self {
        switch self {
        case .done, .lacking: .again(.forced)
        case .new, .unfinished, .again, .otherwise: self
        }
    }
}

extension JournalIndex {
    /// The latest runs of a part that were forced, had these settings and were not finished: one
    /// batch that goes on.
    func unfinishedForcedRuns(of shard: Shard?, settings: SHA256Digest) -> Set<Int> {
        var found: Set<Int> = []
        for number in runs.indices.reversed() where files[runs[number].file].shard == shard {
            let run = runs[number]
            guard let facts = run.facts, facts.force, facts.settings == settings, !run.hasEnded
            else { break }
            found.insert(number)
        }
        return found
    }
}

extension RecordFolder {
    /// The name of a track in the record: where its first stem goes, below the output folder.
    package func key(of track: BatchPlan.Track) -> FilePath {
        guard let first = track.outputs.first else { return track.input }
        return relative(first.path) ?? first.path
    }
}
