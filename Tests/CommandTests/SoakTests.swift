import Foundation
import TestSupport
import Testing

/// Ten thousand files in one run: memory stays flat, no descriptor is lost, every file is accounted
/// for.
///
/// `UNBRAID_SOAK` says how many; without it the test is left out.
@Suite(
    .enabled(
        if: ProcessInfo.processInfo.environment["UNBRAID_SOAK"] != nil, "UNBRAID_SOAK is not set"))
struct SoakTests {
    /// What the program and its workers hold.
    private struct Held {
        /// Of the program first, then of its workers.
        var each: [Int] = []
        var kilobytes: Int { each.reduce(0, +) }
        var descriptors = 0
    }

    #if os(Linux)
        @Test func aLongBatchHoldsNoMoreAtItsEndThanAtItsBeginning() throws {
            let program = try Program()
            let count = try #require(
                ProcessInfo.processInfo.environment["UNBRAID_SOAK"].flatMap(Int.init))
            try program.writeNoise("first.wav")
            let first = program.folder.url.appending(path: "first.wav")
            for number in 0..<count {
                let file = program.folder.url.appending(path: "in/\(number % 100)/\(number).wav")
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try FileManager.default.copyItem(at: first, to: file)
            }
            let process = program.process(["-r", "in", "-o", "out", "-j", "2", "--json"])
            let pipe = Pipe()
            process.standardOutput = pipe
            process.standardError = FileHandle.nullDevice
            try process.run()
            var (ended, rest) = (0, Data())
            var held: [Int: Held] = [:]
            while let piece = try pipe.fileHandleForReading.read(upToCount: 1 << 16),
                !piece.isEmpty
            {
                rest += piece
                let lines = rest.split(
                    separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
                rest = Data(lines.last ?? Data())
                for line in lines.dropLast()
                where String(decoding: line, as: UTF8.self).contains("\"separated\"") {
                    ended += 1
                    // After the last one the program may be gone already.
                    if ended % 100 == 0 && ended < count {
                        held[ended] = try Self.held(by: process)
                    }
                }
            }
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
            #expect(program.stems.count == 4 * count)
            let manifest = try program.bytes("out/manifest.jsonl")
            #expect(manifest.count { $0 == UInt8(ascii: "\n") } == count)
            let (early, late) = (try #require(held[100]), try #require(held[count - 100]))
            for ended in held.keys.sorted() where ended % 1000 == 900 || ended == 100 {
                print("soak: \(held[ended]?.each ?? []) KiB after \(ended) files")
            }
            #expect(Double(late.kilobytes) < 1.05 * Double(early.kilobytes))
            #expect(late.descriptors <= early.descriptors + 4)
        }

        private static func held(by process: Process) throws -> Held {
            var held = Held()
            let parent = process.processIdentifier
            // Workers are children of whichever thread started them.
            var processes = [parent]
            for task in try FileManager.default.contentsOfDirectory(atPath: "/proc/\(parent)/task")
            {
                let list = try? String(
                    contentsOfFile: "/proc/\(parent)/task/\(task)/children", encoding: .utf8)
                processes += (list ?? "").split(separator: " ").compactMap { Int32($0) }
            }
            for process in processes {
                let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
                let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
                held.each.append(
                    Int(line?.split(whereSeparator: \.isWhitespace)[1] ?? "") ?? 0)
                held.descriptors +=
                    try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd").count
            }
            return held
        }
    #endif
}
