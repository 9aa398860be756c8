import Foundation
import TestSupport
import Testing

/// A hundred thousand files are planned in under 5 s and 300 MB.
@Suite(
    .enabled(if: ProcessInfo.processInfo.environment["UNBRAID_LONG"] != nil, "takes a minute"))
struct PlanSizeTests {
    private let program: Program

    init() throws { program = try Program() }

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
            let found = try program.measure(arguments + ["--dry-run"])
            print("planned \(arguments): \(found.seconds) s, \(found.kilobytes) kB")
            #expect(found.seconds < 5)
            #expect(found.kilobytes < 300_000)
            let said = try program.bytes(".output")
            #expect(said.count { $0 == 0x0A } == 500_000)
        }
    }
}
