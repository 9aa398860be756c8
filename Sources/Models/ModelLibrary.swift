package import Storage

/// The folders in which models are looked for by name, the first that has one winning.
package struct ModelLibrary: Sendable {
    /// The folders, in the order in which they are searched.
    package let folders: [FilePath]

    /// A library of these folders; those that do not exist are as good as empty.
    package init(folders: [FilePath]) { self.folders = folders }

    /// Opens the model of this name, or the one in the folder that the name is a path of.
    ///
    /// A name with a slash, `.` or `..` is a path; any other is looked for in the library.
    ///
    /// - Throws: ``ModelError``.
    package func model(named name: String) throws(ModelError) -> Model {
        let path = FilePath(name)
        if path.bytes.contains(UInt8(ascii: "/")) || name == "." || name == ".." {
            guard isModel(path) else { throw .notFound(name: name, searched: []) }
            return try Model(at: path)
        }
        for folder in folders where isModel(folder.appending(path)) {
            return try Model(at: folder.appending(path))
        }
        throw .notFound(name: name, searched: folders)
    }

    /// The folders of all models in the library, each name once, sorted by name.
    package var modelFolders: [FilePath] {
        var seen: Set<FilePath> = []
        var found: [FilePath] = []
        for folder in folders {
            guard let names = try? FileSystem.names(in: folder) else { continue }
            for name in names
            where !PendingFile.isTemporary(name) && isModel(folder.appending(name))
                && seen.insert(name).inserted
            {
                found.append(folder.appending(name))
            }
        }
        return found.sorted { $0.name < $1.name }
    }

    private func isModel(_ folder: FilePath) -> Bool {
        (try? FileSystem.status(of: folder.appending("card.json"))) != nil
    }
}
