import Foundation
import Storage
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A batch that is killed at random moments ends as if it had not been.
///
/// `UNBRAID_KILLS` says how often; ten times otherwise.
@Suite(.serialized) struct KillTests {
    private let program: Program

    init() throws { program = try Program() }

    private func files(below folder: String) -> [String] {
        program.folder.files.filter { $0.hasPrefix(folder + "/") }
    }

    @Test func aKilledBatchEndsWithTheSameBytes() throws {
        let kills = ProcessInfo.processInfo.environment["UNBRAID_KILLS"].flatMap(Int.init) ?? 10
        for number in 1...24 {
            try program.writeNoise(
                "in/\(number % 4)/\(number).wav", seconds: 0.5 + Double(number % 5) * 8)
        }
        let start = Date()
        #expect(try program.run("-q", "-r", "in", "-o", "whole", "-j", "2").status == 0)
        let whole = -start.timeIntervalSinceNow
        let stems = program.stems.filter { $0.hasPrefix("whole/") }
        #expect(stems.count == 96)

        var random = SystemRandomNumberGenerator()
        var (killed, finished) = (0, 0)
        while killed < kills || finished == 0 {
            let process = program.process(["-q", "-r", "in", "-o", "cut", "-j", "2"])
            try process.run()
            let moment = Double.random(in: 0...(killed < kills ? whole : 1e9), using: &random)
            let deadline = Date(timeIntervalSinceNow: moment)
            while process.isRunning, Date() < deadline { Thread.sleep(forTimeInterval: 0.002) }
            if process.isRunning {
                kill(process.processIdentifier, SIGKILL)
                process.waitUntilExit()
                killed += 1
                continue
            }
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
            finished += 1
            try check(stems)
            // The rest of the kills hit another batch.
            if killed < kills {
                try FileManager.default.removeItem(at: program.folder.url.appending(path: "cut"))
            }
        }
    }

    private func check(_ stems: [String]) throws {
        for stem in stems {
            let other = "cut/" + stem.dropFirst("whole/".count)
            #expect(try program.bytes(stem) == program.bytes(other), "\(stem)")
        }
        let names = files(below: "cut")
        #expect(names.count == stems.count + 3, "only the stems, the journal, the manifest, a lock")
        #expect(!names.contains { $0.hasSuffix(".part") })
        // No track was finished twice.
        var done: [String: Int] = [:]
        let journal = String(
            decoding: try program.bytes("cut/unbraid-journal.jsonl"), as: UTF8.self)
        for line in journal.split(separator: "\n") {
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            guard object?["event"] as? String == "done" else { continue }
            done[try #require(object?["track"] as? String), default: 0] += 1
        }
        #expect(done.count == 24)
        #expect(done.values.allSatisfy { $0 == 1 })
        #expect(try program.run("verify", "cut", model: nil).status == 0)
    }
}
