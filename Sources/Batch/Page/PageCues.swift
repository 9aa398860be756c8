import Foundation
import Reports
import Storage

/// What the page shows of a track's cues, read from the file that was written of them.
struct PageCues {
    /// Beats and bars.
    private(set) var marks: [TrackPage.Cue] = []
    /// Where something begins to sound, in seconds, for the mix and each stem by name.
    private(set) var onsets: [String: [Double]] = [:]

    /// No cues.
    init() {}

    /// The cues among the files that were made of a track; none where there is no JSON file of them.
    init(_ extras: [ExtraFile]) throws {
        guard let extra = extras.first(where: { $0.kind == "cues" && $0.path.name == "cues.json" })
        else { return }
        let file = try OpenFile.reading(extra.path)
        let bytes = try file.read(try file.status().size, at: 0)
        let sheet = try JSONDecoder().decode(Sheet.self, from: Data(bytes))
        marks = sheet.rhythm.beats.map { beat in
            TrackPage.Cue(
                time: beat.time, kind: beat.beat == 1 ? "downbeat" : "beat",
                label: "bar \(beat.bar), beat \(beat.beat), at")
        }
        for source in sheet.sources { onsets[source.name] = source.onsets.map(\.time) }
    }

    /// The part of the file that the page shows.
    private struct Sheet: Decodable {
        let rhythm: Rhythm
        let sources: [Source]

        struct Rhythm: Decodable {
            let beats: [Beat]
        }

        struct Beat: Decodable {
            let time: Double
            let bar: Int
            let beat: Int
        }

        struct Source: Decodable {
            let name: String
            let onsets: [Onset]
        }

        struct Onset: Decodable {
            let time: Double
        }
    }
}
