import Storage
import Testing

@testable import Processes

struct MemoryKillsTests {
    @Test(arguments: [
        ("0::/user.slice/a\n", "/sys/fs/cgroup/user.slice/a/memory.events"),
        ("0::/\n", "/sys/fs/cgroup/memory.events"),
        ("2:cpu,memory:/jobs/7\n", "/sys/fs/cgroup/memory/jobs/7/memory.oom_control"),
        ("3:cpu:/x\n4:memory:/\n0::/\n", "/sys/fs/cgroup/memory/memory.oom_control"),
    ])
    func theCounterLiesInOurControlGroup(groups: String, file: String) {
        #expect(MemoryKills.files(groups).first?.0 == FilePath(file))
    }

    @Test(arguments: ["", "\n", "nonsense", "1:cpu", "5:cpu:/", "::"])
    func whatNamesNoGroupOfMemoryGivesNone(groups: String) {
        #expect(MemoryKills.files(groups).isEmpty)
    }

    @Test func theNumberStandsBehindItsWord() {
        let text = "low 1\noom 2\noom_kill 3\noom_group_kill 4\n"
        #expect(MemoryKills.value(of: "oom_kill", in: text) == 3)
        #expect(MemoryKills.value(of: "oom_kill", in: "oom_kill\noom_kill x\n") == nil)
    }

    #if os(Linux)
        @Test func thisSystemTellsIt() { #expect(MemoryKills.count != nil) }
    #endif
}
