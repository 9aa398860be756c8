import AudioIO
import Dispatch
import Foundation
import Reports
import Signal
import Storage
import Synchronization

/// Makes the page of a track from its published stems, which are read once, in blocks.
struct TrackPageMaker {
    let report: TrackReport
    /// The mixture's file.
    let input: FilePath
    /// Whether the stems add up to the mixture.
    let isComplete: Bool
    let options: SeparationOptions
    let wanted: ReportOptions

    private static let blockLength = 1 << 15

    /// Writes the page.
    func write(to path: FilePath) throws -> ExtraFile {
        let title = "\(input.nameWithoutExtension)"
        let file = try PageFile(path)
        try file.append(TrackPage.opening(title: title))
        let (rate, length) = (report.source.sampleRate, report.length)
        let scale = SpectrogramScale(sampleRate: rate)
        let clips = wanted.sound == .embedded && report.seconds <= ReportOptions.embeddedLimit
        let stems = try report.stems.map { stem in
            LanePass(
                try AudioReader(stem.path), length: length, channels: report.source.channels,
                sampleRate: rate, scale: scale, hasClips: clips)
        }
        let mix = LanePass(
            isComplete ? nil : try openInput(), length: length, channels: report.source.channels,
            sampleRate: rate, scale: scale, hasClips: clips && !isComplete)
        var presence = PresenceMeter(
            stems: stems.count, channels: report.source.channels, sampleRate: rate)
        var position = 0
        while position < length {
            let count = min(Self.blockLength, length - position)
            try each(stems) { try $0.read(count) }
            if isComplete { mix.sum(stems) } else { try mix.read(count) }
            presence.push(mixture: mix.block, stems: stems.map(\.block))
            position += count
            try writeClips(of: [mix] + stems, atEnd: position == length, to: file)
        }
        _ = presence.finish()
        let cues = try PageCues(report.extras)
        var page = TrackPage(
            title: title, facts: facts, sampleRate: rate, samples: length,
            lanes: [try mixLane(mix, from: path.parent)], scale: scale)
        page.cues = cues.marks
        page.lanes[0].onsets = cues.onsets["mix"] ?? []
        for (index, stem) in report.stems.enumerated() {
            var lane = try self.lane(stem, stems[index], from: path.parent)
            lane.tint = Self.tint(of: stem.stem, at: index)
            lane.active = presence.activeStretches[index].reduce(into: "") { $0 += $1 ? "1" : "0" }
            lane.onsets = cues.onsets[stem.stem.rawValue] ?? []
            page.lanes.append(lane)
        }
        if clips { page.clips = ClipCutter.facts(sampleRate: rate, length: length) }
        page.warnings = report.warnings
        try file.append(page.closing())
        return ExtraFile(
            kind: "report", path: path, sha256: try file.publish(overwriting: options.overwrites))
    }

    private func openInput() throws -> AudioReader {
        try AudioReader(
            input, start: options.start, duration: options.duration, salvage: options.salvages)
    }

    private func writeClips(of lanes: [LanePass], atEnd: Bool, to file: PageFile) throws {
        while lanes.contains(where: { $0.hasClip(atEnd: atEnd) }) {
            try each(lanes) { try $0.encodeClip(atEnd: atEnd) }
            for (index, lane) in lanes.enumerated() {
                guard let (number, bytes) = lane.takeClip() else { continue }
                try file.append(TrackPage.clip(lane: index, index: number, bytes))
            }
        }
    }

    /// Does something with each lane, on several threads.
    private func each(
        _ lanes: [LanePass], _ body: @Sendable (LanePass) throws -> Void
    ) throws {
        let errors = Mutex<[any Error]>([])
        DispatchQueue.concurrentPerform(iterations: lanes.count) { index in
            do { try body(lanes[index]) } catch { errors.withLock { $0.append(error) } }
        }
        if let error = errors.withLock({ $0.first }) { throw error }
    }

    private func mixLane(_ pass: LanePass, from folder: FilePath) throws -> TrackPage.Lane {
        var lane = try pass.lane(name: "mix")
        lane.isMix = true
        lane.isSum = isComplete
        lane.file = RelativeAddress.of(input, from: folder)
        lane.fileName = "\(input.name)"
        return lane
    }

    private func lane(
        _ stem: StemReport, _ pass: LanePass, from folder: FilePath
    ) throws -> TrackPage.Lane {
        var lane = try pass.lane(name: stem.stem.rawValue)
        lane.file = RelativeAddress.of(stem.path, from: folder)
        lane.fileName = "\(stem.path.name)"
        lane.peak = stem.levels.peak
        lane.loudness = stem.levels.loudness
        lane.truePeak = stem.levels.truePeak
        lane.activity = stem.presence.activity
        lane.certainty = stem.presence.certainty
        lane.becameFloat = stem.becameFloat
        return lane
    }

    private var facts: String {
        let source = report.source
        let channels =
            switch source.channels {
            case 1: "mono"
            case 2: "stereo"
            default: "\(source.channels) channels"
            }
        let rate = "\(Double(source.sampleRate) / 1000) kHz".replacing(".0 ", with: " ")
        return "\(input) \u{00B7} \(source.container) \(source.codec) \u{00B7} \(rate) \u{00B7} "
            + channels
    }

    private static func tint(of stem: Stem, at index: Int) -> String {
        switch stem {
        case .drums, .bass, .vocals, .other: stem.rawValue
        default: stem.rawValue.hasPrefix("no_") ? "other" : index.isMultiple(of: 2) ? "a" : "b"
        }
    }
}
