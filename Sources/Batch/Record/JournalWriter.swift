import Dispatch
package import Storage
import Synchronization

/// Appends lines to a journal.
///
/// A line is in the system's hands when ``append(_:)`` returns, and so outlives this process however
/// it ends. It is brought to the disk right after, by a queue, so that it outlives the machine too
/// and nobody waits.
package final class JournalWriter: Sendable {
    /// The journal.
    package let path: FilePath
    private let state: Mutex<State>
    private let queue = DispatchQueue(label: "unbraid.journal")

    private struct State {
        let file: OpenFile
        var end: Int
        var isSynchronizing = false
        var fault: StorageError?
    }

    /// Opens a journal, or begins one, and repairs its end.
    ///
    /// - Parameter reader: what was read of it just now, under the lock of its writer.
    package init(_ path: FilePath, after reader: JournalReader?) throws(StorageError) {
        self.path = path
        let file = try OpenFile.updating(path)
        var end = reader?.end ?? 0
        if let tail = reader?.tail, !tail.isEmpty {
            if JournalLine(tail) != nil {
                // Only the end of the line is missing.
                try file.write([UInt8(ascii: "\n")], at: end + tail.count)
                end += tail.count + 1
            } else {
                try file.truncate(to: end)
            }
        } else {
            try file.truncate(to: end)
        }
        try file.synchronize()
        state = Mutex(State(file: file, end: end))
        try FileSystem.synchronizeFolder(path.parent)
    }

    /// Appends lines.
    ///
    /// - Returns: where each lies.
    @discardableResult
    package func append(_ lines: [JournalLine]) throws(StorageError) -> [JournalReader.Place] {
        var bytes: [UInt8] = []
        var places: [JournalReader.Place] = []
        for line in lines {
            let text = line.bytes
            places.append(.init(offset: bytes.count, length: text.count))
            bytes += text
            bytes.append(UInt8(ascii: "\n"))
        }
        let (start, fault) = state.withLock { state -> (Int, StorageError?) in
            let start = state.end
            do throws(StorageError) {
                if let fault = state.fault { throw fault }
                try state.file.write(bytes, at: start)
                state.end += bytes.count
                return (start, nil)
            } catch {
                // What was written of it is torn; the next line goes over it.
                try? state.file.truncate(to: start)
                return (start, error)
            }
        }
        if let fault { throw fault }
        synchronizeSoon()
        return places.map { .init(offset: start + $0.offset, length: $0.length) }
    }

    /// Waits until all lines are on the disk.
    package func synchronize() throws(StorageError) {
        queue.sync {}
        let fault = state.withLock { state -> StorageError? in
            do throws(StorageError) {
                try state.file.synchronize()
                return state.fault
            } catch {
                return error
            }
        }
        if let fault { throw fault }
    }

    /// The bytes at a place.
    package func bytes(at place: JournalReader.Place) throws(StorageError) -> [UInt8] {
        let file = state.withLock { UncheckedFile(file: $0.file) }.file
        return try file.read(place.length, at: place.offset)
    }

    /// Asks for the lines to be brought to the disk, once for all that come until then.
    private func synchronizeSoon() {
        let isAsked = state.withLock { state -> Bool in
            defer { state.isSynchronizing = true }
            return state.isSynchronizing
        }
        if isAsked { return }
        queue.async { [self] in
            let file = state.withLock { state -> UncheckedFile in
                state.isSynchronizing = false
                return UncheckedFile(file: state.file)
            }.file
            do throws(StorageError) {
                try file.synchronize()
            } catch {
                // What the disk may not have kept must not be built upon.
                state.withLock { $0.fault = $0.fault ?? error }
            }
        }
    }
}

/// An open file on its way out of a lock: it may be read and synchronized by several threads.
private struct UncheckedFile: @unchecked Sendable {
    let file: OpenFile
}
