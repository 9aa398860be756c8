import Foundation
import TestSupport
import Testing

/// The program's own worker processes: killed, stopped, and left alone by the one that started them.
@Suite(.serialized) struct WorkerProcessTests {
    let program: Program

    init() throws { program = try Program() }

    /// The processes that a process has started.
    func children(of process: Process) throws -> [Int32] {
        let list = Process()
        list.executableURL = URL(filePath: "/bin/ps")
        list.arguments = ["-A", "-o", "pid=,ppid=,stat="]
        let pipe = Pipe()
        list.standardOutput = pipe
        try list.run()
        let text = String(
            decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        list.waitUntilExit()
        return text.split(separator: "\n").compactMap { line in
            let fields = line.split(whereSeparator: \.isWhitespace)
            guard fields.count == 3, fields[1] == "\(process.processIdentifier)",
                !fields[2].hasPrefix("Z")
            else { return nil }
            return Int32(fields[0])
        }
    }

    var pending: [String] {
        folderFiles.filter { $0.contains("/.unbraid-") }
    }

    private var folderFiles: [String] { program.files }

    /// Stops a worker that has the track `a` in its hand, and gives its process; nil where all is over.
    private func stoppedWorker(of process: Process) throws -> Int32? {
        while process.isRunning {
            for child in try children(of: process) {
                kill(child, SIGSTOP)
                if pending.contains(where: { $0.contains("/a/") }) { return child }
                kill(child, SIGCONT)
            }
            usleep(2000)
        }
        return nil
    }

    /// Starts the program and gives `act` a worker that is stopped with the track `a` in its hand, so
    /// many times.
    ///
    /// On a busy machine a run can be over before this process has had a turn to meet a worker. Such a
    /// run says nothing about the program: what it made is taken away and it is begun anew.
    func start(
        _ arguments: String..., meeting workers: Int = 1, _ act: (Process, Int32) throws -> Void
    ) throws -> Process {
        attempts: for _ in 0..<20 {
            let process = program.process(arguments)
            process.standardOutput = FileHandle.nullDevice
            process.standardError = try errors(for: .writing)
            try process.run()
            for _ in 0..<workers {
                guard let worker = try stoppedWorker(of: process) else {
                    process.waitUntilExit()
                    let lines = try complaints()
                    try #require(process.terminationStatus == 0, "\(lines)")
                    for name in ["separated", "out"] {
                        let output = program.folder.url.appending(path: name)
                        try? FileManager.default.removeItem(at: output)
                    }
                    continue attempts
                }
                try act(process, worker)
            }
            return process
        }
        throw NoWorkerMet()
    }

    /// Each of many runs was over before a worker of it was met.
    private struct NoWorkerMet: Error {}

    enum Use { case reading, writing }
    func errors(for use: Use) throws -> FileHandle {
        let file = program.folder.url.appending(path: ".errors")
        if use == .writing { try Data().write(to: file) }
        return try use == .writing
            ? FileHandle(forWritingTo: file) : FileHandle(forReadingFrom: file)
    }

    func complaints() throws -> [Substring] {
        let data = try errors(for: .reading).readToEnd() ?? Data()
        return String(decoding: data, as: UTF8.self).split(separator: "\n")
    }

    let stems = ["bass.wav", "drums.wav", "other.wav", "vocals.wav"]

    @Test func aTrackWhoseWorkerDiesOnceIsSeparatedAllTheSame() throws {
        try program.writeNoise("a.wav", seconds: 300)
        let process = try start("a.wav") { _, worker in
            kill(worker, SIGSEGV)
            kill(worker, SIGCONT)
        }
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(try complaints().isEmpty)
        #expect(program.files == ["a.wav"] + stems.map { "separated/a/\($0)" })
    }

    @Test func aTrackWhoseWorkersDieFailsAlone() throws {
        try program.writeNoise("a.wav", seconds: 300)
        try program.writeNoise("b.wav", seconds: 1)
        let process = try start("a.wav", "b.wav", "-j", "1", meeting: 2) { process, worker in
            kill(worker, SIGKILL)
            while try children(of: process).contains(worker) { usleep(1000) }
        }
        process.waitUntilExit()
        #expect(process.terminationStatus == 1)
        let lines = try complaints()
        #expect(lines.count == 1)
        // Nobody ran out of memory: it is not told so.
        let text = "a.wav: its process was killed, not by this program; it had taken up to "
        #expect(lines.first?.contains(text) == true, "\(lines)")
        let manifest = String(
            decoding: try program.bytes("separated/manifest.jsonl"), as: UTF8.self)
        #expect(manifest.contains("\"cause\":\"killed\""))
        #expect(program.files == ["a.wav", "b.wav"] + stems.map { "separated/b/\($0)" })
    }

    @Test func aWorkerThatHangsIsReplaced() throws {
        try program.writeNoise("a.wav", seconds: 300)
        try program.writeNoise("b.wav", seconds: 300)
        // Nothing lets it go on: it hangs.
        let process = try start("a.wav", "b.wav", "--timeout", "5") { _, _ in }
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(pending.isEmpty)
    }

    @Test func aWorkerThatTakesTooMuchMemoryFailsItsTrack() throws {
        try program.writeNoise("a.wav", seconds: 300)
        let run = try program.run("a.wav", "--memory", "1")
        #expect(run.status == 1)
        #expect(run.errors.contains("more than 1 MiB of memory"))
        #expect(program.files == ["a.wav"])
    }

    @Test(
        .enabled(
            if: MemoryGroup.isPossible,
            "there are no control groups here in which this user may limit memory"))
    func aWorkerThatTheSystemKillsForMemoryIsToldSo() throws {
        try TinyModel.write(
            to: program.folder.url.appending(path: "models/large"), frames: 65_000)
        try program.writeNoise("a.wav")
        let group = try MemoryGroup(bytes: 96 << 20)
        let plain = program.process(["a.wav", "-j", "1"], model: "large")
        let shell = Process()
        shell.executableURL = URL(filePath: "/bin/sh")
        shell.currentDirectoryURL = plain.currentDirectoryURL
        shell.environment = plain.environment
        let path = try #require(plain.executableURL).path
        shell.arguments =
            ["-c", group.entering + "; exec \"$@\"", "sh", path] + (plain.arguments ?? [])
        shell.standardOutput = FileHandle.nullDevice
        shell.standardError = try errors(for: .writing)
        try shell.run()
        shell.waitUntilExit()
        #expect(shell.terminationStatus == 1)
        let lines = try complaints()
        #expect(lines.count == 1, "\(lines)")
        #expect(
            lines.first?.hasSuffix("its process was killed by the system, since memory ran out")
                == true, "\(lines)")
    }

