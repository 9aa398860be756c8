import Batch
import Foundation
import Signal
import Storage

/// What a batch would do.
struct DryRun {
    let resumption: Resumption
    let json: Bool

    private struct Line: Encodable {
        let event: String
        let input: FilePath
        let stems: [String: FilePath]
        let extras: [String: FilePath]?
    }

    func print() {
        var text = ""
        // Not a write for each of a hundred thousand lines.
        func say(_ line: String, isLast: Bool = false) {
            text += line + "\n"
            if text.utf8.count > 1 << 16 { flush() }
        }
        func flush() {
            if !text.isEmpty { Terminal.say(String(text.dropLast())) }
            text = ""
        }
        for track in resumption.done {
            say(json ? object("done", track) : "\(track.input): done already")
        }
        for again in resumption.again { Terminal.complain(Message.text(of: again)) }
        for track in resumption.plan.tracks {
            if json {
                say(object("planned", track))
            } else {
                say("\(track.input)" + (track.isFinished ? ": done already, but for" : ""))
                if !track.isFinished {
                    for output in track.outputs { say("  -> \(output.path)") }
                }
                for extra in track.extras {
                    say("  -> \(extra.path)" + (extra.kind.isFolder ? "/" : ""))
                }
            }
        }
        flush()
        let plan = resumption.plan
        for miss in plan.misses { Terminal.complain(Message.text(of: miss)) }
        if json { return }
        if plan.skipped > 0 {
            Terminal.say("\(plan.skipped) files that are not sound by their names are left alone")
        }
        if plan.repeated > 0 {
            Terminal.say("\(plan.repeated) names are of files that have another one here")
        }
    }

    private func object(_ event: String, _ track: BatchPlan.Track) -> String {
        let stems = track.isFinished ? [] : track.outputs.map { ($0.stem.rawValue, $0.path) }
        let extras = track.extras.map { ($0.kind.rawValue, $0.path) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let line = Line(
            event: event, input: track.input, stems: Dictionary(uniqueKeysWithValues: stems),
            extras: extras.isEmpty ? nil : Dictionary(uniqueKeysWithValues: extras))
        guard let data = try? encoder.encode(line) else { return "" }
        return String(decoding: data, as: UTF8.self)
    }
}
