package import Storage

/// Finds the files that a user's arguments mean.
package struct InputWalk: Sendable {
    /// A file to take apart.
    package struct Input: Sendable, Hashable {
        /// The file.
        package let path: FilePath
        /// The folders between the argument and the file, which are mirrored in the output; empty for
        /// a file that was named itself.
        package let subfolder: FilePath
    }

    /// An argument or folder that leads to no file.
    package struct Miss: Error, Sendable, Hashable {
        /// Why.
        package enum Reason: Sendable, Hashable {
            /// There is no such file or folder.
            case notFound
            /// A folder, and folders are not to be walked.
            case isFolder
            /// A folder without any sound file in it.
            case nothingInside
            /// The system refused.
            case unreadable(StorageError)
        }
        /// The argument or folder.
        package let path: FilePath
        /// Why.
        package let reason: Reason
    }

    /// What was found.
    package struct Found: Sendable {
        /// The files, in the order of the arguments and by name within a folder, none twice.
        package var inputs: [Input] = []
        /// What led to no file.
        package var misses: [Miss] = []
        /// Files in walked folders that have no sound file's extension.
        package var skipped = 0
        /// Other names of files that were found already.
        package var repeated = 0

        /// What was found, of whatever use.
        fileprivate var total: Int { inputs.count + misses.count + repeated }
    }

    /// Extensions by which a file in a walked folder is taken for sound, in lower case.
    ///
    /// A file that is named itself is taken whatever it is called.
    package static let soundExtensions: Set<String> = [
        "wav", "wave", "bwf", "rf64", "w64", "aif", "aiff", "aifc", "caf", "au", "snd", "flac",
        "ogg", "oga", "opus", "mp3", "mp2", "mpga", "m4a", "m4b", "aac", "alac", "wma", "ape", "wv",
        "mka", "voc", "sd2", "ircam", "sf", "avr", "mp4", "m4v", "mov", "mkv", "webm", "avi",
    ]

    private let isRecursive: Bool
    private let excluded: FileStatus.Identity?

    /// A walk.
    ///
    /// - Parameters:
    ///   - isRecursive: whether folders are walked.
    ///   - output: a folder that is never walked into: the one that the stems go to.
    package init(isRecursive: Bool, output: FilePath) {
        self.isRecursive = isRecursive
        excluded = (try? FileSystem.status(of: output))?.identity
    }

    /// What was found, and by which files and folders that was.
    private struct Search {
        var found = Found()
        var files: Set<FileStatus.Identity> = []
        var folders: Set<FileStatus.Identity> = []
    }

    /// Finds the files that these arguments mean, and those of a list.
    ///
    /// An argument that is not there and has the signs of a pattern is one. Each file is taken once,
    /// whatever the number of its names, and each folder is walked once, so that links lead to no
    /// loop. The folders of a list's names are mirrored in the output.
    package func find(_ arguments: [FilePath], list: [FilePath] = []) -> Found {
        var search = Search()
        for argument in arguments {
            if case .failure(let miss) = status(argument), miss.reason == .notFound,
                let pattern = NamePattern(argument)
            {
                let matches = pattern.matches()
                if matches.isEmpty { search.found.misses.append(miss) }
                for match in matches { take(match.path, match.folders, &search) }
            } else {
                take(argument, "", &search)
            }
        }
        for path in list { take(path, path.mirroredFolders, &search) }
        return search.found
    }

    /// Takes up a file, or a folder that is walked.
    private func take(_ path: FilePath, _ subfolder: FilePath, _ search: inout Search) {
        switch status(path) {
        case .failure(let miss): search.found.misses.append(miss)
        case .success(let status) where status.kind != .folder:
            add(path, subfolder, status, &search)
        case .success where !isRecursive:
            search.found.misses.append(Miss(path: path, reason: .isFolder))
        case .success(let status):
            let before = search.found.total
            guard search.folders.insert(status.identity).inserted else { return }
            walk(path, subfolder, &search)
            if before == search.found.total {
                search.found.misses.append(Miss(path: path, reason: .nothingInside))
            }
        }
    }

    private func add(
        _ path: FilePath, _ subfolder: FilePath, _ status: FileStatus, _ search: inout Search
    ) {
        if search.files.insert(status.identity).inserted {
            search.found.inputs.append(Input(path: path, subfolder: subfolder))
        } else {
            search.found.repeated += 1
        }
    }

    /// Takes up the files of a folder and of those below it.
    private func walk(_ folder: FilePath, _ subfolder: FilePath, _ search: inout Search) {
        let names: [FilePath]
        do {
            names = try FileSystem.names(in: folder)
        } catch {
            search.found.misses.append(Miss(path: folder, reason: .unreadable(error)))
            return
        }
        for name in names where name.bytes.first != UInt8(ascii: ".") {
            let path = folder.appending(name)
            switch status(path) {
            case .failure(let miss): search.found.misses.append(miss)
            case .success(let status) where status.kind == .folder:
                guard status.identity != excluded, search.folders.insert(status.identity).inserted
                else { continue }
                walk(path, subfolder.isEmpty ? name : subfolder.appending(name), &search)
            case .success(let status):
                let suffix = name.fileExtension?.description.lowercased() ?? ""
                guard status.kind == .file, Self.soundExtensions.contains(suffix) else {
                    search.found.skipped += 1
                    continue
                }
                add(path, subfolder, status, &search)
            }
        }
    }

    private func status(_ path: FilePath) -> Result<FileStatus, Miss> {
        do {
            if let status = try FileSystem.status(of: path) { return .success(status) }
            return .failure(Miss(path: path, reason: .notFound))
        } catch {
            return .failure(Miss(path: path, reason: .unreadable(error)))
        }
    }
}
