import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Turns Ctrl-C and SIGTERM into an orderly end: the tracks in flight leave nothing behind.
///
/// A second signal ends the program at once.
final class Interruption: Sendable {
    private let happened = Atomic<Bool>(false)
    private let sources: Sources

    /// Dispatch sources are thread safe, but not marked so on every system.
    private struct Sources: @unchecked Sendable {
        let all: [any DispatchSourceSignal]
    }

    /// Whether a signal came.
    var hasHappened: Bool { happened.load(ordering: .relaxed) }

    /// Calls `body` when a signal comes.
    init(_ body: @escaping @Sendable () -> Void) {
        let queue = DispatchQueue(label: "unbraid.signals")
        sources = Sources(
            all: [SIGINT, SIGTERM].map { number in
                signal(number, SIG_IGN)
                return DispatchSource.makeSignalSource(signal: number, queue: queue)
            })
        for (source, number) in zip(sources.all, [SIGINT, SIGTERM]) {
            source.setEventHandler { [self] in
                if happened.exchange(true, ordering: .relaxed) { exit(128 + number) }
                body()
            }
            source.resume()
        }
    }

    /// Ends the program at once, whatever other threads are doing.
    static func leave(_ code: Int32) -> Never { _exit(code) }

    /// Gives the signals their usual meaning back.
    func end() {
        for source in sources.all { source.cancel() }
        for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
    }
}
