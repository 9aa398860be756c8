import AudioIO
import Dispatch
import Synchronization

/// Reads a file ahead of whoever uses it, on a thread of its own: as much as the nets take at once,
/// so that they need not wait for it.
///
/// Unchecked because the reader is touched by the queue alone.
final class ReadAhead: @unchecked Sendable {
    private let reader: AudioReader
    private let count: Int
    private let queue = DispatchQueue(label: "unbraid.read")
    private let ready = DispatchSemaphore(value: 0)
    private let state = Mutex(State())
    private let isOver = Atomic<Bool>(false)
    private var hasEnded = false

    private struct State {
        /// What was read and not yet used, the oldest first.
        ///
        /// The end, or a fault, is the last.
        var results: [Result<SampleBlock?, any Error>] = []
        var seconds = 0.0
        /// Blocks that were used, for their room.
        var spare: [SampleBlock] = []
    }

    /// The most blocks that wait to be used.
    private static let depth = 40

    /// Begins to read.
    ///
    /// - Parameter count: samples a channel in a block.
    init(_ reader: AudioReader, count: Int) {
        self.reader = reader
        self.count = count
        for _ in 0..<Self.depth { ask() }
    }

    /// Seconds spent reading.
    var seconds: Double { state.withLock { $0.seconds } }

    /// The next block, nil at the end.
    ///
    /// - Throws: what the reader threw.
    func next() throws -> SampleBlock? {
        if hasEnded { return nil }
        ready.wait()
        let result = state.withLock { $0.results.removeFirst() }
        if case .success(.some) = result { ask() } else { hasEnded = true }
        return try result.get()
    }

    /// Takes back blocks whose samples are not needed any more.
    func reuse(_ blocks: [SampleBlock]) {
        state.withLock { state in
            state.spare += blocks.prefix(max(0, 2 * Self.depth - state.spare.count))
        }
    }

    /// Reads no more, and waits until nothing is under way.
    func end() {
        isOver.store(true, ordering: .relaxed)
        queue.sync {}
    }

    private func ask() {
        queue.async { [self] in
            if isOver.load(ordering: .relaxed) { return }
            let start = ContinuousClock.now
            let result = Result { try read() }
            if case .success(.some) = result {} else { isOver.store(true, ordering: .relaxed) }
            state.withLock { state in
                state.results.append(result)
                state.seconds += (ContinuousClock.now - start) / .seconds(1)
            }
            ready.signal()
        }
    }

    private func read() throws -> SampleBlock? {
        var block = state.withLock { $0.spare.popLast() } ?? reader.makeBlock()
        return try reader.read(into: &block, count: count) > 0 ? block : nil
    }
}
