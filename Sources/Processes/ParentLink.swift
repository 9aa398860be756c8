import Storage
import Synchronization

/// The worker's end of the pipes to the process that started it: lines in, lines out.
///
/// Lines may be written by several threads; one thread reads.
package final class ParentLink: Sendable {
    private let input = ByteStream(0)
    private let output: ByteStream
    private let turn = Mutex(())
    private let pending = Mutex<[UInt8]>([])

    /// Takes over the standard streams, and leaves Ctrl-C and the like to the parent.
    package init() {
        System.ignoreInterruptions()
        System.volunteerForMemory()
        output = System.takeStandardOutput()
    }

    /// Waits for the next line; nil when there is no parent any more.
    package func nextLine() -> [UInt8]? {
        pending.withLock { pending in
            while true {
                if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                    let line = Array(pending[..<end])
                    pending.removeFirst(end + 1)
                    return line
                }
                var piece = [UInt8](repeating: 0, count: 1 << 16)
                let count = unsafe piece.withUnsafeMutableBytes { unsafe input.read(into: $0) }
                if count <= 0 { return nil }
                pending += piece[..<count]
            }
        }
    }

    /// Writes a line, which holds no end of a line itself.
    package func write(_ line: some Sequence<UInt8>) {
        let bytes = Array(line) + [UInt8(ascii: "\n")]
        turn.withLock { _ in _ = output.write(bytes) }
    }
}

/// Facts about this process, and its end.
package enum ThisProcess {
    /// Gives memory that is free within the process back to the system.
    ///
    /// How much is free there depends on how the steps of the tracks met; a worker of many tracks
    /// would keep the most it ever needed.
    package static func returnFreeMemory() { System.returnFreeMemory() }

    /// Bytes of memory that it holds; on systems that tell only that, the most that it held.
    package static var memory: Int { System.memory() }

    /// Ends it without any cleaning up.
    package static func leave(status: Int32) -> Never { System.leave(status: status) }
}
