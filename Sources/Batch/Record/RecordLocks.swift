import Foundation
import Storage

/// The locks that keep two batches from working on the same track.
///
/// A whole batch has the folder for itself. Parts of one splitting share the folder, and each has its
/// journal for itself; journals of another splitting must be free of writers.
struct RecordLocks {
    private var held: [FileLock] = []

    /// Seconds to wait for the workers of a process that is dead.
    private static let patience = 20.0

    /// Locks what this batch needs.
    ///
    /// - Parameter holder: the run that is likely to hold the lock on a journal.
    init(
        _ folder: RecordFolder, shard: Shard?, holder: (FilePath) -> BatchFacts?
    ) throws(RecordError) {
        try take(folder.lock, shard == nil ? .exclusive : .shared) {
            holder(folder.journal(nil))
        }
        guard let shard else { return }
        try take(folder.journal(shard), .exclusive) { holder(folder.journal(shard)) }
        let others: [(shard: Shard?, path: FilePath)]
        do { others = try folder.journals() } catch { throw .storage(error) }
        for other in others {
            guard let part = other.shard, part.count != shard.count else { continue }
            try take(other.path, .exclusive) { holder(other.path) }
        }
    }

    private mutating func take(
        _ path: FilePath, _ kind: FileLock.Kind, _ holder: () -> BatchFacts?
    ) throws(RecordError) {
        var waited = 0.0
        while true {
            do throws(StorageError) {
                if let lock = try FileLock.on(path, kind) {
                    held.append(lock)
                    return
                }
            } catch {
                throw .storage(error)
            }
            let facts = holder()
            let isLeaving =
                facts.map {
                    $0.host == ProcessFacts.host && !ProcessFacts.isRunning($0.process)
                } ?? false
            // Others only look at it for a moment, if they are not at work.
            guard waited < (isLeaving ? Self.patience : 0.5) else {
                throw .busy(path, host: facts?.host, process: facts?.process)
            }
            Thread.sleep(forTimeInterval: 0.1)
            waited += 0.1
        }
    }
}
