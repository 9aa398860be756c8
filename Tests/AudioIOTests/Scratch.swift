import Foundation
import Storage

/// A folder for one test, removed with all that is in it when the test is over.
final class Scratch {
    let folder: FilePath

    init() throws {
        let base = FileManager.default.temporaryDirectory.path
        folder = FilePath(base).appending(FilePath("unbraid-test-\(UUID().uuidString)"))
        try FileSystem.createFolders(at: folder)
    }

    /// A path in the folder.
    func callAsFunction(_ name: FilePath) -> FilePath { folder.appending(name) }

    /// The names in the folder, hidden ones too.
    func names() throws -> [String] { try FileSystem.names(in: folder).map(\.description) }

    deinit {
        try? FileManager.default.removeItem(atPath: folder.description)
    }
}
