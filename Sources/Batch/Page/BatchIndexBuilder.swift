import Foundation
import Reports
import Signal
import Storage

/// Makes the page over all tracks of a batch from its manifest.
struct BatchIndexBuilder {
    private let folder: FilePath
    private var entries: [ManifestEntry] = []
    /// The stems of any track, in the order in which they come up.
    private var stems: [String] = []

    /// A builder that knows of no track yet.
    ///
    /// - Parameter folder: the folder that everything of the batch lies below.
    init(folder: FilePath) { self.folder = folder }

    /// Adds a line of the manifest; one that cannot be understood is left out, as the journal's
    /// reader has told by then.
    mutating func add(_ line: [UInt8]) {
        guard let entry = try? JSONDecoder().decode(ManifestEntry.self, from: Data(line)) else {
            return
        }
        for stem in entry.stems where !stems.contains(stem.stem.rawValue) {
            stems.append(stem.stem.rawValue)
        }
        entries.append(entry)
    }

    /// The page.
    func page() throws -> [UInt8] {
        try BatchIndex(title: "Stems in \(folder)", stems: stems, rows: entries.map(row)).page()
    }

    private func row(_ entry: ManifestEntry) -> BatchIndex.Row {
        let input = entry.input
        var row = BatchIndex.Row(name: "\(input.nameWithoutExtension)", input: "\(input)")
        if let failure = entry.failure {
            row.failure = BatchIndex.Failure(cause: failure.cause, message: failure.message)
            return row
        }
        if let length = entry.length, let rate = entry.sampleRate, rate > 0 {
            row.seconds = (10 * Double(length) / Double(rate)).rounded() / 10
        }
        row.warnings = entry.warnings.map(\.message)
        row.stems = stems.map { name in
            entry.stems.first { $0.stem.rawValue == name }.map(part)
        }
        row.page = entry.extras.first { $0.kind == "report" }
            .map { RelativeAddress.of(folder.appending($0.path), from: folder) }
        return row
    }

    private func part(_ stem: ManifestEntry.StemEntry) -> BatchIndex.Part {
        BatchIndex.Part(
            StemPresence(
                activity: stem.activity ?? 0, certainty: stem.certainty ?? 0,
                presence: stem.presence ?? 0),
            loudness: stem.levels.loudness, clips: stem.levels.peak > 1)
    }
}
