package import Storage

/// Which tracks there are true stems of, and where their estimates are.
///
/// A track is a folder of sound files, one a stem, called as the stem is; the folders of references
/// may lie in others, as in MUSDB18 (`test/NAME/vocals.wav`). The estimates of a track are in the
/// folder of the same place, or else of the same name.
package struct EvaluationPlan: Sendable {
    /// One track.
    package struct Track: Sendable, Equatable {
        /// The folder's name.
        package let name: String
        /// The folder of references.
        package let references: FilePath
        /// The folder of estimates.
        package let estimates: FilePath
        /// What is compared, by name.
        package var stems: [Stem] = []
        /// References without an estimate.
        package var missing: [String] = []
        /// Estimates without a reference.
        package var unknown: [String] = []
    }

    /// One part of a track.
    package struct Stem: Sendable, Equatable {
        /// Its name.
        package let name: String
        /// The files whose sum is the reference.
        package let references: [FilePath]
        /// The file of the estimate.
        package let estimate: FilePath
    }

    /// Why there is nothing to compare.
    package enum Fault: Error, Sendable {
        /// A folder cannot be read.
        case storage(StorageError)
        /// No folder below has sound files with stems' names in it.
        case noTracks(FilePath)
        /// Two files of a folder are of one stem.
        case ambiguous(FilePath, stem: String)
    }

    /// The tracks that can be compared.
    package private(set) var tracks: [Track] = []
    /// Folders of references for which there are no estimates.
    package private(set) var withoutEstimates: [FilePath] = []

    /// Names that are no stem's: the mixture lies beside its stems.
    private static let mixtures: Set<String> = ["mixture", "mix"]
    /// The stem that is all but the vocals, and its other names.
    package static let accompaniment = "accompaniment"
    private static let otherNames = ["no_vocals", "instrumental"]
    /// How deep tracks may lie below the folder that is named.
    private static let depth = 4

    /// Looks through two folders.
    ///
    /// - Parameter extensions: by which a file is taken for sound, in lower case.
    /// - Throws: ``Fault``.
    package init(
        references: FilePath, estimates: FilePath, extensions: Set<String>
    ) throws(Fault) {
        let walk = Walk(extensions: extensions)
        let found = try walk.tracks(in: references, depth: Self.depth)
        guard !found.isEmpty else { throw .noTracks(references) }
        for folder in found {
            let stems = try walk.stems(in: folder.path)
            guard let place = try Self.place(of: folder, in: estimates, walk) else {
                withoutEstimates.append(folder.path)
                continue
            }
            var track = Track(
                name: folder.path.name.description, references: folder.path, estimates: place)
            track.match(stems, with: try walk.stems(in: place))
            tracks.append(track)
        }
    }

    /// The folder with the estimates of a track.
    private static func place(
        of folder: Walk.Folder, in estimates: FilePath, _ walk: Walk
    ) throws(Fault) -> FilePath? {
        // The track itself was named, and the folder of its estimates.
        if folder.place.isEmpty { return try walk.stems(in: estimates).isEmpty ? nil : estimates }
        let candidates = [
            folder.place.reduce(estimates) { $0.appending($1) },
            folder.place.last.map { estimates.appending($0) },
        ]
        for candidate in candidates {
            guard let candidate, let status = try? FileSystem.status(of: candidate),
                status.kind == .folder
            else { continue }
            if !(try walk.stems(in: candidate).isEmpty) { return candidate }
        }
        return nil
    }

    /// Looks into folders.
    private struct Walk {
        /// A folder, and the names that lead to it.
        struct Folder {
            let path: FilePath
            let place: [FilePath]
        }

        let extensions: Set<String>

        /// The folders with stems in them, in the order of their names.
        func tracks(
            in folder: FilePath, at place: [FilePath] = [], depth: Int
        ) throws(Fault) -> [Folder] {
            if !(try stems(in: folder).isEmpty) { return [Folder(path: folder, place: place)] }
            guard depth > 0 else { return [] }
            var found: [Folder] = []
            for name in try names(in: folder) {
                let path = folder.appending(name)
                guard let status = try? FileSystem.status(of: path), status.kind == .folder
                else { continue }
                found += try tracks(in: path, at: place + [name], depth: depth - 1)
            }
            return found
        }

        /// The sound files of a folder by the names of their stems, the mixture not among them.
        func stems(in folder: FilePath) throws(Fault) -> [String: FilePath] {
            var found: [String: FilePath] = [:]
            for name in try names(in: folder) {
                guard let end = name.fileExtension?.description.lowercased(),
                    extensions.contains(end)
                else { continue }
                let stem = name.nameWithoutExtension.description.lowercased()
                if EvaluationPlan.mixtures.contains(stem) { continue }
                guard found[stem] == nil else { throw .ambiguous(folder, stem: stem) }
                found[stem] = folder.appending(name)
            }
            return found
        }

        private func names(in folder: FilePath) throws(Fault) -> [FilePath] {
            do throws(StorageError) {
                return try FileSystem.names(in: folder).filter { $0.bytes.first != FilePath.dot }
                    .sorted()
            } catch {
                throw .storage(error)
            }
        }
    }
}

extension EvaluationPlan.Track {
    /// Pairs references with estimates.
    fileprivate mutating func match(
        _ references: [String: FilePath], with estimates: [String: FilePath]
    ) {
        var left = estimates
        for (name, path) in references.sorted(by: { $0.key < $1.key }) {
            if let estimate = left.removeValue(forKey: name) {
                stems.append(.init(name: name, references: [path], estimate: estimate))
            } else {
                missing.append(name)
            }
        }
        // All but the vocals can be compared where there are the parts that it is the sum of.
        let rest = references.filter { $0.key != "vocals" }.sorted { $0.key < $1.key }
        let names = [EvaluationPlan.accompaniment] + EvaluationPlan.otherNames
        if references["vocals"] != nil, !rest.isEmpty,
            !names.contains(where: { references[$0] != nil }),
            let name = names.first(where: { left[$0] != nil }),
            let estimate = left.removeValue(forKey: name)
        {
            stems.append(
                .init(
                    name: EvaluationPlan.accompaniment, references: rest.map(\.value),
                    estimate: estimate))
            // Two stems were asked for; that the parts of one are not there is no lack.
            if stems.count <= 2 { missing.removeAll { $0 != "vocals" } }
        }
        unknown = left.keys.sorted()
    }
}
