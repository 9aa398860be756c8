/// Writes cues as label files of Audacity: start, end and a text, with tabs between.
package enum AudacityLabels {
    /// Writes the beats, labelled with bar and beat.
    package static func writeBeats(_ rhythm: Rhythm, to text: inout CueText) throws {
        for beat in rhythm.numbered {
            let time = rhythm.time(beat.sample)
            try line(time, time, "\(beat.bar).\(beat.beat)", to: &text)
        }
    }

    /// Writes the onsets of a source, labelled with the drum or the strength.
    package static func writeOnsets(_ source: SourceCues, to text: inout CueText) throws {
        for onset in source.onsets {
            let time = source.time(onset.sample)
            let label =
                onset.drum?.rawValue ?? CueText.fixed(Double(onset.strength), decimals: 3)
            try line(time, time, label, to: &text)
        }
    }

    /// Writes the stretches in which a source sounds.
    package static func writeRegions(_ source: SourceCues, to text: inout CueText) throws {
        for region in source.regions where region.isActive {
            try line(
                source.time(region.samples.lowerBound), source.time(region.samples.upperBound),
                "active", to: &text)
        }
    }

    private static func line(
        _ start: Double, _ end: Double, _ label: String, to text: inout CueText
    ) throws {
        let (start, end) = (CueText.fixed(start, decimals: 6), CueText.fixed(end, decimals: 6))
        try text.put("\(start)\t\(end)\t\(label)\n")
    }
}
