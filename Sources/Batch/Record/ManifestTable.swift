import Reports
import Signal
import Storage

/// The manifest as comma-separated values (RFC 4180): one row a stem, or one row for a track that
/// failed.
package enum ManifestTable {
    /// The names of the columns.
    package static let columns = [
        "status", "input", "input_sha256", "container", "codec", "sample_rate", "channels",
        "length", "stem", "path", "sha256", "size", "stem_length", "peak", "rms_db",
        "loudness_lufs", "true_peak_db", "activity", "certainty", "presence", "model",
        "model_sha256",
        "seconds", "warnings", "cause",
        "message",
    ]

    /// The first row.
    static var head: [UInt8] { row(columns) }

    /// The rows of an entry.
    static func rows(_ entry: ManifestEntry) -> [UInt8] {
        let warnings = entry.warnings.map(\.code).joined(separator: " ")
        let before = [
            entry.status.rawValue, "\(entry.input)", text(entry.inputSHA256),
            text(entry.container), text(entry.codec), text(entry.sampleRate),
            text(entry.channels), text(entry.length),
        ]
        let after = [
            entry.model.name, entry.model.sha256.hex, text(entry.seconds), warnings,
            text(entry.failure?.cause), text(entry.failure?.message),
        ]
        if entry.stems.isEmpty {
            return row(before + Array(repeating: "", count: 11) + after)
        }
        return entry.stems.flatMap { stem in
            let own = [
                stem.stem.rawValue, "\(stem.path)", stem.sha256.hex, "\(stem.size)",
                "\(stem.length)", "\(stem.levels.peak)", text(stem.levels.rms),
                text(stem.levels.loudness), text(stem.levels.truePeak), text(stem.activity),
                text(stem.certainty), text(stem.presence),
            ]
            return row(before + own + after)
        }
    }

    private static func text(_ value: (some CustomStringConvertible)?) -> String {
        value.map { "\($0)" } ?? ""
    }

    private static func row(_ fields: [String]) -> [UInt8] {
        let cells = fields.map { field in
            field.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) })
                ? "\"" + field.replacing("\"", with: "\"\"") + "\"" : field
        }
        return Array((cells.joined(separator: ",") + "\r\n").utf8)
    }
}
