import Storage

/// How many processes the system has killed because memory ran out.
package enum MemoryKills {
    /// The number among the processes of our control group where the system counts them there, or on
    /// the whole machine; nil where it tells neither.
    package static var count: Int? {
        for (file, field) in files(read("/proc/self/cgroup")) + [("/proc/vmstat", "oom_kill")] {
            if let value = value(of: field, in: read(file)) { return value }
        }
        return nil
    }

    /// The files that may hold the number, and its name there.
    ///
    /// - Parameter groups: our control groups, a line each, as the kernel tells them: a number, a
    ///   list of controllers, the group's path, with colons between (cgroups(7)).
    static func files(_ groups: String) -> [(FilePath, String)] {
        groups.split(separator: "\n").flatMap { line -> [(FilePath, String)] in
            let fields = line.split(
                separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { return [] }
            let path = fields[2] == "/" ? "" : fields[2]
            // A container may see its own group as the root of all.
            if fields[0] == "0" {
                return [path, ""].map {
                    (FilePath("/sys/fs/cgroup\($0)/memory.events"), "oom_kill")
                }
            }
            guard fields[1].split(separator: ",").contains("memory") else { return [] }
            return [path, ""].map {
                (FilePath("/sys/fs/cgroup/memory\($0)/memory.oom_control"), "oom_kill")
            }
        }
    }

    /// The number after a word at the beginning of a line.
    static func value(of field: String, in text: String) -> Int? {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == field { return Int(words[1]) }
        }
        return nil
    }

    private static func read(_ path: FilePath) -> String {
        String(decoding: (try? FileSystem.stream(path)) ?? [], as: UTF8.self)
    }
}
