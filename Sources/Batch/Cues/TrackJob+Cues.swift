import Foundation
import Reports
import Signal
import Storage

extension TrackJob {
    /// Makes the cues and the loops of a track that was separated, from its published files.
    func makeCues(of report: TrackReport) throws -> ([ExtraFile], [ExtraShortfall]) {
        guard let wanted = options.cues else { return ([], []) }
        var mix = CueListener.Source(name: "mix", path: track.input, isDrums: false)
        mix.start = options.start
        mix.duration = options.duration
        mix.salvages = options.salvages
        let stems = report.stems.map {
            CueListener.Source(
                name: $0.stem.rawValue, path: $0.path, isDrums: $0.stem == .drums)
        }
        let listener = CueListener(
            rate: wanted.rate, threads: ProcessInfo.processInfo.activeProcessorCount)
        let sheet = try listener.sheet(of: [mix] + stems)
        var files = try CueFolder(track.place(of: .cues), overwrites: options.overwrites)
            .write(sheet, forms: wanted.forms)
        guard let bars = wanted.loopBars else { return (files, []) }
        let cutter = LoopCutter(sheet.rhythm, bars: bars)
        if cutter.loops.isEmpty {
            let found = max(0, sheet.rhythm.downbeats.count - 1)
            return (files, [.noLoop(bars: bars, found: found)])
        }
        for stem in report.stems {
            files += try cutter.cut(
                stem.path, name: stem.stem.rawValue, format: stem.format, samples: stem.samples,
                into: track.place(of: .loops),
                overwriting: options.overwrites)
        }
        return (files, [])
    }
}
