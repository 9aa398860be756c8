import Foundation
import TestSupport
import Testing

/// Inputs and folders that cannot be read: one line, one failed entry, whole neighbours.
@Suite(.serialized) struct InputFaultTests {
    private let program: Program

    init() throws { program = try Program() }

    private func failures(_ folder: String) throws -> [String: String] {
        let text = String(
            decoding: try program.bytes(folder + "/manifest.jsonl"), as: UTF8.self)
        var causes: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let entry = try #require(
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            guard let failure = entry["failure"] as? [String: Any] else { continue }
            let input = try #require(entry["input"] as? String)
            causes[URL(filePath: input).lastPathComponent] = failure["cause"] as? String
        }
        return causes
    }

    @Test(
        .enabled(
            if: FaultyDisk.isPossible, "only the root user may mount a disk that cannot be read"))
    func aDeviceThatCannotBeReadFailsItsTrack() throws {
        try program.writeNoise("good.wav", seconds: 1)
        try program.writeNoise("broken.wav", seconds: 200)
        let folder = program.folder.url
        let disk = try FaultyDisk(
            files: ["good.wav", "broken.wav"].map { folder.appending(path: $0) })
        let run = try program.run("-r", disk.folder.url.path, "-o", "out")
        #expect(run.status == 1)
        let lines = run.errors.split(separator: "\n")
        #expect(lines.count == 1, "\(lines)")
        #expect(lines.first?.contains("/broken.wav: cannot be read on") == true, "\(lines)")
        #expect(lines.first?.contains("Input/output error") == true, "\(lines)")
        #expect(try failures("out") == ["broken.wav": "unreadable"])
        #expect(
            program.stems == ["bass", "drums", "other", "vocals"].map { "out/good/\($0).wav" })
        #expect(!program.files.contains { $0.contains(".unbraid-") })
    }

    /// Runs the program as a user who is not root.
    private func runAsNobody(_ arguments: [String]) throws -> (status: Int32, lines: [Substring]) {
        let process = program.process(arguments)
        if geteuid() == 0 {
            let own = ["--reuid=65534", "--regid=65534", "--clear-groups"]
            let path = try #require(process.executableURL).path
            process.arguments = own + [path] + (process.arguments ?? [])
            process.executableURL = URL(filePath: "/usr/bin/setpriv")
        }
        process.standardOutput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardError = pipe
        try process.run()
        let said = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (
            process.terminationStatus,
            String(decoding: said, as: UTF8.self).split(separator: "\n")
        )
    }

    private func setRights(_ rights: Int, _ name: String) throws {
        try FileManager.default.setAttributes(
            [.posixPermissions: rights],
            ofItemAtPath: program.folder.url.appending(path: name).path)
    }

    static let whyNot: Comment = "rights do not bind root, and there is no setpriv"
    static let canBeNobody =
        geteuid() != 0 || FileManager.default.isExecutableFile(atPath: "/usr/bin/setpriv")

    @Test(.enabled(if: InputFaultTests.canBeNobody, InputFaultTests.whyNot))
    func whatMayNotBeReadFailsAlone() throws {
        for name in ["in/a.wav", "in/b.wav", "in/closed/c.wav"] { try program.writeNoise(name) }
        try FileManager.default.createDirectory(
            at: program.folder.url.appending(path: "out"), withIntermediateDirectories: true)
        try setRights(0o777, "out")
        try setRights(0, "in/a.wav")
        try setRights(0, "in/closed")
        let run = try runAsNobody(["-r", "in", "-o", "out"])
        try setRights(0o755, "in/closed")
        #expect(run.status == 1)
        #expect(run.lines.count == 2, "\(run.lines)")
        for name in ["in/a.wav", "in/closed"] {
            #expect(
                run.lines.contains { line in
                    line.contains(" \(name): ") && line.contains("Permission denied")
                }, "\(run.lines)")
        }
        #expect(try failures("out") == ["a.wav": "permission", "closed": "permission"])
        #expect(program.stems == ["bass", "drums", "other", "vocals"].map { "out/b/\($0).wav" })
    }

    @Test(.enabled(if: InputFaultTests.canBeNobody, InputFaultTests.whyNot))
    func aTracksFolderThatMayNotBeWrittenFailsAlone() throws {
        for name in ["a.wav", "b.wav"] { try program.writeNoise(name) }
        try FileManager.default.createDirectory(
            at: program.folder.url.appending(path: "out/a"), withIntermediateDirectories: true)
        try setRights(0o777, "out")
        try setRights(0o555, "out/a")
        let run = try runAsNobody(["a.wav", "b.wav", "-o", "out"])
        #expect(run.status == 1)
        #expect(run.lines.count == 1, "\(run.lines)")
        #expect(run.lines.first?.lowercased().contains("permission denied") == true)
        #expect(try failures("out") == ["a.wav": "permission"])
        #expect(program.stems == ["bass", "drums", "other", "vocals"].map { "out/b/\($0).wav" })
    }
}
