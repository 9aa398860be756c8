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

    /// Finds the files that these arguments mean.
    package func find(_ arguments: [FilePath]) -> Found {
        var found = Found()
        var seen: Set<FilePath> = []
        for argument in arguments {
            switch status(argument) {
            case .failure(let miss): found.misses.append(miss)
            case .success(let status) where status.kind != .folder:
                if seen.insert(argument).inserted {
                    found.inputs.append(Input(path: argument, subfolder: ""))
                }
            case .success where !isRecursive:
                found.misses.append(Miss(path: argument, reason: .isFolder))
            case .success(let status):
                let before = (found.inputs.count, found.misses.count)
                walk(argument, "", above: [status.identity], &seen, &found)
                if before == (found.inputs.count, found.misses.count) {
                    found.misses.append(Miss(path: argument, reason: .nothingInside))
                }
            }
        }
        return found
    }

    /// Takes up the files of a folder and of those below it.
    ///
    /// - Parameter above: the folders on the way here, so that a link to one of them is no loop.
    private func walk(
        _ folder: FilePath, _ subfolder: FilePath, above: Set<FileStatus.Identity>,
        _ seen: inout Set<FilePath>, _ found: inout Found
    ) {
        let names: [FilePath]
        do {
            names = try FileSystem.names(in: folder).sorted()
        } catch {
            found.misses.append(Miss(path: folder, reason: .unreadable(error)))
            return
        }
        for name in names where name.bytes.first != UInt8(ascii: ".") {
            let path = folder.appending(name)
            switch status(path) {
            case .failure(let miss): found.misses.append(miss)
            case .success(let status) where status.kind == .folder:
                guard status.identity != excluded, !above.contains(status.identity) else {
                    continue
                }
                let inner = subfolder.isEmpty ? name : subfolder.appending(name)
                walk(path, inner, above: above.union([status.identity]), &seen, &found)
            case .success(let status):
                let suffix = name.fileExtension?.description.lowercased() ?? ""
                guard status.kind == .file, Self.soundExtensions.contains(suffix) else {
                    found.skipped += 1
                    continue
                }
                if seen.insert(path).inserted {
                    found.inputs.append(Input(path: path, subfolder: subfolder))
                }
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
