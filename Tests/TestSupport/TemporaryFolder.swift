package import Foundation
package import Storage

/// A folder that is gone when the test is.
package final class TemporaryFolder {
    /// The folder.
    package let url: URL

    /// The folder.
    package var path: FilePath { FilePath(url.path) }

    /// Makes an empty folder.
    package init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "unbraid-\(UUID())")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// A path in the folder.
    package func callAsFunction(_ name: FilePath) -> FilePath { path.appending(name) }

    /// The names in the folder, hidden ones too.
    package func names() throws -> [String] { try FileSystem.names(in: path).map(\.description) }

    /// Writes a text, in a folder below if the name has one.
    package func write(_ name: String, _ text: String) throws {
        let file = url.appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    /// The relative paths of all files below the folder, sorted.
    package var files: [String] {
        let names = FileManager.default.subpaths(atPath: url.path) ?? []
        return names.filter { name in
            var isFolder: ObjCBool = false
            let path = url.appending(path: name).path
            unsafe _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            return !isFolder.boolValue
        }.sorted()
    }
}
