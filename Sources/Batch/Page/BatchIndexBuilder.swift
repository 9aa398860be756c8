import Reports
import Signal
package import Storage
import Synchronization

/// Gathers how the tracks of a batch end, for the page over all of them.
package final class BatchIndexBuilder: Sendable {
    private let plan: BatchPlan
    private let folder: FilePath
    private let outcomes = Mutex<[Int: TrackOutcome]>([:])

    /// A builder that knows of no track yet.
    ///
    /// - Parameter folder: the folder that everything of the batch goes below.
    package init(plan: BatchPlan, folder: FilePath) {
        self.plan = plan
        self.folder = folder
    }

    /// Takes note of an event.
    package func take(_ event: BatchEvent) {
        guard case .ended(let track, let outcome) = event else { return }
        outcomes.withLock { $0[track] = outcome }
    }

    /// Writes `index.html` into the folder of the batch, over the one of an earlier batch.
    ///
    /// - Returns: the page's path.
    /// - Throws: `StorageError`.
    package func write() throws -> FilePath {
        let outcomes = outcomes.withLock { $0 }
        var stems: [String] = []
        for case .separated(let report) in outcomes.values {
            for stem in report.stems where !stems.contains(stem.stem.rawValue) {
                stems.append(stem.stem.rawValue)
            }
        }
        let order = plan.tracks.flatMap(\.outputs).reduce(into: [String: Int]()) {
            if $0[$1.stem.rawValue] == nil { $0[$1.stem.rawValue] = $0.count }
        }
        stems.sort { order[$0, default: .max] < order[$1, default: .max] }
        let rows = outcomes.keys.sorted().compactMap { track in
            outcomes[track].map { row(plan.tracks[track].input, $0, stems) }
        }
        let index = BatchIndex(title: "Stems in \(folder)", stems: stems, rows: rows)
        try FileSystem.createFolders(at: folder)
        let path = folder.appending("index.html")
        let file = try PageFile(path)
        try file.append(index.page())
        _ = try file.publish(overwriting: true)
        return path
    }

    private func row(
        _ input: FilePath, _ outcome: TrackOutcome, _ stems: [String]
    ) -> BatchIndex.Row {
        var row = BatchIndex.Row(name: "\(input.nameWithoutExtension)", input: "\(input)")
        switch outcome {
        case .failed(let failure):
            row.failure = BatchIndex.Failure(cause: failure.cause, message: failure.message)
        case .separated(let report):
            row.seconds = (10 * report.seconds).rounded() / 10
            row.warnings = report.warnings
            row.stems = stems.map { name in
                report.stems.first { $0.stem.rawValue == name }.map {
                    BatchIndex.Part(
                        $0.presence, loudness: $0.levels.loudness,
                        clips: $0.becameFloat || $0.levels.peak > 1)
                }
            }
            row.page = report.extras.first { $0.kind == "report" }
                .map { RelativeAddress.of($0.path, from: folder) }
        }
        return row
    }
}
