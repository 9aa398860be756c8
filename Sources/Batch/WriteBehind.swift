import AudioIO
import Dispatch
import Reports
import Signal

/// Writes the stems of a track behind whoever makes them, on a thread of its own.
///
/// One block is under way at most, so memory stays flat and a slow disk slows its maker down.
/// Unchecked because the queue and the semaphore take turns on everything that changes.
final class WriteBehind: @unchecked Sendable {
    /// Seconds spent writing.
    private(set) var seconds = 0.0

    private let writer: StemWriterSet
    private var presence: TrackPresence
    private let queue = DispatchQueue(label: "unbraid.write")
    private let free = DispatchSemaphore(value: 1)
    private var error: (any Error)?

    init(_ writer: StemWriterSet, presence: TrackPresence) {
        self.writer = writer
        self.presence = presence
    }

    /// Takes a block and returns as soon as the one before is written.
    ///
    /// - Throws: what writing an earlier block threw.
    func write(_ ready: StemStream.Ready) throws {
        free.wait()
        if let error {
            free.signal()
            throw error
        }
        queue.async { [self] in
            let start = ContinuousClock.now
            do {
                try writer.write(mixture: ready.mixture, stems: ready.stems)
                presence.push(ready)
            } catch {
                self.error = error
            }
            seconds += (ContinuousClock.now - start) / .seconds(1)
            free.signal()
        }
    }

    /// Waits until all is written, and gives the files their names.
    ///
    /// - Throws: what writing threw.
    func publish(overwriting: Bool) throws -> [StemFile] {
        try wait()
        let start = ContinuousClock.now
        defer { seconds += (ContinuousClock.now - start) / .seconds(1) }
        return try writer.publish(overwriting: overwriting)
    }

    /// How much of the track each stem is there; after ``publish(overwriting:)``.
    func finishPresence() -> [Stem: StemPresence] { presence.finish() }

    /// Waits until nothing is under way, and removes what was written.
    func cancel() {
        free.wait()
        free.signal()
        writer.cancel()
    }

    private func wait() throws {
        free.wait()
        defer { free.signal() }
        if let error { throw error }
    }
}
