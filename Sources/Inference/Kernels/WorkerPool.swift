private import CKernels

/// Threads that share numbered pieces of work; the calling thread is one of them.
///
/// The split into pieces is the caller's and never depends on the number of threads, so results are
/// the same bits whatever that number is.
@safe
package final class WorkerPool: Sendable {
    /// Threads asked for, the calling one included.
    package let threads: Int
    // Every field of the pool is guarded inside it; calls from several threads take turns.
    private nonisolated(unsafe) let workers: OpaquePointer?

    /// Starts `threads - 1` threads, which sleep while there is nothing to do.
    ///
    /// - Parameters:
    ///   - threads: 1 or more; 1 starts none, and all work happens inline.
    ///   - used: how many of them take part until ``use(threads:)``; all if nil.
    package init(threads: Int, used: Int? = nil) {
        let used = used ?? threads
        precondition(1...threads ~= used, "a pool uses at least one of its threads")
        self.threads = threads
        unsafe workers = threads > 1 ? uk_workers_create(threads, used) : nil
    }

    /// Lets so many of the threads take part from the next run on, where fewer did.
    package func use(threads: Int) { unsafe uk_workers_use(workers, threads) }

    deinit {
        unsafe uk_workers_destroy(workers)
    }

    /// Runs `body` once for each index in `0..<count` and returns when all are done.
    ///
    /// Allocates nothing.
    ///
    /// - Parameters:
    ///   - count: Number of pieces. Each worker begins with neighbours of its own, the same share
    ///     of every run, and then takes what others have not begun.
    ///   - body: Gets the piece's index and the number of the worker, `0..<threads`, that runs it;
    ///     runs on several threads at once, and must not call `run` of the same pool.
    package func run(count: Int, _ body: (_ index: Int, _ worker: Int) -> Void) {
        guard let workers = unsafe workers, count > 1 else {
            for index in 0..<max(count, 0) { body(index, 0) }
            return
        }
        unsafe runPieces(workers, count, body)
    }

    /// Calls `body` with equal parts of an array, on several threads at once.
    ///
    /// - Parameters:
    ///   - pieces: how many parts; the array's count is a multiple of it.
    ///   - body: gets the part's index and the part.
    package func run<Element>(
        over array: inout [Element], pieces: Int,
        _ body: (_ index: Int, _ part: inout MutableSpan<Element>) -> Void
    ) {
        precondition(pieces > 0 && array.count % pieces == 0)
        let length = array.count / pieces
        unsafe array.withUnsafeMutableBufferPointer { values in
            run(count: pieces) { index, _ in
                var part = unsafe UnsafeMutableBufferPointer(
                    rebasing: values[index * length..<(index + 1) * length]
                ).mutableSpan
                body(index, &part)
            }
        }
    }
}

/// Calls `body` from all threads without keeping it: what Swift can't express, so that storing the
/// closure for them would cost an allocation at every call.
///
/// C takes it as what it is in memory.
@_silgen_name("uk_workers_run")
private func runPieces(
    _ workers: OpaquePointer, _ count: Int, _ body: (_ index: Int, _ worker: Int) -> Void)
