import AudioIO
import Dispatch

/// Reads a file one block ahead of whoever uses it, on a thread of its own.
///
/// Unchecked because the queue and the semaphore take turns on everything that changes: the reader
/// and the blocks are touched by the queue only between ``ask()`` and the signal, and by the user
/// only between the signal and the next ``ask()``.
final class ReadAhead: @unchecked Sendable {
    /// Seconds spent reading.
    private(set) var seconds = 0.0

    private let reader: AudioReader
    private let count: Int
    private let queue = DispatchQueue(label: "unbraid.read")
    private let ready = DispatchSemaphore(value: 0)
    /// Two, so that one is filled while the other is used.
    private var blocks: [SampleBlock]
    private var turn = 0
    private var result: Result<Bool, any Error> = .success(false)
    private var isAsked = false

    /// Begins to read.
    ///
    /// - Parameter count: samples a channel in a block.
    init(_ reader: AudioReader, count: Int) {
        self.reader = reader
        self.count = count
        blocks = [reader.makeBlock(), reader.makeBlock()]
        ask()
    }

    deinit { if isAsked { ready.wait() } }

    /// The next block, nil at the end.
    ///
    /// - Throws: what the reader threw.
    func next() throws -> SampleBlock? {
        guard isAsked else { return nil }
        ready.wait()
        isAsked = false
        guard try result.get() else { return nil }
        let block = blocks[turn]
        turn = 1 - turn
        ask()
        return block
    }

    private func ask() {
        isAsked = true
        queue.async { [self] in
            let start = ContinuousClock.now
            result = Result { try reader.read(into: &blocks[turn], count: count) > 0 }
            seconds += (ContinuousClock.now - start) / .seconds(1)
            ready.signal()
        }
    }
}
