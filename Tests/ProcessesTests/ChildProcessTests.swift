import Storage
import TestSupport
import Testing

@testable import Processes

/// Programs beside ours: what goes in, what comes out, and how they end.
struct ChildProcessTests {
    private static var talking: ChildProcess.Streams {
        var streams = ChildProcess.Streams()
        streams.hasInput = true
        streams.keepsErrors = false
        return streams
    }

    private func shell(
        _ script: String, _ streams: ChildProcess.Streams = talking
    ) throws -> ChildProcess {
        try ChildProcess("sh", ["-c", FilePath(script)], streams: streams)
    }

    private func nextLine(_ child: ChildProcess) -> String? {
        while true {
            switch child.nextLine(milliseconds: 100) {
            case .line(let bytes): return String(decoding: bytes, as: UTF8.self)
            case .nothing: continue
            case .end: return nil
            }
        }
    }

    @Test func linesGoInAndOut() throws {
        let child = try ChildProcess("cat", [], streams: Self.talking)
        #expect(child.nextLine(milliseconds: 0) == .nothing)
        #expect(child.write(Array("one\ntwo\nthr".utf8)))
        #expect(nextLine(child) == "one")
        #expect(nextLine(child) == "two")
        #expect(child.write(Array("ee\n\n".utf8)))
        #expect(nextLine(child) == "three")
        #expect(nextLine(child) == "")
        #expect(child.poll() == nil)
        child.closeInput()
        #expect(nextLine(child) == nil)
        #expect(child.wait() == .status(0))
    }

    @Test func longLinesStayWhole() throws {
        let child = try shell("head -c 300000 /dev/zero | tr '\\0' x; echo")
        #expect(nextLine(child)?.utf8.count == 300_000)
    }

    @Test(
        arguments: [("exit 3", .status(3)), ("kill -SEGV $$", .signal(11))]
            as [(String, ChildProcess.End)])
    func theEndIsTold(script: String, end: ChildProcess.End) throws {
        let child = try shell(script)
        #expect(nextLine(child) == nil)
        #expect(child.wait() == end)
        #expect(!end.isKill)
        #expect(!child.write([10]) || child.poll() == end)
    }

    @Test func aKilledProgramIsKnown() throws {
        let child = try shell("echo on; exec sleep 100")
        #expect(nextLine(child) == "on")
        child.kill()
        #expect(child.wait().isKill)
    }

    @Test func settingsTakeThePlaceOfOurs() throws {
        var streams = Self.talking
        streams.environment = ["PATH": "/bin:/usr/bin:/nowhere", "UNBRAID_X": "a b"]
        let child = try shell("echo \"$UNBRAID_X $PATH\"; env | grep -c '^PATH='", streams)
        #expect(nextLine(child) == "a b /bin:/usr/bin:/nowhere")
        #expect(nextLine(child) == "1")
    }

    @Test func aProgramThatIsNotThereIsMissing() {
        #expect {
            try ChildProcess("unbraid-no-such-program", [])
        } throws: {
            ($0 as? ChildProcess.Failure)?.isMissing == true
        }
    }

    @Test func thisProcessHoldsMemory() {
        #expect((1 << 20..<1 << 36).contains(ThisProcess.memory))
    }
}
