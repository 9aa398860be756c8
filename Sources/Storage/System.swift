#if canImport(Glibc)
    private import Glibc
#elseif canImport(Musl)
    private import Musl
#elseif canImport(Darwin)
    private import Darwin
#endif

/// The calls to the operating system; every `errno` of this room is read here.
enum System {
    /// Keeps calling while a signal interrupts; a negative result is thrown as `errno`.
    private static func retrying<Result: SignedInteger>(
        _ operation: StorageError.Operation, _ path: FilePath, _ call: () -> Result
    ) throws(StorageError) -> Result {
        while true {
            let result = call()
            if result >= 0 { return result }
            let number = errno
            if number != EINTR { throw StorageError(operation, path, number: number) }
        }
    }

    static func openForReading(_ path: FilePath) throws(StorageError) -> Int32 {
        // Without O_NONBLOCK the open of a pipe would wait for a writer.
        try retrying(.open, path) {
            unsafe open(path.nullTerminated, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        }
    }

    static func create(_ path: FilePath) throws(StorageError) -> Int32 {
        try retrying(.open, path) {
            unsafe open(path.nullTerminated, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        }
    }

    static func openForUpdating(_ path: FilePath) throws(StorageError) -> Int32 {
        try retrying(.open, path) {
            unsafe open(path.nullTerminated, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        }
    }

    static func openForStreaming(_ path: FilePath) throws(StorageError) -> Int32 {
        try retrying(.open, path) { unsafe open(path.nullTerminated, O_RDONLY | O_CLOEXEC) }
    }

    /// Reads on where the last reading ended, again where a signal interrupts it.
    ///
    /// - Returns: how many bytes were read, 0 at the end; a negative `errno` where it failed.
    static func readOn(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        while true {
            let count = unsafe read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            if errno != EINTR { return -Int(errno) }
        }
    }

    /// Writes on where the last writing ended, again where a signal interrupts it.
    ///
    /// - Returns: how many bytes were written; a negative `errno` where it failed.
    static func writeOn(_ descriptor: Int32, from buffer: UnsafeRawBufferPointer) -> Int {
        while true {
            let count = unsafe write(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            if errno != EINTR { return -Int(errno) }
        }
    }

    /// Without O_CLOEXEC: the lock is to be inherited.
    static func openForLocking(_ path: FilePath) throws(StorageError) -> Int32 {
        try retrying(.open, path) { unsafe open(path.nullTerminated, O_RDWR | O_CREAT, 0o666) }
    }

    static func openFolder(_ path: FilePath) throws(StorageError) -> Int32 {
        try retrying(.open, path) {
            unsafe open(path.nullTerminated, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        }
    }

    /// Whether the lock was free.
    static func lock(
        _ descriptor: Int32, _ path: FilePath, shared: Bool
    ) throws(StorageError) -> Bool {
        do {
            _ = try retrying(.lock, path) {
                flock(descriptor, (shared ? LOCK_SH : LOCK_EX) | LOCK_NB)
            }
            return true
        } catch {
            if error.number == EWOULDBLOCK { return false }
            throw error
        }
    }

    static func truncate(
        _ descriptor: Int32, _ path: FilePath, _ size: Int
    ) throws(StorageError) {
        _ = try retrying(.write, path) { ftruncate(descriptor, off_t(size)) }
    }

    static func processNumber() -> Int32 { getpid() }

    static func hostName() -> String {
        var name = [CChar](repeating: 0, count: 256)
        guard unsafe gethostname(&name, name.count - 1) == 0 else { return "" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    static func isRunning(_ number: Int32) -> Bool { kill(number, 0) == 0 || errno == EPERM }

    /// The folder that relative paths begin in; empty if it is gone.
    static func workingFolder() -> FilePath {
        guard let text = unsafe getcwd(nil, 0) else { return "" }
        defer { unsafe free(text) }
        var bytes: [UInt8] = []
        var index = 0
        while unsafe text[index] != 0 {
            unsafe bytes.append(UInt8(bitPattern: text[index]))
            index += 1
        }
        return FilePath(bytes: bytes)
    }

    static func readPart(
        _ descriptor: Int32, _ path: FilePath, into buffer: UnsafeMutableRawBufferPointer,
        at offset: Int
    ) throws(StorageError) -> Int {
        try retrying(.read, path) {
            unsafe pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
        }
    }

    static func writePart(
        _ descriptor: Int32, _ path: FilePath, from buffer: UnsafeRawBufferPointer, at offset: Int
    ) throws(StorageError) -> Int {
        try retrying(.write, path) {
            unsafe pwrite(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
        }
    }

    static func synchronize(_ descriptor: Int32, _ path: FilePath) throws(StorageError) {
        _ = try retrying(.synchronize, path) { fsync(descriptor) }
    }

    /// Waits until a folder's names are on the disk, where the file system can do that.
    static func synchronizeFolder(_ path: FilePath) throws(StorageError) {
        let descriptor = try retrying(.synchronize, path) {
            unsafe open(path.nullTerminated, O_RDONLY | O_CLOEXEC)
        }
        defer { _ = shut(descriptor) }
        if fsync(descriptor) == 0 { return }
        let number = errno
        // Some network file systems know no fsync of a folder; there is nothing more to be done.
        if number != EINVAL && number != ENOTSUP && number != EINTR {
            throw StorageError(.synchronize, path, number: number)
        }
    }

    /// Closes a descriptor and gives the `errno` or 0; after EINTR the descriptor is gone as well.
    static func shut(_ descriptor: Int32) -> Int32 {
        close(descriptor) == 0 || errno == EINTR ? 0 : errno
    }

    static func move(_ old: FilePath, to new: FilePath) throws(StorageError) {
        if unsafe rename(old.nullTerminated, new.nullTerminated) != 0 {
            throw StorageError(.rename, new, number: errno)
        }
    }

    /// Renames unless the new name is taken, in one step where the file system has hard links.
    static func renameWithoutReplacing(
        _ old: FilePath, to new: FilePath
    ) throws(StorageError) {
        if unsafe link(old.nullTerminated, new.nullTerminated) == 0 {
            _ = unsafe unlink(old.nullTerminated)
            return
        }
        let number = errno
        switch number {
        case EPERM, ENOTSUP, EOPNOTSUPP, ENOSYS, EMLINK, EXDEV:
            if try status(of: new, following: false) != nil {
                throw StorageError(.rename, new, number: EEXIST)
            }
            try move(old, to: new)
        default:
            throw StorageError(.rename, new, number: number)
        }
    }

    static func remove(_ path: FilePath) throws(StorageError) {
        _ = try retrying(.remove, path) { unsafe unlink(path.nullTerminated) }
    }

    static func removeFolder(_ path: FilePath) throws(StorageError) {
        _ = try retrying(.remove, path) { unsafe rmdir(path.nullTerminated) }
    }

    static func createFolder(_ path: FilePath) throws(StorageError) {
        _ = try retrying(.createFolder, path) { unsafe mkdir(path.nullTerminated, 0o777) }
    }

    /// The facts about a name, or nil where there is none.
    static func status(of path: FilePath, following: Bool) throws(StorageError) -> FileStatus? {
        var facts = stat()
        let name = path.nullTerminated
        let result =
            following ? unsafe stat(name, &facts) : unsafe lstat(name, &facts)
        if result != 0 {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw StorageError(.status, path, number: errno)
        }
        return FileStatus(facts)
    }

    static func status(of descriptor: Int32, _ path: FilePath) throws(StorageError) -> FileStatus {
        var facts = stat()
        if unsafe fstat(descriptor, &facts) != 0 {
            throw StorageError(.status, path, number: errno)
        }
        return FileStatus(facts)
    }

    /// The names in a folder, in no order, without `.` and `..`.
    static func names(in path: FilePath) throws(StorageError) -> [FilePath] {
        guard let folder = unsafe opendir(path.nullTerminated) else {
            throw StorageError(.list, path, number: errno)
        }
        defer { _ = unsafe closedir(folder) }
        var names: [FilePath] = []
        while true {
            errno = 0
            guard let entry = unsafe readdir(folder) else {
                if errno != 0 { throw StorageError(.list, path, number: errno) }
                return names
            }
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe FilePath(bytes: bytes)
            }
            if name != "." && name != ".." { names.append(name) }
        }
    }

    static func code(of number: Int32) -> StorageError.Code {
        switch number {
        case ENOENT: .notFound
        case EACCES, EPERM: .permissionDenied
        case EISDIR: .isFolder
        case ENOTDIR: .notFolder
        case EEXIST: .alreadyExists
        case ENOSPC, EDQUOT, EFBIG: .noSpace
        case EROFS: .readOnly
        case ENAMETOOLONG: .nameTooLong
        case EMFILE, ENFILE: .tooManyOpenFiles
        default: .other
        }
    }

    static func message(of number: Int32) -> String {
        var text = [CChar](repeating: 0, count: 256)
        _ = unsafe strerror_r(number, &text, text.count)
        let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `EIO`, for a file that accepts no more bytes and gives no cause.
    static let ioError = EIO
    static let isFolderError = EISDIR
    static let existsError = EEXIST
}

extension FileStatus {
    fileprivate init(_ facts: stat) {
        let format = facts.st_mode & S_IFMT
        kind =
            format == S_IFREG
            ? .file : format == S_IFDIR ? .folder : format == S_IFLNK ? .link : .other
        size = Int(facts.st_size)
        #if canImport(Darwin)
            let time = facts.st_mtimespec
        #else
            let time = facts.st_mtim
        #endif
        modifiedNanoseconds = Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
        identity = Identity(device: UInt64(facts.st_dev), number: UInt64(facts.st_ino))
    }
}
