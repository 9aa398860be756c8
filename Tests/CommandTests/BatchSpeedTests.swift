import Foundation
import TestSupport
import Testing

/// What a batch makes of the cores.
@Suite(.serialized) struct BatchSpeedTests {
    @Test func aTrackThatTakesOverFreeCoresHasTheSameBits() throws {
        let program = try Program()
        try program.writeNoise("in/short.wav", seconds: 0.5)
        try program.writeNoise("in/long.wav", seconds: 40)
        // Without --threads the one that is left gets the other's.
        let shared = try program.run("-r", "in", "-o", "shared", "-j", "2")
        #expect(shared.status == 0, "\(shared.errors)")
        let alone = try program.run("-r", "in", "-o", "alone", "-j", "1", "--threads", "1")
        #expect(alone.status == 0, "\(alone.errors)")
        let stems = program.stems.filter { $0.hasPrefix("alone/") }
        #expect(stems.count == 8)
        for stem in stems {
            let other = "shared/" + stem.dropFirst("alone/".count)
            #expect(try program.bytes(stem) == program.bytes(other), "\(stem)")
        }
    }

    #if os(Linux)
        /// `Benchmarks/batch` has the figure of a quiet machine; with other programs beside, it is
        /// lower, and what is asked here tells only whether the cores are shared out at all.
        @Test(
            .enabled(
                if: ProcessInfo.processInfo.environment["UNBRAID_LONG"] != nil
                    && ProcessInfo.processInfo.activeProcessorCount > 1
                    && FileManager.default.isExecutableFile(atPath: "/usr/bin/taskset"),
                "takes a minute, two cores and taskset"))
        func aBatchIsFasterOnAllCoresThanOnOne() throws {
            let program = try Program()
            try program.writeNoise("in/1.wav", seconds: 60, rate: 44_100)
            let first = program.folder.url.appending(path: "in/1.wav")
            for number in 2...4 {
                try FileManager.default.copyItem(
                    at: first, to: program.folder.url.appending(path: "in/\(number).wav"))
            }
            let model = URL(filePath: #filePath).deletingLastPathComponent()
                .appending(path: "../../Weights/default").standardizedFileURL.path
            let all = program.process(["-r", "in", "-o", "all"], model: model)
            let one = program.process(
                ["-r", "in", "-o", "one", "-j", "1", "--threads", "1"], model: model)
            one.arguments =
                ["-c", "0", try #require(one.executableURL).path]
                + (one.arguments ?? [])
            one.executableURL = URL(filePath: "/usr/bin/taskset")
            let slow = try Self.seconds(one)
            let fast = try Self.seconds(all)
            print("batch: \(slow / fast) times as fast on all cores")
            #expect(slow / fast > 1.5)
        }

        /// Opening, naming and recording many short tracks costs next to nothing beside the net.
        @Test(
            .enabled(
                if: ProcessInfo.processInfo.environment["UNBRAID_LONG"] != nil, "takes a minute"))
        func manyShortTracksTakeHardlyLongerThanOneLongOne() throws {
            let program = try Program()
            try program.writeNoise("long/0.wav", seconds: 600, rate: 44_100)
            try program.writeNoise("short/0.wav", seconds: 3, rate: 44_100)
            let first = program.folder.url.appending(path: "short/0.wav")
            for number in 1..<200 {
                try FileManager.default.copyItem(
                    at: first, to: program.folder.url.appending(path: "short/\(number).wav"))
            }
            let model = URL(filePath: #filePath).deletingLastPathComponent()
                .appending(path: "../../Weights/default").standardizedFileURL.path
            // In turns, and the better of two: other programs take their share of the machine.
            var least = ["long": Double.infinity, "short": Double.infinity]
            for round in 1...2 {
                for folder in ["long", "short"] {
                    let run = program.process(
                        ["-r", folder, "-o", "\(folder)-\(round)"], model: model)
                    least[folder] = min(least[folder] ?? .infinity, try Self.seconds(run))
                }
            }
            let ratio = try #require(least["short"]) / #require(least["long"])
            print("200 tracks of 3 s: \(ratio) times the time of one of 600 s")
            #expect(ratio <= 1.15)
        }

        private static func seconds(_ process: Process) throws -> Double {
            process.standardOutput = FileHandle.nullDevice
            let start = ContinuousClock.now
            try process.run()
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
            return (ContinuousClock.now - start) / .seconds(1)
        }
    #endif
}
