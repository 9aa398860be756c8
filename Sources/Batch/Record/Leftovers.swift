import Storage

/// Files that a run left unfinished when it ended suddenly.
enum Leftovers {
    /// Removes the pending files in some folders that these runs left.
    ///
    /// - Parameter runs: the digits that stand for runs of which no process is left.
    static func remove(of runs: Set<String>, in folders: Set<FilePath>) {
        for folder in folders {
            for name in (try? FileSystem.names(in: folder)) ?? []
            where PendingFile.isTemporary(name) {
                let rest = name.bytes.dropFirst(PendingFile.temporaryPrefix.bytes.count)
                let mark = rest.prefix { $0 != UInt8(ascii: "-") }
                if runs.contains(String(decoding: mark, as: UTF8.self)) {
                    // Whoever cannot remove it cannot write beside it, which is told of then.
                    try? FileSystem.remove(folder.appending(name))
                }
            }
        }
    }
}
