import Batch
import Storage
import Synchronization

/// One line that is drawn over and over: the track in work, the batch, speed and time left.
final class BarReporter: Reporter {
    private struct State {
        var titles: [Int: String] = [:]
        var done: [Int: Double] = [:]
        var totals: [Int: Double] = [:]
        var ended = 0
        var finishedSound = 0.0
        var lastDraw = ContinuousClock.now - .seconds(1)
    }

    private let plan: BatchPlan
    private let lines: LineReporter
    private let state = Mutex(State())
    private let start = ContinuousClock.now

    init(plan: BatchPlan) {
        self.plan = plan
        lines = LineReporter(plan: plan, isQuiet: false)
    }

    func begin() { lines.begin() }

    func tell(_ event: BatchEvent) {
        state.withLock { state in
            switch event {
            case .started(let track, _):
                state.titles[track] = "\(plan.tracks[track].input.name)"
            case .progressed(let track, let seconds, let total):
                state.done[track] = seconds
                state.totals[track] = total
            case .ended(let track, let outcome):
                state.ended += 1
                if case .separated(let report) = outcome { state.finishedSound += report.seconds }
                state.titles[track] = nil
                state.done[track] = nil
                state.totals[track] = nil
                Terminal.draw(Self.erase)
                lines.tell(event)
                state.lastDraw -= .seconds(1)
            }
            let now = ContinuousClock.now
            // Ten times a second is enough for the eye.
            if now - state.lastDraw > .milliseconds(100) {
                state.lastDraw = now
                Terminal.draw(Self.erase + line(state, now))
            }
        }
    }

    func end(_ summary: Tally.Summary) {
        Terminal.draw(Self.erase)
        lines.end(summary)
    }

    /// Back to the first column, and everything behind it away.
    private static let erase = "\r\u{1B}[K"

    private func line(_ state: State, _ now: ContinuousClock.Instant) -> String {
        let elapsed = max((now - start) / .seconds(1), 1e-9)
        let sound = state.finishedSound + state.done.values.reduce(0, +)
        let speed = sound / elapsed
        var text = ""
        if let track = state.titles.keys.min(), let title = state.titles[track] {
            let share = (state.done[track] ?? 0) / max(state.totals[track] ?? .infinity, 1e-9)
            text += "\(bar(share)) \(shortened(title))"
            if let total = state.totals[track], speed > 0 {
                let left = state.totals.values.reduce(0, +) - state.done.values.reduce(0, +)
                text += "  \(Figure.clock(state.done[track] ?? 0))/\(Figure.clock(total))"
                text += "  \(Figure.speed(speed))  \(Figure.clock(left / speed)) left"
            }
        }
        if plan.tracks.count > 1 {
            text += text.isEmpty ? "" : "  "
            text += "[\(state.ended)/\(plan.tracks.count)"
            if state.ended > 0, state.ended < plan.tracks.count {
                // Tracks not opened yet are taken to be like those that have ended.
                let left = elapsed / Double(state.ended) * Double(plan.tracks.count - state.ended)
                text += ", \(Figure.clock(left)) left"
            }
            text += "]"
        }
        return String(text.prefix(Terminal.width - 1))
    }

    private func bar(_ share: Double) -> String {
        let filled = Int((min(max(share, 0), 1) * 20).rounded(.down))
        return "[" + String(repeating: "#", count: filled)
            + String(repeating: "-", count: 20 - filled) + "]"
    }

    private func shortened(_ title: String) -> String {
        title.count > 28 ? title.prefix(27) + "…" : title
    }
}