    @Test func workersOfAProgramThatIsKilledEndAndCleanUp() throws {
        try program.writeNoise("a.wav", seconds: 300)
        let process = try start("a.wav") { process, worker in
            kill(process.processIdentifier, SIGKILL)
            kill(worker, SIGCONT)
            var waits = 0
            while kill(worker, 0) == 0, waits < 1000 {
                usleep(10_000)
                waits += 1
            }
            #expect(kill(worker, 0) != 0)
        }
        process.waitUntilExit()
        #expect(program.files == ["a.wav"])
    }

    @Test(arguments: [SIGINT, SIGTERM]) func anInterruptedBatchLeavesNothing(signal: Int32) throws {
        try program.writeNoise("a.wav", seconds: 300)
        let process = try start("a.wav") { process, worker in
            // As a terminal does: all processes of the group get it.
            kill(process.processIdentifier, signal)
            kill(worker, signal)
            kill(worker, SIGCONT)
        }
        process.waitUntilExit()
        #expect(process.terminationStatus == 130)
        #expect(program.files == ["a.wav"])
    }

    @Test func namesOfAnyBytesReachTheWorker() throws {
        try program.writeNoise("a.wav")
        let name = [UInt8](program.folder.url.path.utf8) + [0x2F, 0xE9, 0x74, 0xE9, 0x2E, 0x77, 0]
        let copied = unsafe name.withUnsafeBytes { bytes in
            unsafe link(
                program.folder.url.appending(path: "a.wav").path,
                bytes.baseAddress!.assumingMemoryBound(to: CChar.self))
        }
        #expect(copied == 0)
        let run = try program.run("-r", ".", "-o", "out", "--filename", "{track}-{stem}.{ext}")
        // `.w` is no sound file's extension, so only the other name is taken in a folder.
        #expect(run.status == 0)
        let shell = Process()
        shell.executableURL = URL(filePath: "/bin/sh")
        shell.currentDirectoryURL = program.folder.url
        shell.environment = program.process([]).environment
        shell.arguments = [
            "-c",
            "'\(Program.binaries.path)/unbraid' -m tiny -o raw \"$(printf '\\351t\\351.w')\" && "
                + "ls raw | od -An -tx1 | tr -d ' \\n'",
        ]
        let pipe = Pipe()
        shell.standardOutput = pipe
        try shell.run()
        let text = String(
            decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        shell.waitUntilExit()
        #expect(text.hasSuffix("e974e90a"))
    }
}
