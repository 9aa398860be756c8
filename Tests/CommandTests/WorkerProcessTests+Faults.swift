import Foundation
import TestSupport
import Testing

/// What happens to files while a batch is at them: one line, one failed track, whole neighbours.
extension WorkerProcessTests {
    /// Does something while the first of two tracks is in a worker's hand, which is stopped meanwhile.
    private func batch(
        _ arguments: String..., while change: (_ input: URL, _ output: URL) throws -> Void
    ) throws -> (status: Int32, lines: [Substring]) {
        try program.writeNoise("a.wav", seconds: 300)
        try program.writeNoise("b.wav", seconds: 1)
        let folder = program.folder.url
        let process = try start("a.wav", "b.wav", "-j", "1", "-o", "out") { _, worker in
            try change(folder.appending(path: "a.wav"), folder.appending(path: "out/a"))
            kill(worker, SIGCONT)
        }
        process.waitUntilExit()
        return (process.terminationStatus, try complaints())
    }

    private func expectOnlyTheFirstFailed(
        _ end: (status: Int32, lines: [Substring]), saying text: String,
        _ location: SourceLocation = #_sourceLocation
    ) {
        #expect(end.status == 1, sourceLocation: location)
        #expect(end.lines.count == 1, "\(end.lines)", sourceLocation: location)
        #expect(end.lines.first?.contains(text) == true, "\(end.lines)", sourceLocation: location)
        #expect(program.stems == stems.map { "out/b/\($0)" }, sourceLocation: location)
        #expect(pending.isEmpty, sourceLocation: location)
    }

    @Test func anInputThatIsTruncatedMeanwhileFails() throws {
        let end = try batch { input, _ in
            let file = try FileHandle(forUpdating: input)
            try file.truncate(atOffset: 100_000)
        }
        expectOnlyTheFirstFailed(end, saying: "a.wav")
    }

    @Test func anInputThatGrowsMeanwhileFails() throws {
        let end = try batch { input, _ in
            let file = try FileHandle(forUpdating: input)
            try file.seekToEnd()
            try file.write(contentsOf: Data(repeating: 1, count: 4000))
        }
        expectOnlyTheFirstFailed(end, saying: "changed while it was read")
    }

    /// A file that is open outlives its name, so its stems are whole.
    @Test func anInputThatIsDeletedMeanwhileIsSeparated() throws {
        let end = try batch { input, _ in try FileManager.default.removeItem(at: input) }
        #expect(end.status == 0)
        #expect(
            program.stems == ["a", "b"].flatMap { track in stems.map { "out/\(track)/\($0)" } })
    }

    @Test func anOutputFolderThatIsRemovedMeanwhileFailsItsTrack() throws {
        let end = try batch { _, output in try FileManager.default.removeItem(at: output) }
        expectOnlyTheFirstFailed(end, saying: "a.wav")
    }

    /// Temporary names are no longer than any other, and a stem's name that is too long is said.
    @Test func namesAtTheLimitOfTheFileSystem() throws {
        let longest = String(repeating: "x", count: 251)
        try program.writeNoise(longest + ".wav")
        #expect(try program.run(longest + ".wav", "-o", "out").status == 0)
        #expect(program.stems == stems.map { "out/\(longest)/\($0)" })
        try program.writeNoise("b.wav")
        let run = try program.run(
            longest + ".wav", "b.wav", "-o", "flat", "--filename", "{track}-{stem}.{ext}")
        #expect(run.status == 1)
        #expect(run.errors.split(separator: "\n").count == 1)
        #expect(run.errors.contains("name too long") || run.errors.contains("File name too long"))
        #expect(program.files.filter { $0.hasPrefix("flat/") }.count == 4)
    }
}
