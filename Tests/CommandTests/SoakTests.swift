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
                    // What a worker holds moves by a tenth with the moment; so all of the first and
                    // of the last hundred count, but for some at the end, when the program is gone already.
                    if (1...100).contains(ended) || (count - 100..<count).contains(ended) {
                        held[ended] = try? Self.held(by: process)
                    }
                }
            }
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
            #expect(program.stems.count == 4 * count)
            let manifest = try program.bytes("out/manifest.jsonl")
            #expect(manifest.count { $0 == UInt8(ascii: "\n") } == count)
            let early = try Self.typical(held, 1...100)
            let late = try Self.typical(held, count - 100...count)
            // Many moments, since tracks in work have some files open; and none of the end, when
            // processes go.
            let many = min(1000, count / 4)
            let few = Self.leastDescriptors(held, 1...many)
            let fewLate = Self.leastDescriptors(held, count - many - 20...count - 20)
            print("soak: \(early) and \(late) KiB, \(few) and \(fewLate) descriptors")
            #expect(Double(late) < 1.05 * Double(early))
            #expect(few > 0 && fewLate <= few + 2)
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
