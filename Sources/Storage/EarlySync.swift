private import Dispatch

/// Brings a file that is being written to the disk from time to time, on a thread of its own, so that
/// little is left to wait for at the end.
///
/// Unchecked because the queue takes turns on what changes; a file may be synced while it is written.
package final class EarlySync: @unchecked Sendable {
    private let file: OpenFile
    private let queue = DispatchQueue(label: "unbraid.sync")
    private var error: StorageError?

    /// Nothing happens until ``begin()``.
    package init(_ file: OpenFile) { self.file = file }

    /// Begins to bring what was written so far to the disk, and returns at once.
    package func begin() {
        queue.async { [self] in
            guard error == nil else { return }
            do throws(StorageError) { try file.synchronize() } catch { self.error = error }
        }
    }

    /// Waits until nothing is under way.
    ///
    /// - Throws: what went wrong since the beginning, which the system tells only once.
    package func wait() throws(StorageError) {
        if let error = queue.sync(execute: { error }) { throw error }
    }
}
