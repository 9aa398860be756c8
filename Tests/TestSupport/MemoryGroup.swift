import Foundation

/// A control group whose processes may take only so much memory, where the system lets us make one.
package final class MemoryGroup {
    private let folder: URL

    /// Why there is none: it takes the root user and a file system of control groups.
    package struct NotPossible: Error {}

    /// Whether there can be one on this machine.
    package static let isPossible = (try? MemoryGroup(bytes: 1 << 30)) != nil

    /// Makes one below our own.
    package init(bytes: Int) throws {
        for (parent, limit) in Self.parents {
            let folder = parent.appending(path: "unbraid-\(UUID())")
            guard unsafe mkdir(folder.path, 0o755) == 0 else { continue }
            if Self.write("\(bytes)", to: folder.appending(path: limit)) {
                self.folder = folder
                return
            }
            unsafe rmdir(folder.path)
        }
        throw NotPossible()
    }

    /// Once its processes have ended there is no more of it.
    deinit { unsafe rmdir(folder.path) }

    /// What a shell does to have itself in the group.
    package var entering: String { "echo $$ >'\(folder.appending(path: "cgroup.procs").path)'" }

    /// Our own group's folder, and the file of its limit, in both versions of the file system.
    private static var parents: [(URL, String)] {
        let text = (try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").flatMap { line -> [(URL, String)] in
            let fields = line.split(
                separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { return [] }
            let isNew = fields[0] == "0"
            guard isNew || fields[1] == "memory" else { return [] }
            let root = "/sys/fs/cgroup" + (isNew ? "" : "/memory")
            return [String(fields[2]), ""].map {
                (URL(filePath: root + $0), isNew ? "memory.max" : "memory.limit_in_bytes")
            }
        }
    }

    private static func write(_ text: String, to file: URL) -> Bool {
        guard let handle = try? FileHandle(forWritingTo: file) else { return false }
        return (try? handle.write(contentsOf: Data(text.utf8))) != nil
    }
}
