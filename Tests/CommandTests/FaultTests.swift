import Foundation
import TestSupport
import Testing

/// Disks that are full or read-only: the program names what happened and leaves no half file.
@Suite(.serialized, .enabled(if: SmallDisk.isPossible, "only the root user may mount a small disk"))
struct FaultTests {
    private let program: Program

    init() throws { program = try Program() }

    @Test func aFullDiskFailsItsTrackAndLeavesNothingOfIt() throws {
        let disk = try SmallDisk(kilobytes: 600)
        try program.writeNoise("long.wav", seconds: 60)
        try program.writeNoise("short.wav", seconds: 1)
        let run = try program.run(
            "-j", "1", "long.wav", "short.wav", "-o", disk.folder.url.path)
        #expect(run.status == 1)
        #expect(run.errors.contains("no space left"))
        #expect(run.output.contains("1 separated, 1 failed"))
        #expect(
            disk.folder.files.filter { $0.contains("/") } == [
                "short/bass.wav", "short/drums.wav", "short/other.wav", "short/vocals.wav",
            ])
    }

    @Test func anOutputFolderThatCannotBeWrittenIsNamed() throws {
        let disk = try SmallDisk(kilobytes: 600)
        try disk.makeReadOnly()
        try program.writeNoise("a.wav")
        let run = try program.run("a.wav", "-o", disk.folder.url.path)
        #expect(run.status == 1)
        #expect(run.errors.contains(disk.folder.url.path))
        #expect(run.errors.lowercased().contains("read-only"))
    }
}
