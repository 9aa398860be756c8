package import Storage

/// A program that runs beside us, found on the PATH, without a shell.
///
/// Its output is read as it comes, and the last of its words on the error output are kept or go
/// where ours go. It is killed and reaped if it is let go before its end. Not for use by two tasks
/// at once.
package final class ChildProcess {
    /// Why a program could not be started or read: an `errno`.
    package struct Failure: Error, Sendable, Hashable {
        /// The system's number.
        package let number: Int32
        /// Whether there is no such program on the PATH.
        package var isMissing: Bool {
            StorageError(.open, "", number: number).code == .notFound
        }
        /// The system's words.
        package var reason: String { StorageError(.open, "", number: number).reason }
    }

    /// What becomes of a program's streams and environment.
    package struct Streams: Sendable {
        /// Whether it reads what ``ChildProcess/write(_:)`` is given, instead of nothing.
        package var hasInput = false
        /// Whether its last words on the error output are kept, instead of going where ours go.
        package var keepsErrors = true
        /// Settings of the environment in place of ours.
        package var environment: [String: String] = [:]

        /// No input, errors kept, our environment.
        package init() {}
    }

    /// How a program ended.
    package enum End: Sendable, Hashable {
        /// By itself.
        case status(Int32)
        /// By a signal.
        case signal(Int32)

        /// Whether it was ended as the system ends a process that takes its last memory.
        package var isKill: Bool {
            if case .signal(let number) = self { System.isKill(number) } else { false }
        }
    }

    /// What comes from a program that writes lines.
    package enum Message: Sendable, Hashable {
        /// A line, without its end.
        case line([UInt8])
        /// Nothing yet.
        case nothing
        /// The output has ended.
        case end
    }

    private let process: Int32
    private var input: ByteStream
    private let output: ByteStream
    private var errors: ByteStream
    private var words: [UInt8] = []
    private var end: End?
    /// The most bytes of memory that the program had held, known after its end; where it was little,
    /// it may be what we had held when we started it.
    package private(set) var peakMemory: Int?
    private var pending: [UInt8] = []
    /// How far ``pending`` was searched for the end of a line.
    private var searched = 0

    private static let wordLimit = 1 << 13
    private static let lineLimit = 1 << 24

    /// Starts a program.
    package init(
        _ program: FilePath, _ arguments: [FilePath], streams: Streams = Streams()
    ) throws(Failure) {
        let started = try System.start(program, arguments, streams)
        process = started.process
        input = started.input
        output = started.output
        errors = started.errors
    }

    deinit {
        input.close()
        output.close()
        errors.close()
        if end == nil {
            System.endAtOnce(process)
            _ = System.end(of: process, waiting: true)
        }
    }

    /// Reads output until the buffer is full or the output ends.
    ///
    /// - Returns: how many bytes were read, fewer than there is room only at the end.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
        var done = 0
        while done < buffer.count {
            let ready = try System.wait(output: output, errors: errors, milliseconds: -1)
            if ready.errors { readWords() }
            if ready.output {
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
                let count = unsafe output.read(into: rest)
                if count < 0 { throw Failure(number: Int32(-count)) }
                if count == 0 { return done }
                done += count
            }
        }
        return done
    }

    /// Takes the next line of the output.
    ///
    /// - Parameter milliseconds: how long to wait for more output at most.
    package func nextLine(milliseconds: Int) -> Message {
        if let line = takeLine() { return .line(line) }
        guard
            let ready = try? System.wait(
                output: output, errors: errors, milliseconds: Int32(clamping: milliseconds))
        else { return .end }
        if ready.errors { readWords() }
        guard ready.output else { return .nothing }
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        let count = unsafe piece.withUnsafeMutableBytes { unsafe output.read(into: $0) }
        if count <= 0 || pending.count > Self.lineLimit { return .end }
        pending += piece[..<count]
        return takeLine().map { .line($0) } ?? .nothing
    }

    private func takeLine() -> [UInt8]? {
        guard let end = pending[searched...].firstIndex(of: UInt8(ascii: "\n")) else {
            searched = pending.count
            return nil
        }
        let line = Array(pending[..<end])
        pending.removeFirst(end + 1)
        searched = 0
        return line
    }

    /// Gives the program more input; false where it does not read any more.
    package func write(_ bytes: [UInt8]) -> Bool { input.write(bytes) }

    /// Ends the program's input.
    package func closeInput() {
        input.close()
        input = .none
    }

    /// Ends the program at once.
    package func kill() { if end == nil { System.endAtOnce(process) } }

    /// How the program ended; nil while it runs.
    package func poll() -> End? {
        if end == nil { note(System.end(of: process, waiting: false)) }
        return end
    }

    /// Waits for the end of the program; its output must have ended.
    ///
    /// - Returns: its exit status, or 128 and the number of the signal that ended it.
    package func finish() -> Int32 {
        while errors.isOpen { readWords() }
        return switch wait() {
        case .status(let status): status
        case .signal(let number): 128 + number
        }
    }

    /// Waits for the end of the program.
    package func wait() -> End {
        if let end { return end }
        note(System.end(of: process, waiting: true))
        return end ?? .status(127)
    }

    private func note(_ found: (End, peak: Int?)?) {
        guard let found else { return }
        (end, peakMemory) = found
    }

    /// The last of what the program wrote on its error output.
    package var lastWords: String { String(decoding: words, as: UTF8.self) }

    /// The system's words for a signal.
    package static func name(ofSignal number: Int32) -> String { System.name(ofSignal: number) }

    private func readWords() {
        if !errors.isOpen { return }
        var piece = [UInt8](repeating: 0, count: 4096)
        let count = unsafe piece.withUnsafeMutableBytes { unsafe errors.read(into: $0) }
        if count > 0 {
            words += piece[..<count]
            if words.count > ChildProcess.wordLimit {
                words.removeFirst(words.count - ChildProcess.wordLimit)
            }
        } else {
            // Negative descriptors are left out when waiting.
            errors.close()
            errors = .none
        }
    }
}
