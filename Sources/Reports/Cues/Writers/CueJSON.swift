/// Writes cues as JSON, as `docs/cues.schema.json` describes it.
package enum CueJSON {
    /// The version of the form.
    package static let version = 1

    /// Writes all cues.
    package static func write(_ sheet: CueSheet, to text: inout CueText) throws {
        let seconds = sheet.sources.map(\.seconds).max() ?? 0
        try text.put("{\n\"format\": \"unbraid-cues\",\n\"version\": \(version),\n\"duration\": ")
        try text.put(seconds, decimals: 6)
        try text.put(",\n\"rhythm\": ")
        try write(sheet.rhythm, to: &text)
        try text.put(",\n\"sources\": [\n")
        for (index, source) in sheet.sources.enumerated() {
            if index > 0 { try text.put(",\n") }
            try write(source, to: &text)
        }
        try text.put("\n]\n}\n")
    }

    private static func write(_ rhythm: Rhythm, to text: inout CueText) throws {
        let names = rhythm.sources.map(CueText.quoted).joined(separator: ", ")
        let median = rhythm.medianTempo.map { CueText.fixed($0, decimals: 3) } ?? "null"
        try text.put("{\n\"sources\": [\(names)],\n\"sample_rate\": \(rhythm.sampleRate),\n")
        try text.put("\"bpm\": \(median),\n\"meter\": \(rhythm.meter),\n\"beats\": [")
        var separator = "\n"
        for (index, beat) in rhythm.numbered.enumerated() {
            let time = CueText.fixed(rhythm.time(beat.sample), decimals: 6)
            let tempo = CueText.fixed(rhythm.tempo[index], decimals: 3)
            try text.put("\(separator){\"time\": \(time), \"sample\": \(beat.sample), ")
            try text.put("\"bar\": \(beat.bar), \"beat\": \(beat.beat), \"bpm\": \(tempo)}")
            separator = ",\n"
        }
        try text.put("]\n}")
    }

    private static func write(_ source: SourceCues, to text: inout CueText) throws {
        try text.put("{\n\"name\": \(CueText.quoted(source.name)),\n")
        try text.put("\"file\": \(CueText.quoted(source.file)),\n")
        try text.put("\"sample_rate\": \(source.sampleRate),\n\"channels\": \(source.channels),\n")
        try text.put("\"length\": \(source.length),\n\"onsets\": [")
        var separator = "\n"
        for onset in source.onsets {
            let time = CueText.fixed(source.time(onset.sample), decimals: 6)
            let strength = CueText.fixed(Double(onset.strength), decimals: 4)
            try text.put("\(separator){\"time\": \(time), \"sample\": \(onset.sample), ")
            try text.put("\"strength\": \(strength)")
            if let drum = onset.drum { try text.put(", \"class\": \"\(drum.rawValue)\"") }
            try text.put("}")
            separator = ",\n"
        }
        try text.put("],\n\"regions\": [")
        separator = "\n"
        for region in source.regions {
            let start = CueText.fixed(source.time(region.samples.lowerBound), decimals: 6)
            let end = CueText.fixed(source.time(region.samples.upperBound), decimals: 6)
            try text.put("\(separator){\"start\": \(start), \"end\": \(end), ")
            try text.put("\"active\": \(region.isActive)}")
            separator = ",\n"
        }
        try text.put("],\n\"frames\": ")
        try write(source.frames, to: &text)
        try text.put("\n}")
    }

    private static func write(_ frames: FrameTrack, to text: inout CueText) throws {
        try text.put("{\n\"rate\": \(CueText.fixed(frames.rate, decimals: 6)),\n")
        try text.put("\"count\": \(frames.count)")
        for column in FrameTrack.columns {
            try text.put(",\n\"\(column.name)\": [")
            for (index, value) in frames[keyPath: column.values].enumerated() {
                if index > 0 { try text.put(",") }
                try text.put(Double(value), decimals: column.decimals)
            }
            try text.put("]")
        }
        try text.put("\n}")
    }
}

extension FrameTrack {
    /// A feature as it is written.
    struct Column: Sendable {
        let name: String
        let values: any KeyPath<FrameTrack, [Float]> & Sendable
        let decimals: Int
    }

    /// The features in the order and under the names in which they are written.
    static let columns = [
        Column(name: "energy_db", values: \.energy, decimals: 2),
        Column(name: "low_db", values: \.low, decimals: 2),
        Column(name: "mid_db", values: \.mid, decimals: 2),
        Column(name: "high_db", values: \.high, decimals: 2),
        Column(name: "centroid_hz", values: \.centroid, decimals: 1),
        Column(name: "flatness", values: \.flatness, decimals: 4),
        Column(name: "onset", values: \.onset, decimals: 4),
    ]
}

extension Rhythm {
    /// A beat with its bar, counted from 1 at the first downbeat; 0 before it.
    struct Numbered {
        let sample: Int
        let bar: Int
        let beat: Int
    }

    /// The beats with their bars.
    var numbered: [Numbered] {
        var bar = 0
        return beats.map { beat in
            if beat.position == 0 { bar += 1 }
            return Numbered(sample: beat.sample, bar: bar, beat: beat.position + 1)
        }
    }
}
