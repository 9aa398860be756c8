import Batch
import Foundation
import Synchronization

/// Tells a person or a program what happens in a batch.
///
/// Called by one thread at a time.
protocol Reporter: Sendable {
    /// Before the first track.
    func begin()
    /// Whenever something happens.
    func tell(_ event: BatchEvent)
    /// After the last track.
    func end(_ summary: Tally.Summary)
}

/// Counts how the tracks of a batch end.
final class Tally: Sendable {
    /// How a batch ended.
    struct Summary: Sendable {
        /// Tracks that were separated.
        var separated = 0
        /// Tracks that were separated before and to which something was added.
        var added = 0
        /// Tracks that failed.
        var failed = 0
        /// Inputs that led to no track.
        let missed: Int
        /// Tracks that were planned.
        let planned: Int
        /// Tracks that were done already.
        let done: Int
        /// Seconds of sound in the tracks that were separated.
        var sound = 0.0
        /// Seconds that the batch took.
        var seconds = 0.0

        /// Whether all tracks were separated, now or before.
        var isComplete: Bool { missed == 0 && separated + added == planned }
    }

    private let counts: Mutex<Summary>
    private let start = ContinuousClock.now

    init(plan: BatchPlan, done: Int) {
        counts = Mutex(
            Summary(missed: plan.misses.count, planned: plan.tracks.count, done: done))
    }

    func count(_ event: BatchEvent) {
        guard case .ended(_, let outcome) = event else { return }
        counts.withLock { counts in
            switch outcome {
            case .separated(let report):
                counts.separated += 1
                counts.sound += report.seconds
            case .added: counts.added += 1
            case .failed: counts.failed += 1
            }
        }
    }

    var summary: Summary {
        var summary = counts.withLock { $0 }
        summary.seconds = (ContinuousClock.now - start) / .seconds(1)
        return summary
    }
}

/// How figures are written for people.
enum Figure {
    /// A span of time: `0:07`, `3:20`, `1:02:09`.
    static func clock(_ seconds: Double) -> String {
        let whole = Int(max(0, min(seconds, 1e9)).rounded())
        let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
        return hours > 0
            ? String(format: "%d:%02d:%02d", hours, minutes, rest)
            : String(format: "%d:%02d", minutes, rest)
    }

    /// A multiple of real time: `23 x`, `0.8 x`.
    static func speed(_ factor: Double) -> String {
        String(format: factor < 10 ? "%.1f x" : "%.0f x", factor)
    }
}
