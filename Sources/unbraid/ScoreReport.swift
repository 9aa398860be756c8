import Evaluation
import Foundation
import Storage

/// Prints scores as a table or as one JSON object a line.
struct ScoreReport {
    private let isJSON: Bool
    private let isQuiet: Bool

    init(isJSON: Bool, isQuiet: Bool) {
        (self.isJSON, self.isQuiet) = (isJSON, isQuiet)
        guard !isJSON else { return }
        let columns = ["SDR", "ISR", "SIR", "SAR", "SDR all", "SI-SDR"]
        Terminal.say(Self.line("track", "stem", columns.map { $0 }))
    }

    private static func line(_ track: String, _ stem: String, _ cells: [String]) -> String {
        func padded(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(0, width - text.count))
        }
        // Long names are cut in the middle, where they differ least.
        let name =
            track.count <= 32
            ? track : track.prefix(20) + "…" + track.suffix(11)
        let right = cells.map { String(repeating: " ", count: max(1, 9 - $0.count)) + $0 }
        return padded(String(name), 33) + padded(stem, 13) + right.joined()
    }

    private static func cell(_ value: Double?) -> String {
        guard let value else { return "-" }
        return value.isFinite ? String(format: "%.3f", value) : (value > 0 ? "inf" : "-inf")
    }

    /// Prints one track, and what is to be said of it.
    func show(_ result: TrackEvaluation) {
        for note in result.notes {
            Terminal.complain("\(result.track.references): " + Message.text(of: note))
        }
        if isJSON {
            print(JSONTrack(result))
        } else if !isQuiet {
            for stem in result.stems {
                let ratios = StemSummary.order.map { Self.cell(stem.scores.median($0)) }
                let whole = [stem.scores.trackSDR, stem.scores.trackSISDR].map(Self.cell)
                Terminal.say(Self.line(result.track.name, stem.name, ratios + whole))
            }
        }
    }

    /// Prints the medians over all tracks.
    func show(_ summaries: [StemSummary], of tracks: Int) {
        if isJSON {
            print(JSONSummary(tracks: tracks, stems: summaries.map(JSONSummary.Stem.init)))
        } else {
            for summary in summaries {
                Terminal.say(
                    Self.line(
                        "median of \(summary.tracks)", summary.name,
                        (summary.ratios + summary.whole).map(Self.cell)))
            }
        }
    }

    private func print(_ value: some Encodable) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        guard let data = try? encoder.encode(value) else { return }
        Terminal.say(String(decoding: data, as: UTF8.self))
    }
}

/// A number as JSON has it: null where it is missing or infinite.
private struct Decibels: Encodable {
    let value: Double?

    init(_ value: Double?) {
        // Five places, as museval's files have.
        self.value = value.flatMap { $0.isFinite ? ($0 * 1e5).rounded() / 1e5 : nil }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let value { try container.encode(value) } else { try container.encodeNil() }
    }
}

/// The line of one track.
private struct JSONTrack: Encodable {
    struct Windows: Encodable {
        let sdr, isr, sir, sar: [Decibels]
    }

    struct Stem: Encodable {
        let stem: String
        let sdr, isr, sir, sar: Decibels
        let trackSdr, trackSiSdr: Decibels
        let windows: Windows
    }

    let event = "track"
    let track: String
    let references, estimates: String
    let stems: [Stem]
    let notes: [String]

    init(_ result: TrackEvaluation) {
        track = result.track.name
        references = result.track.references.description
        estimates = result.track.estimates.description
        notes = result.notes.map(Message.text(of:))
        stems = result.stems.map { stem in
            let scores = stem.scores
            func each(_ ratio: KeyPath<WindowRatios, Double>) -> [Decibels] {
                scores.windows.map { Decibels($0?[keyPath: ratio]) }
            }
            return Stem(
                stem: stem.name, sdr: Decibels(scores.median(\.sdr)),
                isr: Decibels(scores.median(\.isr)), sir: Decibels(scores.median(\.sir)),
                sar: Decibels(scores.median(\.sar)), trackSdr: Decibels(scores.trackSDR),
                trackSiSdr: Decibels(scores.trackSISDR),
                windows: Windows(
                    sdr: each(\.sdr), isr: each(\.isr), sir: each(\.sir), sar: each(\.sar)))
        }
    }
}

/// The line of the medians.
private struct JSONSummary: Encodable {
    struct Stem: Encodable {
        let stem: String
        let tracks: Int
        let sdr, isr, sir, sar, trackSdr, trackSiSdr: Decibels

        init(_ summary: StemSummary) {
            stem = summary.name
            tracks = summary.tracks
            sdr = Decibels(summary.ratios[0])
            isr = Decibels(summary.ratios[1])
            sir = Decibels(summary.ratios[2])
            sar = Decibels(summary.ratios[3])
            trackSdr = Decibels(summary.whole[0])
            trackSiSdr = Decibels(summary.whole[1])
        }
    }

    let event = "median"
    let tracks: Int
    let stems: [Stem]
}
