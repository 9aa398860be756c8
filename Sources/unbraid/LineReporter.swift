import AudioIO
import Batch
import Foundation
import Storage

/// Plain lines: one a track on standard output, what goes wrong on standard error.
struct LineReporter: Reporter {
    let plan: BatchPlan
    let isQuiet: Bool

    func begin() {
        for miss in plan.misses { Terminal.complain(Message.text(of: miss)) }
    }

    func tell(_ event: BatchEvent) {
        guard case .ended(let track, let outcome) = event else { return }
        for line in TrackLines(plan.tracks[track], outcome).complaints { Terminal.complain(line) }
        guard !isQuiet else { return }
        for line in TrackLines(plan.tracks[track], outcome).results { Terminal.say(line) }
    }

    func end(_ summary: Tally.Summary) {
        if !isQuiet { Terminal.say(SummaryLine.text(of: summary)) }
    }
}

/// What there is to say about a track that has ended.
struct TrackLines {
    private let track: BatchPlan.Track
    private let outcome: TrackOutcome

    init(_ track: BatchPlan.Track, _ outcome: TrackOutcome) {
        self.track = track
        self.outcome = outcome
    }

    /// The track and where its stems are; below it what was made besides.
    var results: [String] {
        if case .added(let report, let kinds) = outcome {
            let made = kinds.filter { !report.failedExtras.contains($0) }
            let places = made.map { "\(track.place(of: $0))" + ($0.isFolder ? "/" : "") }
            return made.isEmpty ? [] : ["\(track.input) + " + places.joined(separator: " ")]
        }
        guard case .separated(let report) = outcome else { return [] }
        let speed = Figure.speed(report.seconds / max(report.times.total, 1e-9))
        let folders = Set(report.stems.map { $0.path.parent })
        let place: String =
            if report.stems.count > 1, folders.count == 1, let folder = folders.first {
                "\(folder)/{" + report.stems.map { "\($0.path.name)" }.joined(separator: ",") + "}"
            } else {
                report.stems.map { "\($0.path)" }.joined(separator: " ")
            }
        let sound = "(\(Figure.clock(report.seconds)) of sound, \(speed))"
        return ["\(track.input) -> \(place)  \(sound)"] + Self.places(of: report.extras)
    }

    /// A line for each file, and for each folder of several.
    private static func places(of extras: [ExtraFile]) -> [String] {
        var folders: [FilePath] = []
        var files: [FilePath: [FilePath]] = [:]
        for extra in extras {
            let folder = extra.path.parent
            if files[folder] == nil { folders.append(folder) }
            files[folder, default: []].append(extra.path)
        }
        return folders.flatMap { folder -> [String] in
            let paths = files[folder] ?? []
            // The page and the file of stems lie among the stems.
            return paths.count <= 3
                ? paths.map { "  + \($0)" } : ["  + \(folder)/  (\(paths.count) files)"]
        }
    }

    /// What went wrong or is worth knowing.
    var complaints: [String] {
        switch outcome {
        case .separated(let report):
            report.notes.map { "\(track.input): \(Message.text(of: $0))" }
                + report.stems.filter(\.becameFloat).map {
                    "\($0.path): is 32-bit float, since it would have clipped as integers"
                }
                + report.warnings.map { Self.naming(track, $0) }
        case .added(let report, _): report.warnings.map { Self.naming(track, $0) }
        case .failed(let failure): [Self.naming(track, failure.message)]
        }
    }

    /// The sentence, with the track's name in front unless it begins with it.
    private static func naming(_ track: BatchPlan.Track, _ text: String) -> String {
        text.hasPrefix("\(track.input):") ? text : "\(track.input): \(text)"
    }
}

/// The last line of a batch.
enum SummaryLine {
    static func text(of summary: Tally.Summary) -> String {
        let failed = summary.failed + summary.missed
        let speed = Figure.speed(summary.sound / max(summary.seconds, 1e-9))
        let unfinished = summary.planned - summary.separated - summary.added - summary.failed
        return "\(summary.separated) separated"
            + (summary.added > 0 ? ", \(summary.added) added to" : "")
            + (summary.done > 0 ? ", \(summary.done) done already" : "")
            + (failed > 0 ? ", \(failed) failed" : "")
            + (unfinished > 0 ? ", \(unfinished) not begun" : "")
            + (summary.separated > 0
                ? ": \(Figure.clock(summary.sound)) of sound in \(Figure.clock(summary.seconds)), "
                    + "\(speed) real time" : "")
    }
}
