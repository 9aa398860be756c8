import Storage
private import Synchronization

#if canImport(Glibc)
    private import Glibc
#elseif canImport(Musl)
    private import Musl
#elseif canImport(Darwin)
    private import Darwin
#endif

/// The calls to the operating system; every `errno` of this room is read here.
enum System {
    /// Asks the C library to give back what it holds and nobody uses, where it can: glibc does.
    static func returnFreeMemory() {
        typealias Trim = @convention(c) (Int) -> CInt
        guard let symbol = unsafe dlsym(nil, "malloc_trim") else { return }
        _ = unsafe unsafeBitCast(symbol, to: Trim.self)(0)
    }

    /// The ends of a pipe.
    struct Pipe {
        let read: Int32
        let write: Int32
    }

    /// A process that has been started, and our ends of its streams.
    struct Started {
        let process: Int32
        let input: ByteStream
        let output: ByteStream
        let errors: ByteStream
    }

    /// Which descriptors of a few have something to read, or an end.
    struct Readiness {
        let output: Bool
        let errors: Bool
    }

    /// Held from making pipes until the program runs: one that another thread starts in between
    /// would inherit their ends and keep them open.
    private static let starting = Mutex(())

    /// Starts a program found on the PATH.
    static func start(
        _ program: FilePath, _ arguments: [FilePath], _ streams: ChildProcess.Streams
    ) throws(ChildProcess.Failure) -> Started {
        try starting.withLock { _ throws(ChildProcess.Failure) in
            try startAlone(program, arguments, streams)
        }
    }

