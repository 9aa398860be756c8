import Foundation
package import Models
import Synchronization

/// Separates the tracks of a plan in worker processes, several at a time.
///
/// A track that fails does not stop the others: how it ended is a value, also where it brings down
/// its worker. Whatever the number of jobs and threads, the stems have the same bits.
package final class BatchRunner: Sendable {
    /// The tracks.
    package let plan: BatchPlan
    let model: Model
    let selection: StemSelection
    let options: SeparationOptions
    let program: WorkerProgram
    /// What the names of the workers' temporary files begin with.
    let mark: String
    /// Told that a track is handed to a worker; says what of it is there.
    let claim: @Sendable (Int) -> TrackClaim
    let describe: @Sendable (any Error) -> String
    private let jobs: Int
    private let threads: Int
    /// The most threads that a worker takes over from those that have ended.
    let mostThreads: Int
    private let cancelled = Atomic<Bool>(false)
    private let progress: Mutex<Progress>
    private let listener = Mutex<(@Sendable (BatchEvent) -> Void)?>(nil)

    private struct Progress {
        var next = 0
        /// Lanes that have not ended.
        var lanes = 0
        /// The least seconds of sound that were separated in a second.
        var slowest = Double.infinity
        var fault: WorkerFault?
    }

    /// A runner that has not begun.
    ///
    /// - Parameters:
    ///   - jobs: worker processes, at least 1.
    ///   - threads: threads for the nets of each, at least 1.
    ///   - mostThreads: when fewer tracks than jobs are left, their workers take over the threads of
    ///     those that have ended, up to this number; `threads` if nil.
    ///   - program: what is started as a worker.
    ///   - mark: what the names of the workers' temporary files begin with.
    ///   - claim: told that a track is handed to a worker, each time it is, before that; says what
    ///     of it is there.
    ///   - describe: the line for an error.
    package init(
        plan: BatchPlan, model: Model, selection: StemSelection, options: SeparationOptions,
        jobs: Int, threads: Int, mostThreads: Int? = nil, program: WorkerProgram,
        mark: String = "batch",
        claim: @escaping @Sendable (Int) -> TrackClaim = { _ in TrackClaim() },
        describe: @escaping @Sendable (any Error) -> String
    ) {
        precondition(jobs > 0 && threads > 0)
        self.plan = plan
        self.model = model
        self.selection = selection
        self.options = options
        self.program = program
        self.mark = mark
        self.claim = claim
        self.describe = describe
        self.jobs = min(jobs, max(1, plan.tracks.count))
        self.threads = threads
        self.mostThreads = max(threads, min(mostThreads ?? threads, self.jobs * threads))
        progress = Mutex(Progress())
    }

    /// Separates all tracks and returns when the last one has ended.
    ///
    /// - Parameter handle: is told what happens, from several threads but never from two at once. A
    ///   track that is tried again is told of as started again.
    /// - Throws: `WorkerFault` before any track is begun, where no worker can be had.
    package func run(_ handle: @escaping @Sendable (BatchEvent) -> Void) throws {
        listener.withLock { $0 = handle }
        progress.withLock { $0.lanes = jobs }
        let group = DispatchGroup()
        for _ in 0..<jobs {
            group.enter()
            // A thread of its own: it waits for its worker for as long as the batch goes on.
            let thread = Thread { [self] in
                WorkerLane(self, threads: threads).run()
                progress.withLock { $0.lanes -= 1 }
                group.leave()
            }
            thread.start()
        }
        group.wait()
        let (next, fault) = progress.withLock { ($0.next, $0.fault) }
        guard let fault, !isCancelled else { return }
        if next == 0 { throw fault }
        while let track = takeTrack() {
            tell(.ended(track: track, .failed(TrackFailure(fault, describe: describe))))
        }
    }

    /// Ends the tracks in flight as cancelled and starts no more.
    package func cancel() { cancelled.store(true, ordering: .relaxed) }

    /// Whether the tracks in flight are to end.
    var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

    /// Whether there are tracks that nobody has taken.
    var hasMore: Bool {
        progress.withLock { $0.next < plan.tracks.count }
    }

    /// Threads for each of the workers that there still are.
    var share: Int {
        let lanes = progress.withLock { $0.lanes }
        return min(mostThreads, jobs * threads / max(1, lanes))
    }

    /// The next track, by its place in the plan, for the one who asks.
    func takeTrack() -> Int? {
        progress.withLock { progress in
            guard progress.next < plan.tracks.count else { return nil }
            progress.next += 1
            return progress.next - 1
        }
    }

    /// Seconds of sound that were separated in a second when it went slowest; at most 1 before the
    /// first track has ended.
    var slowestSpeed: Double {
        let speed = progress.withLock { $0.slowest }
        return speed.isFinite ? max(speed, 1e-3) : 1
    }

    /// Has an event handled.
    func tell(_ event: BatchEvent) {
        if case .ended(_, .separated(let report)) = event, report.times.total > 0 {
            let speed = report.seconds / report.times.total
            progress.withLock { $0.slowest = min($0.slowest, speed) }
        }
        listener.withLock { $0?(event) }
    }

    /// One place less to work at, since no worker can be had for it.
    func giveUp(_ fault: WorkerFault) {
        progress.withLock { $0.fault = fault }
    }
}
