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
            // What a worker holds moves by a tenth from moment to moment, and tracks in work have some
            // files open; so a hundred moments, spread over many tracks, of the beginning and of the
            // end, but for the last tracks, when processes go.
            let many = min(1000, count / 4)
            let (early, late) = (1...many, count - many - 20...count - 20)
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
                    if ended % max(1, many / 100) == 0,
                        early.contains(ended) || late.contains(ended)
                    {
                        held[ended] = try? Self.held(by: process)
                    }
                }
            }
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
            #expect(program.stems.count == 4 * count)
            let manifest = try program.bytes("out/manifest.jsonl")
            #expect(manifest.count { $0 == UInt8(ascii: "\n") } == count)
            let (kilobytes, lateKilobytes) = (
                try Self.typical(held, early), try Self.typical(held, late)
            )
            let (few, lateFew) = (
                Self.leastDescriptors(held, early), Self.leastDescriptors(held, late)
            )
            print(
                "soak: \(kilobytes) and \(lateKilobytes) KiB, \(few) and \(lateFew) descriptors")
            #expect(Double(lateKilobytes) < 1.05 * Double(kilobytes))
            #expect(few > 0 && lateFew <= few + 2)
        }

        /// The median of KiB in all processes together over a range of files.
        private static func typical(
            _ held: [Int: Held], _ range: ClosedRange<Int>
        ) throws -> Int {
            let some = held.filter { range.contains($0.key) }.values
            try #require(some.count >= 50)
            return some.map(\.kilobytes).sorted()[some.count / 2]
        }

        /// The least number of descriptors over a range of files: one that is lost stays.
        private static func leastDescriptors(
            _ held: [Int: Held], _ range: ClosedRange<Int>
        ) -> Int {
            held.filter { range.contains($0.key) }.values.map(\.descriptors).min() ?? 0
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
