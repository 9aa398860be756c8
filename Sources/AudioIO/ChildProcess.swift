import Storage
private import Synchronization

#if canImport(Glibc)
    private import Glibc
#elseif canImport(Musl)
    private import Musl
#elseif canImport(Darwin)
    private import Darwin
#endif

/// A program that runs beside us, found on the PATH, without a shell.
///
/// Its output is read as it comes, its input is empty, and the last of its words on the error
/// output are kept. It is killed and reaped if it is let go before its end.
final class ChildProcess {
    /// Why a program could not be started or read: an `errno`.
    struct Failure: Error, Sendable, Hashable {
        var number: Int32
        /// Whether there is no such program on the PATH.
        var isMissing: Bool { number == ENOENT }
        var reason: String { StorageError(.open, "", number: number).reason }
    }

    private var process: pid_t
    private var output: Int32
    private var errors: Int32
    private var words: [UInt8] = []
    private var status: Int32?

    private static let wordLimit = 1 << 13

    /// Held from making pipes until the program runs: one that another thread starts in between
    /// would inherit their ends and keep them open.
    private static let starting = Mutex(())

    /// Starts a program.
    init(_ program: String, _ arguments: [FilePath]) throws(Failure) {
        let started = try ChildProcess.starting.withLock { _ throws(Failure) in
            try ChildProcess.start(program, arguments)
        }
        process = started.process
        output = started.output
        errors = started.errors
    }

    private static func start(
        _ program: String, _ arguments: [FilePath]
    ) throws(Failure) -> (process: pid_t, output: Int32, errors: Int32) {
        let out = try pipe()
        let err: (read: Int32, write: Int32)
        do throws(Failure) {
            err = try pipe()
        } catch {
            _ = close(out.read)
            _ = close(out.write)
            throw error
        }
        defer {
            _ = close(out.write)
            _ = close(err.write)
        }
        #if canImport(Darwin)
            var actions: posix_spawn_file_actions_t?
            var attributes: posix_spawnattr_t?
        #else
            var actions = unsafe posix_spawn_file_actions_t()
            var attributes = posix_spawnattr_t()
        #endif
        _ = unsafe posix_spawn_file_actions_init(&actions)
        _ = unsafe posix_spawnattr_init(&attributes)
        defer {
            _ = unsafe posix_spawn_file_actions_destroy(&actions)
            _ = unsafe posix_spawnattr_destroy(&attributes)
        }
        _ = unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        _ = unsafe posix_spawn_file_actions_adddup2(&actions, out.write, 1)
        _ = unsafe posix_spawn_file_actions_adddup2(&actions, err.write, 2)
        #if canImport(Darwin)
            _ = unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_CLOEXEC_DEFAULT))
        #endif
        var words = unsafe [UnsafeMutablePointer<CChar>?]()
        for text in [FilePath(program)] + arguments {
            unsafe words.append(strdup(text.nullTerminated))
        }
        defer { for index in 0...arguments.count { unsafe free(words[index]) } }
        unsafe words.append(nil)
        var process: pid_t = 0
        let result = unsafe posix_spawnp(
            &process, program, &actions, &attributes, words, environ)
        if result != 0 {
            _ = close(out.read)
            _ = close(err.read)
            throw Failure(number: result)
        }
        return (process, out.read, err.read)
    }

    deinit {
        _ = close(output)
        _ = close(errors)
        if status == nil {
            _ = kill(process, SIGKILL)
            _ = wait()
        }
    }

    /// Reads output until the buffer is full or the output ends.
    ///
    /// - Returns: how many bytes were read, fewer than there is room only at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
        var done = 0
        while done < buffer.count {
            var sets = [
                pollfd(fd: output, events: Int16(POLLIN), revents: 0),
                pollfd(fd: errors, events: Int16(POLLIN), revents: 0),
            ]
            if unsafe poll(&sets, nfds_t(sets.count), -1) < 0 {
                if errno == EINTR { continue }
                throw Failure(number: errno)
            }
            if sets[1].revents != 0 { readWords() }
            if sets[0].revents != 0 {
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
                let count = unsafe systemRead(output, rest)
                if count < 0 { throw Failure(number: errno) }
                if count == 0 { return done }
                done += count
            }
        }
        return done
    }

    /// Waits for the end of the program; its output must have ended.
    ///
    /// - Returns: its exit status, or 128 and the number of the signal that ended it.
    func finish() -> Int32 {
        while errors >= 0 { readWords() }
        return wait()
    }

    /// The last of what the program wrote on its error output.
    var lastWords: String { String(decoding: words, as: UTF8.self) }

    private func readWords() {
        if errors < 0 { return }
        var piece = [UInt8](repeating: 0, count: 4096)
        let count = unsafe piece.withUnsafeMutableBytes { unsafe systemRead(errors, $0) }
        if count > 0 {
            words += piece[..<count]
            if words.count > ChildProcess.wordLimit {
                words.removeFirst(words.count - ChildProcess.wordLimit)
            }
        } else {
            // poll leaves out negative descriptors.
            _ = close(errors)
            errors = -1
        }
    }

    private func wait() -> Int32 {
        if let status { return status }
        var word: Int32 = 0
        while unsafe waitpid(process, &word, 0) < 0 {
            if errno != EINTR {
                status = 127
                return 127
            }
        }
        let signal = word & 0x7F
        let result = signal == 0 ? word >> 8 & 0xFF : 128 + signal
        status = result
        return result
    }

    private static func pipe() throws(Failure) -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        if unsafe Self.systemPipe(&ends) != 0 { throw Failure(number: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    private static func systemPipe(_ ends: UnsafeMutablePointer<Int32>) -> Int32 {
        #if canImport(Glibc)
            unsafe Glibc.pipe(ends)
        #elseif canImport(Musl)
            unsafe Musl.pipe(ends)
        #else
            unsafe Darwin.pipe(ends)
        #endif
    }
}

/// One `read`, repeated while a signal interrupts it.
private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    while true {
        let count = unsafe read(descriptor, buffer.baseAddress, buffer.count)
        if count >= 0 || errno != EINTR { return count }
    }
}