    private static func startAlone(
        _ program: FilePath, _ arguments: [FilePath], _ streams: ChildProcess.Streams
    ) throws(ChildProcess.Failure) -> Started {
        var ours: [Int32] = []
        var theirs: [Int32] = []
        var isStarted = false
        defer {
            for end in theirs { _ = close(end) }
            if !isStarted { for end in ours { _ = close(end) } }
        }
        func add(_ pipe: Pipe, weWrite: Bool) -> (ours: Int32, theirs: Int32) {
            let ends = weWrite ? (pipe.write, pipe.read) : (pipe.read, pipe.write)
            ours.append(ends.0)
            theirs.append(ends.1)
            return ends
        }
        let output = add(try makePipe(), weWrite: false)
        let input = streams.hasInput ? add(try makePipe(), weWrite: true) : (-1, -1)
        let errors = streams.keepsErrors ? add(try makePipe(), weWrite: false) : (-1, -1)
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
        if streams.hasInput {
            _ = unsafe posix_spawn_file_actions_adddup2(&actions, input.1, 0)
            // Whoever has gone away is told of by EPIPE.
            signal(SIGPIPE, SIG_IGN)
        } else {
            _ = unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        _ = unsafe posix_spawn_file_actions_adddup2(&actions, output.1, 1)
        let last = streams.keepsErrors ? errors.1 : 2
        _ = unsafe posix_spawn_file_actions_adddup2(&actions, last, 2)
        #if canImport(Darwin)
            _ = unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_CLOEXEC_DEFAULT))
        #endif
        let words = unsafe ([program] + arguments).map { unsafe strdup($0.nullTerminated) } + [nil]
        let settings = unsafe environment(with: streams.environment)
        defer {
            for index in unsafe words.indices { unsafe free(words[index]) }
            for index in unsafe settings.indices { unsafe free(settings[index]) }
        }
        var process: pid_t = 0
        let result = unsafe posix_spawnp(
            &process, program.nullTerminated, &actions, &attributes, words, settings)
        if result != 0 { throw ChildProcess.Failure(number: result) }
        isStarted = true
        return Started(
            process: process, input: ByteStream(input.0), output: ByteStream(output.0),
            errors: ByteStream(errors.0))
    }

    /// Copies of our environment's settings, those of `changes` in place of ours.
    private static func environment(
        with changes: [String: String]
    ) -> [UnsafeMutablePointer<CChar>?] {
        var settings = unsafe [UnsafeMutablePointer<CChar>?]()
        var index = 0
        while let setting = unsafe environ[index] {
            let isChanged = changes.keys.contains { key in
                unsafe strncmp(setting, key + "=", key.utf8.count + 1) == 0
            }
            if !isChanged { unsafe settings.append(strdup(setting)) }
            index += 1
        }
        for (key, value) in changes { unsafe settings.append(strdup("\(key)=\(value)")) }
        unsafe settings.append(nil)
        return unsafe settings
    }

    private static func makePipe() throws(ChildProcess.Failure) -> Pipe {
        var ends: [Int32] = [0, 0]
        if unsafe pipe(&ends) != 0 { throw ChildProcess.Failure(number: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return Pipe(read: ends[0], write: ends[1])
    }

    /// Waits until one of two streams has something.
    ///
    /// - Parameter milliseconds: how long to wait at most; negative for ever.
    static func wait(
        output: ByteStream, errors: ByteStream, milliseconds: Int32
    ) throws(ChildProcess.Failure) -> Readiness {
        var sets = [
            pollfd(fd: output.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: errors.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        if unsafe poll(&sets, nfds_t(sets.count), milliseconds) < 0 {
            if errno == EINTR { return Readiness(output: false, errors: false) }
            throw ChildProcess.Failure(number: errno)
        }
        return Readiness(output: sets[0].revents != 0, errors: sets[1].revents != 0)
    }

    /// Ends a process at once.
    static func endAtOnce(_ process: Int32) { _ = kill(process, SIGKILL) }

    /// How a process ended, and the most bytes of memory that it or who started it had held.
    ///
    /// - Parameter waiting: whether to wait for its end.
    /// - Returns: nil while it runs.
    static func end(of process: Int32, waiting: Bool) -> (ChildProcess.End, peak: Int?)? {
        var word: Int32 = 0
        var usage = rusage()
        while true {
            let found = unsafe wait4(process, &word, waiting ? 0 : WNOHANG, &usage)
            if found == process { break }
            if found == 0 { return nil }
            if errno != EINTR { return (.status(127), nil) }
        }
        #if canImport(Darwin)
            let peak = usage.ru_maxrss
        #else
            let peak = usage.ru_maxrss << 10
        #endif
        let signal = word & 0x7F
        return (signal == 0 ? .status(word >> 8 & 0xFF) : .signal(signal), peak)
    }

    /// The system's words for a signal.
    static func name(ofSignal number: Int32) -> String {
        guard let name = unsafe strsignal(number) else { return "signal \(number)" }
        return unsafe String(cString: name)
    }

    /// Whether a signal is the one that cannot be caught, which the system ends processes with that
    /// take its last memory.
    static func isKill(_ signal: Int32) -> Bool { signal == SIGKILL }

    /// Takes over the standard output: what else is printed there goes to the error output.
    static func takeStandardOutput() -> ByteStream {
        let descriptor = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
        _ = dup2(STDERR_FILENO, STDOUT_FILENO)
        return ByteStream(descriptor)
    }

    /// Leaves Ctrl-C and the like to whoever started this process, who ends the input instead.
    static func ignoreInterruptions() {
        for number in [SIGINT, SIGTERM, SIGHUP, SIGPIPE] { signal(number, SIG_IGN) }
    }

    /// Ends this process without any cleaning up.
    static func leave(status: Int32) -> Never { _exit(status) }

    /// Makes this process the one that the system ends first when memory runs out.
    static func volunteerForMemory() {
        #if os(Linux)
            let file = ByteStream(
                unsafe open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC))
            _ = file.write(Array("500".utf8))
            file.close()
        #endif
    }

    /// Bytes of memory that this process holds.
    static func memory() -> Int {
        #if os(Linux)
            // What getrusage gives may stem from the process that started this one.
            let bytes = (try? FileSystem.stream("/proc/self/statm")) ?? []
            let fields = bytes.split(separator: UInt8(ascii: " "))
            let pages = fields.count > 1 ? Int(String(decoding: fields[1], as: UTF8.self)) : nil
            return (pages ?? 0) * sysconf(Int32(_SC_PAGESIZE))
        #else
            var usage = rusage()
            unsafe getrusage(RUSAGE_SELF, &usage)
            return usage.ru_maxrss
        #endif
    }
}
