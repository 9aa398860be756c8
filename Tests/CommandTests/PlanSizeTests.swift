import Foundation
import TestSupport
import Testing

/// A hundred thousand files are planned in under 5 s and 300 MB.
@Suite(
    .enabled(if: ProcessInfo.processInfo.environment["UNBRAID_LONG"] != nil, "takes a minute"))
struct PlanSizeTests {
    private let program: Program

    init() throws { program = try Program() }

    /// Runs the program and gives its seconds and its most kilobytes, 0 where nobody tells.
    private func measure(_ arguments: [String]) throws -> (seconds: Double, kilobytes: Int) {
        let process = program.process(arguments)
        let output = program.folder.url.appending(path: ".output")
        try Data().write(to: output)
        process.standardOutput = try FileHandle(forWritingTo: output)
        let start = Date()
        try process.run()
        var most = 0
        while process.isRunning {
            let facts =
                (try? String(
                    contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8))
                ?? ""
            for line in facts.split(separator: "\n") where line.hasPrefix("VmHWM:") {
                most = max(most, Int(line.filter(\.isNumber)) ?? 0)
            }
            Thread.sleep(forTimeInterval: 0.005)
        }
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return (-start.timeIntervalSinceNow, most)
    }

    @Test func aHundredThousandFilesArePlanned() throws {
        var list = Data()
        for folder in 0..<400 {
            let url = program.folder.url.appending(path: "in/archive box \(folder)")
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
            for number in 0..<250 {
                let name = "recording number \(number) of a long afternoon.wav"
                // Files of no bytes: a plan does not open them.
                #expect(
                    FileManager.default.createFile(
                        atPath: url.appending(path: name).path, contents: nil))
                list += Data("in/archive box \(folder)/\(name)\0".utf8)
            }
        }
        try list.write(to: program.folder.url.appending(path: "list"))
        for arguments in [["-r", "in"], ["--files-from", "list"]] {
            let found = try measure(arguments + ["--dry-run"])
            print("planned \(arguments): \(found.seconds) s, \(found.kilobytes) kB")
            #expect(found.seconds < 5)
            #expect(found.kilobytes < 300_000)
            let said = try program.bytes(".output")
            #expect(said.count { $0 == 0x0A } == 500_000)
        }
    }
}
