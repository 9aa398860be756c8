package import Foundation

/// A file system of its own of which the device fails to read all behind a place, where the system
/// lets us make one.
package final class FaultyDisk {
    /// Where it is mounted, for reading only.
    package let folder: TemporaryFolder
    private let image: TemporaryFolder

    /// Why there is none: mounting takes the root user and a loop device.
    package struct NotPossible: Error {}

    /// Whether there can be one on this machine.
    package static let isPossible = (try? FaultyDisk(files: [])) != nil

    /// The size of the device, and of its part that can be read: a file system's own blocks lie in the
    /// first few of its groups.
    private static let (size, readable) = (UInt64(16 << 20), UInt64(4 << 20))

    /// Mounts one that holds copies of some files, in this order; what is in it beyond some 3 MiB
    /// cannot be read.
    package init(files: [URL]) throws {
        (folder, image) = (try TemporaryFolder(), try TemporaryFolder())
        let file = image.url.appending(path: "image")
        try Data().write(to: file)
        let device = try FileHandle(forUpdating: file)
        try device.truncate(atOffset: Self.size)
        guard SmallDisk.run("/sbin/mke2fs", ["-q", "-F", "-b", "1024", file.path]), mount("rw")
        else { throw NotPossible() }
        for source in files {
            try FileManager.default.copyItem(
                at: source, to: folder.url.appending(path: source.lastPathComponent))
        }
        // What was written is not to be found in memory any more.
        guard SmallDisk.run("/bin/umount", [folder.url.path]), mount("ro") else {
            throw NotPossible()
        }
        // The device keeps its size: behind the end of the image reading is an error.
        try device.truncate(atOffset: Self.readable)
    }

    deinit { _ = SmallDisk.run("/bin/umount", [folder.url.path]) }

    private func mount(_ mode: String) -> Bool {
        let file = image.url.appending(path: "image").path
        return SmallDisk.run("/bin/mount", ["-o", "loop,\(mode)", file, folder.url.path])
    }
}
