import Foundation
package import Models
import Synchronization

/// Separates the tracks of a plan, several at a time.
///
/// A track that fails does not stop the others: how it ended is a value. Each of the jobs has the
/// nets to itself; whatever the number of jobs and threads, the stems have the same bits.
package final class BatchRunner: Sendable {
    /// The tracks.
    package let plan: BatchPlan
    private let model: Model
    private let selection: StemSelection
    private let options: SeparationOptions
    private let jobs: Int
    private let threads: Int
    private let describe: @Sendable (any Error) -> String
    private let isCancelled = Atomic<Bool>(false)
    private let next = Atomic<Int>(0)

    /// A runner that has not begun.
    ///
    /// - Parameters:
    ///   - jobs: tracks to separate at a time, at least 1.
    ///   - threads: threads for the nets of each, at least 1.
    ///   - describe: the line for an error.
    package init(
        plan: BatchPlan, model: Model, selection: StemSelection, options: SeparationOptions,
        jobs: Int, threads: Int, describe: @escaping @Sendable (any Error) -> String = { "\($0)" }
    ) {
        precondition(jobs > 0 && threads > 0)
        self.plan = plan
        self.model = model
        self.selection = selection
        self.options = options
        self.jobs = min(jobs, max(1, plan.tracks.count))
        self.threads = threads
        self.describe = describe
    }

    /// Separates all tracks and returns when the last one has ended.
    ///
    /// - Parameter handle: is told what happens, from several threads but never from two at once.
    /// - Throws: `ModelError` before any track is begun.
    package func run(_ handle: @escaping @Sendable (BatchEvent) -> Void) throws {
        // The nets are loaded before the first track is touched: a model that does not run is one
        // error, not one a track.
        let estimators = try (0..<jobs).map { _ in
            try StemEstimator(model: model, threads: threads)
        }
        let order = Mutex<Void>(())
        let tell: @Sendable (BatchEvent) -> Void = { event in order.withLock { _ in handle(event) }
        }
        let group = DispatchGroup()
        for estimator in estimators {
            let work = Work(estimator: estimator)
            group.enter()
            // A thread of its own: the work blocks on disks and holds a core for minutes.
            let thread = Thread { [self] in
                runTracks(with: work.estimator, tell)
                group.leave()
            }
            thread.stackSize = 4 << 20
            thread.start()
        }
        group.wait()
    }

    /// Ends the tracks in flight as cancelled and starts no more.
    package func cancel() { isCancelled.store(true, ordering: .relaxed) }

    private func runTracks(
        with estimator: StemEstimator, _ tell: @escaping @Sendable (BatchEvent) -> Void
    ) {
        while !isCancelled.load(ordering: .relaxed) {
            let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
            guard index < plan.tracks.count else { return }
            let job = TrackJob(
                track: plan.tracks[index], selection: selection, options: options,
                estimator: estimator, sampleRate: model.card.sampleRate, describe: describe)
            do {
                let report = try job.run(
                    isCancelled: { self.isCancelled.load(ordering: .relaxed) },
                    started: { tell(.started(track: index, $0)) },
                    progressed: { tell(.progressed(track: index, seconds: $0, total: $1)) })
                tell(.ended(track: index, .separated(report)))
            } catch {
                tell(.ended(track: index, .failed(TrackFailure(error, describe: describe))))
            }
        }
    }
}

/// An estimator on its way to the one thread that uses it, which is why it may cross.
private struct Work: @unchecked Sendable {
    let estimator: StemEstimator
}
