import AudioIO
import Models
import Processes
import Storage

/// One of the places at which a batch is worked on: a worker process, and after it another one if it
/// fails.
///
/// A worker that crashes, takes too much memory or says nothing any more costs the tracks in its hand
/// one attempt. These are tried once again, each alone in a fresh worker, so that one of them fails
/// only by its own fault. For one thread.
final class WorkerLane {
    private let batch: BatchRunner
    private let setup: WorkerSetup
    private var child: ChildProcess?
    private var isReady = false
    private var isCancelling = false
    /// The tracks that the worker has, the last of which it may still be separating.
    private var inHand: [Int] = []
    private var separating: Int?
    private var attempts: [Int: Int] = [:]
    private var retries: [Int] = []
    /// Seconds since the worker said something.
    private var silence = 0.0
    /// Seconds of sound of the longest track in hand, as far as known.
    private var length = 0.0
    /// How many processes the system had killed for memory when the worker was started.
    private var memoryKills: Int?
    private var failedStarts = 0
    /// Threads that the worker uses.
    private var width = 0
    private var hasGivenUp = false

    /// Milliseconds from one look at the batch's state to the next.
    private static let tick = 50
    /// How often a worker is started that ends before it is ready.
    private static let startLimit = 3
    /// Seconds that a worker has for ending after it was told to.
    private static let endLimit = 15.0

    init(_ batch: BatchRunner, threads: Int) {
        self.batch = batch
        var random = SystemRandomNumberGenerator()
        setup = WorkerSetup(
            model: batch.model.folder, digest: batch.model.digest, selection: batch.selection,
            options: batch.options, threads: threads, mostThreads: batch.mostThreads,
            mark: batch.mark + "-" + String(random.next() as UInt64, radix: 16),
            memoryLimit: batch.program.memoryLimit)
    }

    /// Takes tracks until there are no more.
    func run() {
        while hasWork {
            do throws(WorkerFault) {
                try startWorker()
                try serve()
            } catch {
                lose(error)
            }
        }
    }

    private var hasWork: Bool {
        !hasGivenUp && !batch.isCancelled && (!retries.isEmpty || batch.hasMore)
    }

    private func startWorker() throws(WorkerFault) {
        var streams = ChildProcess.Streams()
        streams.hasInput = true
        streams.keepsErrors = false
        // A worker that crashes is told of in one line.
        streams.environment["SWIFT_BACKTRACE"] = "enable=no"
        memoryKills = MemoryKills.count
        do throws(ChildProcess.Failure) {
            child = try ChildProcess(
                batch.program.path, batch.program.arguments, streams: streams)
        } catch {
            throw .notStarted(reason: error.reason)
        }
        (isReady, isCancelling, silence, length) = (false, false, 0, 0)
        width = setup.threads
        send(.prepare(setup))
    }

    /// Hands out tracks and listens, until there is nothing more to do.
    private func serve() throws(WorkerFault) {
        var last = ContinuousClock.now
        while true {
            if batch.isCancelled, !isCancelling {
                isCancelling = true
                send(.cancel)
            }
            while let track = nextTrack() { hand(out: track) }
            if isReady, batch.share > width {
                width = batch.share
                send(.widen(threads: width))
            }
            if inHand.isEmpty, isReady || isCancelling { return endWorker() }
            switch child?.nextLine(milliseconds: Self.tick) {
            case .line(let line):
                silence = 0
                last = .now
                try take(line)
            case .end?, nil: throw fault()
            case .nothing?:
                // Time during which this process was stopped as well does not count.
                silence += min((ContinuousClock.now - last) / .seconds(1), 1)
                last = .now
                let limit = isCancelling ? Self.endLimit : patience
                if silence > limit { throw .silent(seconds: limit) }
            }
        }
    }

    /// How long a worker may say nothing: ten times as long as the tracks in hand should take.
    private var patience: Double {
        max(batch.program.silence, 10 * length / batch.slowestSpeed)
    }

