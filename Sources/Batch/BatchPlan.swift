package import Signal
package import Storage

/// The tracks of a batch and where the stems of each go, worked out before anything is read.
package struct BatchPlan: Sendable {
    /// One track.
    package struct Track: Sendable, Hashable, Codable {
        /// The mixture's file.
        package let input: FilePath
        /// Where each stem goes, in the order of the selection's written stems.
        package let outputs: [Output]
        /// Whether what lies there is left of an earlier try, and is replaced.
        package var replaces = false
        /// Where what is made besides the stems goes, in the order in which it is made.
        package internal(set) var extras: [Extra] = []
        /// Whether the stems are there from an earlier run, and only the extras are to be made.
        package internal(set) var isFinished = false
    }

    /// Where something goes that is made besides the stems.
    package struct Extra: Sendable, Hashable, Codable {
        /// What it is.
        package let kind: ExtraKind
        /// Its file, or the folder of its files.
        package let path: FilePath
    }

    /// Where a stem goes.
    package struct Output: Sendable, Hashable, Codable {
        /// The stem.
        package let stem: Stem
        /// Its file.
        package let path: FilePath
    }

    /// Two files that would be one.
    package struct Collision: Error, Sendable, Hashable {
        /// The file that both would write, or that one reads and the other writes.
        package let path: FilePath
        /// The input that comes first.
        package let first: FilePath
        /// The input that comes second.
        package let second: FilePath
    }

    /// The tracks, in the order in which they are taken up.
    package let tracks: [Track]
    /// Arguments and folders that lead to no track.
    package let misses: [InputWalk.Miss]
    /// Files in walked folders that are not taken for sound.
    package let skipped: Int
    /// Other names of files that are in the plan already.
    package let repeated: Int
    /// What would be written twice, or over an input; empty when the batch may start.
    package let collisions: [Collision]

    private init(
        tracks: [Track], misses: [InputWalk.Miss], skipped: Int, repeated: Int
    ) {
        self.tracks = tracks
        self.misses = misses
        self.skipped = skipped
        self.repeated = repeated
        collisions = []
    }

    /// The plan with only these tracks.
    ///
    /// - Parameter misses: whether what leads to no track stays in it.
    func keeping(_ tracks: [Track], misses: Bool) -> BatchPlan {
        BatchPlan(
            tracks: tracks, misses: misses ? self.misses : [], skipped: misses ? skipped : 0,
            repeated: misses ? repeated : 0)
    }

    /// Plans a batch.
    ///
    /// - Parameters:
    ///   - found: the inputs.
    ///   - output: the folder that everything goes below.
    ///   - fileExtension: that of the stems.
    ///   - model: the name that `{model}` stands for.
    ///   - extras: what is made besides the stems.
    package init(
        _ found: InputWalk.Found, output: FilePath, template: FilenameTemplate,
        selection: StemSelection, fileExtension: String, model: String,
        extras kinds: [ExtraKind] = []
    ) {
        misses = found.misses
        skipped = found.skipped
        repeated = found.repeated
        tracks = found.inputs.map { input in
            let folder = input.subfolder.isEmpty ? output : output.appending(input.subfolder)
            let outputs = selection.written.map { stem in
                let name = template.path(
                    input: input.path, stem: stem, fileExtension: fileExtension, model: model)
                return Output(stem: stem, path: folder.appending(name))
            }
            var track = Track(input: input.path, outputs: outputs)
            track.extras = kinds.map { kind in
                guard kind.isFolder else {
                    return Extra(kind: kind, path: Track.place(of: kind, input.path, outputs))
                }
                // Where a stem of this name would go, without the extension.
                let name = kind.rawValue
                let place = template.path(
                    input: input.path, stem: Stem(name), fileExtension: name, model: model
                ).withoutExtension(FilePath(name))
                return Extra(kind: kind, path: folder.appending(place))
            }
            return track
        }
        var owners: [FilePath: FilePath] = [:]
        for track in tracks { owners[track.input.plain] = track.input }
        var collisions: [Collision] = []
        for track in tracks {
            for path in track.outputs.map(\.path) + track.extras.map(\.path) {
                if let owner = owners.updateValue(track.input, forKey: path.plain) {
                    collisions.append(Collision(path: path, first: owner, second: track.input))
                }
            }
        }
        self.collisions = collisions
    }
}

extension FilePath {
    /// The path without this extension, if it has it.
    fileprivate func withoutExtension(_ name: FilePath) -> FilePath {
        fileExtension == name ? FilePath(bytes: bytes.dropLast(name.bytes.count + 1)) : self
    }

    /// The path without `.` and doubled slashes, by which two spellings of it are compared.
    fileprivate var plain: FilePath {
        if isPlain { return self }
        let names = components.filter { $0.bytes != [FilePath.dot] }.map(\.bytes)
        let root: [UInt8] = isAbsolute ? [FilePath.slash] : []
        return FilePath(bytes: root + Array(names.joined(separator: [FilePath.slash])))
    }

    /// Whether no name but the root's is empty or a dot, as in nearly all paths.
    private var isPlain: Bool {
        let span = bytes.span
        var start = 0
        for index in 0...span.count {
            guard index == span.count || span[index] == FilePath.slash else { continue }
            let length = index - start
            if length == 0 && index > 0 { return false }
            if length == 1 && span[start] == FilePath.dot { return false }
            start = index + 1
        }
        return true
    }
}
