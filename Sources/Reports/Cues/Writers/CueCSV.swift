/// Writes cues as tables of comma-separated values with a line of names on top.
package enum CueCSV {
    /// Writes the frame track of a source: one line a frame.
    package static func writeFrames(_ source: SourceCues, to text: inout CueText) throws {
        let frames = source.frames
        let names = FrameTrack.columns.map(\.name).joined(separator: ",")
        try text.put("time,\(names)\n")
        for frame in 0..<frames.count {
            try text.put(Double(frame) / frames.rate, decimals: 6)
            for column in FrameTrack.columns {
                try text.put(",")
                try text.put(
                    Double(frames[keyPath: column.values][frame]), decimals: column.decimals)
            }
            try text.put("\n")
        }
    }

    /// Writes all else, one line an event.
    package static func writeEvents(_ sheet: CueSheet, to text: inout CueText) throws {
        try text.put("source,event,time,sample,end,strength,class,bar,beat,bpm\n")
        let rhythm = sheet.rhythm
        for (index, beat) in rhythm.numbered.enumerated() {
            let time = CueText.fixed(rhythm.time(beat.sample), decimals: 6)
            let tempo = CueText.fixed(rhythm.tempo[index], decimals: 3)
            try text.put(
                "rhythm,beat,\(time),\(beat.sample),,,,\(beat.bar),\(beat.beat),\(tempo)\n")
        }
        for source in sheet.sources {
            let name = CueText.field(source.name)
            for onset in source.onsets {
                let time = CueText.fixed(source.time(onset.sample), decimals: 6)
                let strength = CueText.fixed(Double(onset.strength), decimals: 4)
                let drum = onset.drum?.rawValue ?? ""
                try text.put(
                    "\(name),onset,\(time),\(onset.sample),,\(strength),\(drum),,,\n")
            }
            for region in source.regions {
                let start = CueText.fixed(source.time(region.samples.lowerBound), decimals: 6)
                let end = CueText.fixed(source.time(region.samples.upperBound), decimals: 6)
                let kind = region.isActive ? "active" : "silent"
                try text.put(
                    "\(name),\(kind),\(start),\(region.samples.lowerBound),\(end),,,,,\n")
            }
        }
    }
}
