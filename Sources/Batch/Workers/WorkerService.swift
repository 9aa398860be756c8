import Dispatch
import Foundation
import Models
package import Processes
import Storage
import Synchronization

/// A worker: does what its batch tells it, one track at a time, until the batch goes away.
///
/// While the files of one track are completed and brought to the disk, the nets are at the next one.
package final class WorkerService: Sendable {
    private let link: ParentLink
    private let describe: @Sendable (any Error) -> String
    private let orders = Mutex<[WorkerOrder]>([])
    private let arrived = DispatchSemaphore(value: 0)
    private let isCancelled = Atomic<Bool>(false)
    /// Lets more threads work on the nets, once they are loaded.
    private let widen = Mutex<(@Sendable (Int) -> Void)?>(nil)
    private let finishing = DispatchQueue(label: "unbraid.finish")
    private let isFinishing = DispatchSemaphore(value: 1)

    /// Seconds that a cancelled worker has for cleaning up when its batch is gone.
    private static let grace = 10.0

    /// A worker that has not begun.
    ///
    /// - Parameter describe: the line for an error.
    package init(_ link: ParentLink, describe: @escaping @Sendable (any Error) -> String) {
        self.link = link
        self.describe = describe
    }

    /// Works until the batch goes away, then ends the process.
    package func run() -> Never {
        let listener = Thread { [self] in listen() }
        listener.start()
        guard case .prepare(let setup)? = next() else { ThisProcess.leave(status: 2) }
        PendingFile.mark(with: setup.mark)
        watchMemory(limit: setup.memoryLimit)
        do {
            let model = try Model(at: setup.model)
            guard model.digest == setup.digest else {
                throw ModelError.altered(
                    path: setup.model, expected: setup.digest.hex, found: model.digest.hex)
            }
            let estimator = try StemEstimator(
                model: model, threads: setup.threads, most: setup.mostThreads)
            widen.withLock { $0 = estimator.widen }
            tell(.ready)
            work: while true {
                switch next() {
                case .separate(let index, let track)?:
                    separate(index, job(track, setup.options, setup, estimator, model.card))
                    // What this costs is little beside a track, and memory stays flat.
                    ThisProcess.returnFreeMemory()
                case .add(let index, let track, let finished)?:
                    let job = job(track, finished.options, setup, estimator, model.card)
                    add(index, job, finished)
                case .prepare?, .widen?, .cancel?, nil: break work
                }
            }
        } catch {
            tell(.refused(describe(error)))
        }
        isFinishing.wait()
        ThisProcess.leave(status: 0)
    }

    private func job(
        _ track: BatchPlan.Track, _ options: SeparationOptions, _ setup: WorkerSetup,
        _ estimator: StemEstimator, _ card: ModelCard
    ) -> TrackJob {
        TrackJob(
            track: track, selection: setup.selection, options: options, estimator: estimator,
            sampleRate: card.sampleRate, describe: describe)
    }

    private func add(_ index: Int, _ job: TrackJob, _ finished: FinishedTrack) {
        do {
            let report = try job.add(to: finished) { tell(.event(.started(track: index, $0))) }
            tell(.event(.ended(track: index, .added(report, finished.kinds))))
        } catch {
            end(index, .failure(error))
        }
    }

    private func separate(_ index: Int, _ job: TrackJob) {
        do {
            let separated = try job.separate(
                isCancelled: { isCancelled.load(ordering: .relaxed) },
                started: { tell(.event(.started(track: index, $0))) },
                progressed: { tell(.event(.progressed(track: index, seconds: $0, total: $1))) })
            let work = Work(track: separated)
            isFinishing.wait()
            tell(.free(track: index))
            finishing.async { [self] in
                end(index, Result { try work.track.publish() })
                isFinishing.signal()
            }
        } catch {
            end(index, .failure(error))
        }
    }

    private func end(_ index: Int, _ result: Result<TrackReport, any Error>) {
        let outcome: TrackOutcome =
            switch result {
            case .success(let report): .separated(report)
            case .failure(let error): .failed(TrackFailure(error, describe: describe))
            }
        tell(.event(.ended(track: index, outcome)))
    }

    private func tell(_ reply: WorkerReply) { link.write(WorkerLine.bytes(of: reply)) }

    /// Waits for an order; nil when there are to be no more.
    private func next() -> WorkerOrder? {
        arrived.wait()
        return orders.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }

    private func listen() {
        while let line = link.nextLine() {
            guard let order = WorkerLine.message(WorkerOrder.self, line) else {
                ThisProcess.leave(status: 2)
            }
            switch order {
            case .cancel: isCancelled.store(true, ordering: .relaxed)
            case .widen(let threads): widen.withLock { $0 }?(threads)
            case .prepare, .separate, .add:
                orders.withLock { $0.append(order) }
                arrived.signal()
            }
        }
        // The batch has no more for us, or is gone, and nobody needs what is in hand.
        isCancelled.store(true, ordering: .relaxed)
        arrived.signal()
        Thread.sleep(forTimeInterval: Self.grace)
        PendingFile.removeAll()
        ThisProcess.leave(status: 1)
    }

    private func watchMemory(limit: Int) {
        let watch = Thread {
            while true {
                Thread.sleep(forTimeInterval: 0.05)
                if ThisProcess.memory > limit {
                    PendingFile.removeAll()
                    ThisProcess.leave(status: WorkerLine.memoryStatus)
                }
            }
        }
        watch.start()
    }
}

/// A track on its way to the one queue that completes it, which is why it may cross.
private struct Work: @unchecked Sendable {
    let track: SeparatedTrack
}
