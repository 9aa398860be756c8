import AudioIO
import Reports
import Signal
package import Storage

/// A track that was separated before and to which extras are added, from its published stems.
package struct FinishedTrack: Sendable, Hashable, Codable {
    /// What the record says of it.
    package let entry: ManifestEntry
    /// The output folder, which the entry's paths lie below.
    package let folder: FilePath
    /// The options, with only the extras that are to be made.
    package let options: SeparationOptions
    /// The kinds of which files may be replaced: earlier ones are the batch's own, or there are none.
    package let owned: Set<ExtraKind>

    /// The kinds that are made.
    package var kinds: [ExtraKind] { options.extraKinds }

    /// The facts about the track, with those extras that stay as they are.
    ///
    /// - Parameters:
    ///   - source: the mixture's file as sound.
    ///   - notes: what there is to know of it.
    func report(_ source: SourceFormat, notes: [SourceNote]) -> TrackReport {
        let wanted = options.samples ?? options.format.defaultSampleFormat(for: source.kind)
        var report = TrackReport(
            source: source, length: entry.length ?? 0, notes: notes,
            input: InputFacts(
                size: entry.inputSize ?? 0, modified: entry.inputModified ?? 0,
                sha256: entry.inputSHA256 ?? SHA256Digest(of: [])),
            stems: entry.stems.map { stem in
                StemReport(
                    stem, in: folder,
                    becameFloat: stem.sampleFormat == .float32 && wanted != .float32)
            }, times: TrackTimes())
        report.extras = extras(made: false)
        return report
    }

    /// The files of extras in the record of the kinds that are made now, or of the others.
    func extras(made: Bool) -> [ExtraFile] {
        entry.extras.filter { extra in
            let isMade = ExtraKind(recorded: extra.kind).map(kinds.contains) ?? false
            return isMade == made
        }.map { extra in
            ExtraFile(
                kind: extra.kind, path: folder.appending(extra.path), sha256: extra.sha256)
        }
    }
}

extension TrackJob {
    /// Makes extras of a track whose stems are there.
    ///
    /// - Parameter started: told the facts about the source.
    /// - Throws: `AudioFileError` where the mixture cannot be read any more; an extra that fails is a
    ///   warning in the report.
    func add(to track: FinishedTrack, started: (SourceFormat) -> Void) throws -> TrackReport {
        let start = ContinuousClock.now
        let reader = try AudioReader(
            self.track.input, start: options.start, duration: options.duration,
            salvage: options.salvages)
        started(reader.format)
        var report = track.report(reader.format, notes: reader.notes)
        makeExtras(of: &report, owned: track.owned)
        for old in track.extras(made: true) {
            let kind = ExtraKind(recorded: old.kind)
            if let kind, report.failedExtras.contains(kind) {
                // What cannot be made anew stays as it was.
                if !report.extras.contains(where: { $0.path == old.path }) {
                    report.extras.append(old)
                }
            } else if !report.extras.contains(where: { $0.path == old.path }) {
                // Loops of another length, say, would lie among the new ones.
                try? FileSystem.remove(old.path)
            }
        }
        report.times.total = (ContinuousClock.now - start) / .seconds(1)
        return report
    }
}
