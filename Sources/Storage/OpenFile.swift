/// A file that is open, for reading or as a new one; every read and write names its place.
package final class OpenFile {
    /// The name it was opened by.
    package let path: FilePath

    private var descriptor: Int32

    private init(path: FilePath, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    /// Opens a file to read it.
    ///
    /// - Throws: ``StorageError``; a folder is refused with `isFolder`.
    package static func reading(_ path: FilePath) throws(StorageError) -> OpenFile {
        let file = OpenFile(path: path, descriptor: try System.openForReading(path))
        if try file.status().kind == .folder {
            throw StorageError(.open, path, number: System.isFolderError)
        }
        return file
    }

    /// Creates a file that is not there yet.
    package static func creating(_ path: FilePath) throws(StorageError) -> OpenFile {
        OpenFile(path: path, descriptor: try System.create(path))
    }

    /// Opens a file to read and write it; it is made if it is not there.
    package static func updating(_ path: FilePath) throws(StorageError) -> OpenFile {
        OpenFile(path: path, descriptor: try System.openForUpdating(path))
    }

    /// Cuts the file to so many bytes.
    package func truncate(to size: Int) throws(StorageError) {
        try System.truncate(descriptor, path, size)
    }

    /// The facts about the open file.
    package func status() throws(StorageError) -> FileStatus {
        try System.status(of: descriptor, path)
    }

    /// Reads up to `buffer.count` bytes from a place on; fewer only at the end of the file.
    ///
    /// - Returns: how many bytes were read.
    package func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(StorageError) -> Int {
        var done = 0
        while done < buffer.count {
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let count = try unsafe System.readPart(descriptor, path, into: rest, at: offset + done)
            if count == 0 { break }
            done += count
        }
        return done
    }

    /// Reads up to `count` bytes from a place on; fewer only at the end of the file.
    package func read(_ count: Int, at offset: Int) throws(StorageError) -> [UInt8] {
        var failure: StorageError?
        // Not filled with zeros first: most files are much shorter than the blocks asked for.
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: max(0, count)) { buffer, filled in
            do throws(StorageError) {
                filled = try unsafe read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Writes all bytes of a buffer at a place.
    package func write(
        _ buffer: UnsafeRawBufferPointer, at offset: Int
    ) throws(StorageError) {
        var done = 0
        while done < buffer.count {
            let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[done...])
            let count = try unsafe System.writePart(descriptor, path, from: rest, at: offset + done)
            if count == 0 { throw StorageError(.write, path, number: System.ioError) }
            done += count
        }
    }

    /// Writes all bytes of an array at a place.
    package func write(_ bytes: [UInt8], at offset: Int) throws(StorageError) {
        var outcome: Result<Void, StorageError> = .success(())
        unsafe bytes.withUnsafeBytes { buffer in
            do throws(StorageError) {
                try unsafe write(buffer, at: offset)
            } catch {
                outcome = .failure(error)
            }
        }
        try outcome.get()
    }

    /// Waits until all bytes are on the disk.
    package func synchronize() throws(StorageError) {
        try System.synchronize(descriptor, path)
    }

    /// Closes the file; a network disk may only now tell that it is full.
    package func close() throws(StorageError) {
        if descriptor < 0 { return }
        let number = System.shut(descriptor)
        descriptor = -1
        if number != 0 { throw StorageError(.close, path, number: number) }
    }

    deinit {
        if descriptor >= 0 { _ = System.shut(descriptor) }
    }
}