    /// The next track for the worker, if it can take one now.
    private func nextTrack() -> Int? {
        guard isReady, separating == nil, !batch.isCancelled else { return nil }
        let isAlone = inHand.contains { attempts[$0, default: 0] > 0 }
        if isAlone { return nil }
        if !retries.isEmpty { return inHand.isEmpty ? retries.removeFirst() : nil }
        return inHand.count < 2 ? batch.takeTrack() : nil
    }

    private func hand(out track: Int) {
        if inHand.isEmpty { length = 0 }
        inHand.append(track)
        separating = track
        silence = 0
        var order = batch.plan.tracks[track]
        let claim = batch.claim(track)
        order.replaces = claim.replaces
        if let finished = claim.finished {
            send(.add(track: track, order, finished))
        } else {
            send(.separate(track: track, order))
        }
    }

    private func send(_ order: WorkerOrder) {
        // A worker that does not read any more is found out about by the end of its output.
        _ = child?.write(WorkerLine.bytes(of: order) + [UInt8(ascii: "\n")])
    }

    private func take(_ line: [UInt8]) throws(WorkerFault) {
        switch WorkerLine.message(WorkerReply.self, line) {
        case .ready:
            isReady = true
            failedStarts = 0
        case .refused(let reason): throw .refused(reason)
        case .free(let track):
            if separating == track { separating = nil }
        case .event(let event): take(event)
        case nil: throw .unintelligible
        }
    }

    private func take(_ event: BatchEvent) {
        switch event {
        case .started(_, let source):
            let seconds = Double(source.length ?? 0) / Double(source.sampleRate)
            length = max(length, seconds)
            batch.tell(event)
        case .progressed(_, let seconds, _):
            length = max(length, seconds)
            batch.tell(event)
        case .ended(let track, var outcome):
            inHand.removeAll { $0 == track }
            if separating == track { separating = nil }
            if case .failed(var failure) = outcome {
                failure.attempts = attempts[track, default: 0] + 1
                outcome = .failed(failure)
            }
            batch.tell(.ended(track: track, outcome))
        }
    }

    /// Why the worker's output ended.
    private func fault() -> WorkerFault {
        guard let child else { return .notStarted(reason: "") }
        let end = child.wait()
        if end == .status(WorkerLine.memoryStatus) { return .memory(limit: setup.memoryLimit) }
        guard end.isKill else { return .ended(end) }
        if let before = memoryKills, let now = MemoryKills.count, now > before {
            return .memory(limit: nil)
        }
        // Programs that watch over memory kill without the system counting it.
        let peak = child.peakMemory
        let isFull = peak.map { $0 > setup.memoryLimit / 10 * 9 } ?? false
        return isFull ? .memory(limit: nil) : .killed(peak: peak)
    }

    private func endWorker() {
        child?.closeInput()
        var waited = 0.0
        while child?.nextLine(milliseconds: Self.tick) != .end, waited < Self.endLimit {
            waited += Double(Self.tick) / 1000
        }
        // Letting it go ends it, should it not have.
        child = nil
    }

    /// Takes back what the worker had in its hand.
    private func lose(_ fault: WorkerFault) {
        child?.kill()
        _ = child?.wait()
        child = nil
        var folders: Set<FilePath> = []
        for track in inHand {
            folders.formUnion(batch.plan.tracks[track].folders)
        }
        for folder in folders { PendingFile.removeLeftovers(of: setup.mark, in: folder) }
        for track in inHand {
            attempts[track, default: 0] += 1
            if batch.isCancelled {
                fail(track, TrackJob.Fault.cancelled)
            } else if attempts[track, default: 0] < 2 {
                retries.append(track)
            } else {
                fail(track, fault)
            }
        }
        inHand = []
        separating = nil
        if !isReady { failedStarts += 1 }
        hasGivenUp = failedStarts == Self.startLimit
        if case .refused = fault { hasGivenUp = true }
        if hasGivenUp {
            for track in retries { fail(track, fault) }
            retries = []
            batch.giveUp(fault)
        }
    }

    private func fail(_ track: Int, _ error: any Error) {
        var failure = TrackFailure(error, describe: batch.describe)
        failure.attempts = max(1, attempts[track, default: 0])
        batch.tell(.ended(track: track, .failed(failure)))
    }
}
