import Foundation

/// A file system of its own that is soon full, where the system lets us make one.
package final class SmallDisk {
    /// Where it is mounted.
    package let folder: TemporaryFolder

    /// Why there is none: mounting takes the root user.
    package struct NotPossible: Error {}

    /// Whether there can be one on this machine.
    package static let isPossible = (try? SmallDisk(kilobytes: 64)) != nil

    /// Mounts an empty one.
    package init(kilobytes: Int) throws {
        folder = try TemporaryFolder()
        let options = ["-t", "tmpfs", "-o", "size=\(kilobytes)k", "tmpfs", folder.url.path]
        guard Self.run("/bin/mount", options) else { throw NotPossible() }
    }

    deinit { _ = Self.run("/bin/umount", [folder.url.path]) }

    /// Makes it read-only.
    package func makeReadOnly() throws {
        guard Self.run("/bin/mount", ["-o", "remount,ro", folder.url.path]) else {
            throw NotPossible()
        }
    }

    static func run(_ program: String, _ arguments: [String]) -> Bool {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
