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
    private var current: StemStream.Ready?
    /// The part of each stem that goes with one block of the mixture, `[stem][channel][sample]`.
    private var parts: [[[Float]]] = []

    init(_ writer: StemWriterSet, presence: TrackPresence) {
        self.writer = writer
        self.presence = presence
    }

    /// Takes samples and returns as soon as those before are written.
    ///
    /// - Returns: the samples of the time before, whose room may be used again.
    /// - Throws: what writing them threw.
    func write(_ ready: StemStream.Ready) throws -> StemStream.Ready? {
        free.wait()
        if let error {
            free.signal()
            throw error
        }
        let written = current
        current = ready
        queue.async { [self] in
            let start = ContinuousClock.now
            do { try writeCurrent() } catch { self.error = error }
            seconds += (ContinuousClock.now - start) / .seconds(1)
            free.signal()
        }
        return written
    }

    /// Writes block by block, as they were read: so little at a time stays in the caches on its way
    /// through rounding, measuring and encoding.
    private func writeCurrent() throws {
        guard let ready = current else { return }
        var start = 0
        for block in ready.mixture {
            let range = start..<start + block.count
            start = range.upperBound
            if parts.count != ready.stems.count {
                let none = [[Float]](repeating: [], count: block.channels)
                parts = Array(repeating: none, count: ready.stems.count)
            }
            for stem in parts.indices {
                for channel in parts[stem].indices {
                    parts[stem][channel].removeAll(keepingCapacity: true)
                    parts[stem][channel].append(contentsOf: ready.stems[stem][channel][range])
                }
            }
            try writer.write(mixture: block, stems: parts)
            presence.push(block, parts)
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
