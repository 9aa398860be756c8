#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The two streams that the program prints to.
enum Terminal {
    /// Whether someone watches: progress is drawn on standard error.
    static var isInteractive: Bool { isatty(STDERR_FILENO) == 1 }

    /// Characters in a line of the terminal.
    static var width: Int {
        var size = winsize()
        guard unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return 80
        }
        return Int(size.ws_col)
    }

    /// Keeps the program going when whoever reads its output goes away: the stems matter more.
    static func outliveReaders() { signal(SIGPIPE, SIG_IGN) }

    /// Prints a line of results to standard output.
    static func say(_ line: String) { put(line + "\n", STDOUT_FILENO) }

    /// Prints a line about something wrong to standard error.
    static func complain(_ line: String) { put("unbraid: " + line + "\n", STDERR_FILENO) }

    /// Prints to standard error as it is.
    static func draw(_ text: String) { put(text, STDERR_FILENO) }

    /// Writes past the C library's buffer, so that lines of several threads do not mix.
    private static func put(_ text: String, _ descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe write(descriptor, $0.baseAddress, $0.count)
            }
            // Nobody reads any more: there is nothing left to say it to.
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}
