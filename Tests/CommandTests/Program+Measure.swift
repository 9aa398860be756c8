import Foundation
import TestSupport
import Testing

extension Program {
    /// Runs the program and gives its seconds and its most kilobytes, 0 where nobody tells.
    ///
    /// What it says goes into the file `.output`.
    func measure(
        _ arguments: [String], model: String? = "tiny"
    ) throws -> (seconds: Double, kilobytes: Int) {
        let process = process(arguments, model: model)
        let output = folder.url.appending(path: ".output")
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
}
