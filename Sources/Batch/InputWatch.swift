import Dispatch
import Storage
import Synchronization

/// Takes the SHA-256 of a track's input beside the work on it, and tells whether the file changed.
///
/// Unchecked because the group makes the result visible to whoever waits for it.
final class InputWatch: @unchecked Sendable {
    private let file: OpenFile
    private let before: FileStatus
    private let group = DispatchGroup()
    private let isEnough = Atomic<Bool>(false)
    private var result: Result<SHA256Digest, any Error> = .success(SHA256Digest(of: []))

    /// Begins to read the file.
    ///
    /// - Parameter size: the bytes that it had when it was opened as sound.
    init(_ path: FilePath, expecting size: Int) throws {
        file = try OpenFile.reading(path)
        before = try file.status()
        guard before.size == size else { throw TrackJob.Fault.inputChanged(path) }
        DispatchQueue.global().async(group: group) { [self] in
            result = Result {
                try SHA256Digest(of: file) { isEnough.load(ordering: .relaxed) }
            }
        }
    }

    /// Waits for the digest.
    ///
    /// - Throws: ``TrackJob/Fault/inputChanged(_:)`` where the bytes are not those of the beginning
    ///   any more; `StorageError`.
    func finish() throws -> InputFacts {
        group.wait()
        let digest = try result.get()
        let after = try file.status()
        guard after.size == before.size, after.modifiedNanoseconds == before.modifiedNanoseconds
        else { throw TrackJob.Fault.inputChanged(file.path) }
        return InputFacts(
            size: before.size, modified: before.modifiedNanoseconds, sha256: digest)
    }

    /// Lets the file go without its digest.
    func cancel() {
        isEnough.store(true, ordering: .relaxed)
        group.wait()
    }
}
