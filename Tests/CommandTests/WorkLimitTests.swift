import Foundation
import TestSupport
import Testing

/// Numbers that make no sense are refused before anything is read; the largest and smallest that do
/// are taken.
@Suite(.serialized) struct WorkLimitTests {
    private let program: Program

    init() throws { program = try Program() }

    @Test(arguments: [
        ["-j", "0"], ["-j=-1"], ["-j", "1025"], ["-j", "many"], ["--threads", "0"],
        ["--threads", "99999999999999999999"], ["--timeout", "0"], ["--timeout=-5"],
        ["--timeout", "nan"], ["--timeout", "inf"], ["--memory", "0"], ["--memory=-1"],
        ["--memory", "9223372036854775807"], ["--duration", "0"], ["--start=-1"],
    ])
    func whatMakesNoSenseIsRefused(option: [String]) throws {
        try program.writeNoise("a.wav")
        let process = program.process(["a.wav"] + option)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 64)
        #expect(program.files == ["a.wav"])
    }

    @Test func theLargestNumbersAreTaken() throws {
        try program.writeNoise("a.wav")
        let run = try program.run(
            "a.wav", "-j", "1024", "--timeout", "1e300", "--memory", "1073741824")
        #expect(run.status == 0, "\(run)")
    }

    /// A time in which nobody could do anything is a failure that says how to allow more.
    @Test func aTimeThatIsTooShortIsToldAsSuch() throws {
        try program.writeNoise("a.wav", seconds: 300)
        let run = try program.run("a.wav", "--timeout", "1e-9")
        #expect(run.status == 0 || run.errors.contains("--timeout allows more"), "\(run)")
    }
}
