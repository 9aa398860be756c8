import ArgumentParser
import Batch
import Foundation
import Storage

struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Compare the files of a batch with the hashes in its manifest.",
        discussion: """
            Reads every stem, every other file that was made, and every input, and names what is \
            missing or has other bytes than when it was written. The exit code is 0 only if \
            nothing is.
            """)

    @Argument(help: "The output folder of a batch.")
    var folder: String

    @Flag(help: "Leave the inputs out.")
    var noInputs = false

    @Flag(help: "Print one JSON object a line.")
    var json = false

    private struct Line: Encodable {
        var event: String
        var path: FilePath?
        var fault: String?
        var tracks: Int?
        var failed: Int?
        var files: Int?
        var bytes: Int?
        var findings: Int?
    }

    func run() throws {
        Terminal.outliveReaders()
        var verification = Verification(RawArguments.path(folder), inputs: !noInputs)
        do {
            for manifest in try verification.manifests() {
                try verification.check(manifest) { tell($0) }
            }
        } catch {
            throw Failure(error)
        }
        if json {
            var line = Line(event: "ended")
            line.tracks = verification.tracks
            line.failed = verification.failed
            line.files = verification.files
            line.bytes = verification.bytes
            line.findings = verification.findings
            say(line)
        } else {
            let size = ByteCountFormatStyle(style: .file).format(Int64(verification.bytes))
            let rest =
                verification.findings == 0
                ? "all as they were written" : "\(verification.findings) not as they should be"
            Terminal.say(
                "\(verification.files) files of \(verification.tracks) tracks (\(size)): \(rest)")
            if verification.failed > 0 {
                Terminal.say("\(verification.failed) tracks are in the manifest as failed")
            }
        }
        if verification.findings > 0 { throw ExitCode.failure }
    }

    private func tell(_ finding: Verification.Finding) {
        if json {
            var line = Line(event: "finding")
            line.path = finding.path
            line.fault = Message.code(of: finding.fault)
            say(line)
        } else {
            Terminal.complain(Message.text(of: finding))
        }
    }

    private func say(_ line: Line) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(line) else { return }
        Terminal.say(String(decoding: data, as: UTF8.self))
    }
}
