import AudioIO
import Batch
import Foundation
import Reports
import Signal

/// One JSON object a line on standard output, for programs.
///
/// Every object has `event`; the others are told of a track by `track`, its place in the plan, and
/// `input`. Keys are in alphabetical order, seconds and sizes are numbers.
struct JSONReporter: Reporter {
    let plan: BatchPlan
    /// Tracks that were done already.
    let done: Int

    private struct Line: Encodable {
        var event: String
        var track: Int?
        var input: String?
        var tracks: Int?
        var done: Int?
        var error: String?
        var cause: String?
        var attempts: Int?
        var seconds: Double?
        var total: Double?
        var format: Format?
        var stems: [StemFile]?
        var extras: [Extra]?
        var warnings: [String]?
        var times: [String: Double]?
        var separated: Int?
        var added: Int?
        var failed: Int?
        var speed: Double?
    }

    private struct Format: Encodable {
        let container: String
        let codec: String
        let sampleRate: Int
        let channels: Int
        let samples: Int?

        enum CodingKeys: String, CodingKey {
            case container, codec, channels, samples
            case sampleRate = "sample_rate"
        }
    }

    private struct StemFile: Encodable {
        let stem: String
        let path: String
        let samples: String?
        let becameFloat: Bool
        let levels: LevelFigures

        enum CodingKeys: String, CodingKey {
            case stem, path, samples, levels
            case becameFloat = "became_float"
        }
    }

    /// As in the manifest: full scale is 1, dB, LUFS, dBTP; what was not measured is left out.
    private struct LevelFigures: Encodable {
        let peak: Double
        let rms: Double?
        let loudness: Double?
        let truePeak: Double?

        enum CodingKeys: String, CodingKey {
            case peak, rms, loudness
            case truePeak = "true_peak"
        }
    }

    private struct Extra: Encodable {
        let kind: String
        let path: String
    }

    func begin() {
        write(Line(event: "planned", tracks: plan.tracks.count, done: done))
        for miss in plan.misses {
            write(Line(event: "failed", input: "\(miss.path)", error: Message.text(of: miss)))
        }
    }

    func tell(_ event: BatchEvent) {
        switch event {
        case .started(let track, let format):
            var line = self.line("started", track)
            line.format = Format(
                container: format.container, codec: format.codec, sampleRate: format.sampleRate,
                channels: format.channels, samples: format.length)
            write(line)
        case .progressed(let track, let seconds, let total):
            var line = self.line("progress", track)
            line.seconds = seconds
            line.total = total
            write(line)
        case .ended(let track, .failed(let failure)):
            var line = self.line("failed", track)
            line.error = failure.message
            line.cause = failure.cause
            line.attempts = failure.attempts
            write(line)
        case .ended(let track, .added(let report, let kinds)):
            var line = self.line("added", track)
            line.extras = report.extras.filter { extra in
                kinds.contains { $0 == ExtraKind(recorded: extra.kind) }
            }.map { Extra(kind: $0.kind, path: "\($0.path)") }
            line.warnings = report.warnings
            write(line)
        case .ended(let track, .separated(let report)):
            var line = self.line("separated", track)
            line.seconds = report.seconds
            line.stems = report.stems.map {
                StemFile(
                    stem: $0.stem.rawValue, path: "\($0.path)", samples: $0.samples?.rawValue,
                    becameFloat: $0.becameFloat,
                    levels: LevelFigures(
                        peak: $0.levels.peak, rms: $0.levels.rms, loudness: $0.levels.loudness,
                        truePeak: $0.levels.truePeak))
            }
            line.extras = report.extras.map { Extra(kind: $0.kind, path: "\($0.path)") }
            line.warnings = report.notes.map(Message.text(of:)) + report.warnings
            line.times = report.times.byStage
            line.speed = report.seconds / max(report.times.total, 1e-9)
            write(line)
        }
    }

    func end(_ summary: Tally.Summary) {
        var line = Line(event: "ended")
        line.separated = summary.separated
        line.added = summary.added > 0 ? summary.added : nil
        line.failed = summary.failed + summary.missed
        line.seconds = summary.seconds
        line.speed = summary.sound / max(summary.seconds, 1e-9)
        write(line)
    }

    private func line(_ event: String, _ track: Int) -> Line {
        Line(event: event, track: track, input: "\(plan.tracks[track].input)")
    }

    private func write(_ line: Line) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(line) else { return }
        Terminal.say(String(decoding: data, as: UTF8.self))
    }
}
