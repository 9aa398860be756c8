import Foundation
package import Models
package import Storage

/// Makes a model folder from a net that somebody brings.
///
/// What is brought is told by what it is: a folder with a `card.json` (copied), a folder with a
/// TensorFlow checkpoint or a gzipped tar archive of one (Spleeter), or an `.onnx` file (MDX-Net).
package struct ModelImport: Sendable {
    /// What the mask is above the bins that a net sees.
    package enum Above: String, Sendable, CaseIterable {
        /// Nothing of the stem.
        case zeros
        /// The mean of the bins that it sees.
        case average
    }

    /// The new model's name; by default that of what is brought.
    package var name: String?
    /// Spleeter's variant, told by the number of stems by default.
    package var variant: String?
    /// What Spleeter's masks are above 11 kHz; `average` by default.
    package var above: Above?
    /// Iterations of a multichannel Wiener filter in place of Spleeter's masks by ratio, 1 to 10.
    package var wiener: Int?
    /// Whether tracks are cut and masks extended as the net's own program does it.
    package var isAsPublished = false
    /// What an MDX net's file does not say.
    package var parameters = MDXParameters()
    /// Threads that the new model is tried on.
    package var threads = 1

    /// An import with the standard choices.
    package init() {}

    /// Makes the model.
    ///
    /// - Parameters:
    ///   - path: what is brought.
    ///   - folder: where models are kept.
    /// - Returns: the model in its folder.
    /// - Throws: ``ImportError``; nothing is left behind then.
    package func add(_ path: FilePath, to folder: FilePath) throws(ImportError) -> Model {
        let status: FileStatus?
        do { status = try FileSystem.status(of: path) } catch { throw .storage(error) }
        switch status?.kind {
        case .folder?:
            if isModel(path) { return try copy(path, to: folder) }
            guard SpleeterCheckpoint.isCheckpoint(path) else { throw .unrecognized(path: path) }
            return try addSpleeter(try SpleeterCheckpoint.inFolder(path), from: path, to: folder)
        case .file?:
            let name = path.name.description.lowercased()
            if name.hasSuffix(".tar.gz") || name.hasSuffix(".tgz") {
                return try addSpleeter(
                    try SpleeterCheckpoint.inArchive(path), from: path, to: folder)
            }
            guard name.hasSuffix(".onnx") else { throw .unrecognized(path: path) }
            return try addMDX(path, to: folder)
        case nil:
            throw .missingFile(path: path, name: "")
        default:
            throw .unrecognized(path: path)
        }
    }

    /// Ends the process in the middle of an import, which leaves nothing behind.
    ///
    /// - Parameter end: ends it; called when what was begun is removed and nothing more can be.
    package static func abandon(_ end: () -> Never) -> Never { ModelFolderWriter.abandon(end) }

    /// Refuses what was said for nets of other kinds than what is brought.
    func refuseOptions(
        of others: [ImportError.Kind], for kind: ImportError.Kind
    ) throws(ImportError) {
        var said: [(name: String, isSaid: Bool)] = []
        for other in others {
            switch other {
            case .spleeter:
                said += [
                    ("variant", variant != nil), ("above", above != nil),
                    ("wiener", wiener != nil),
                ]
            case .mdx:
                said += [
                    ("n-fft", parameters.fftSize != nil), ("hop", parameters.hop != nil),
                    ("bins", parameters.bins != nil), ("stem", parameters.stem != nil),
                    ("compensation", parameters.compensation != nil),
                ]
            case .folder: break
            }
        }
        if kind == .folder { said.append(("as-published", isAsPublished)) }
        if let first = said.first(where: \.isSaid) {
            throw .unusedParameter(name: first.name, kind: kind)
        }
    }

    private func isModel(_ path: FilePath) -> Bool {
        (try? FileSystem.status(of: path.appending("card.json"))) != nil
    }

    /// Copies a model's folder: its card, the nets that the card names, and its README.
    private func copy(_ path: FilePath, to folder: FilePath) throws(ImportError) -> Model {
        try refuseOptions(of: [.spleeter, .mdx], for: .folder)
        let model: Model
        do { model = try Model(at: path) } catch { throw .refused(error) }
        let writer = try ModelFolderWriter(
            name: name ?? path.name.description, in: folder)
        let card = path.appending("card.json")
        try writer.write("card.json", renamed(try SourceFile.bytes(card, limit: 16 << 20)))
        for file in model.card.nets.map(\.file) {
            try writer.write(
                file, try SourceFile.bytes(path.appending(FilePath(file)), limit: 4 << 30))
        }
        let page = path.appending("README.md")
        if (try? FileSystem.status(of: page))?.kind == .file {
            try writer.write("README.md", try SourceFile.bytes(page, limit: 16 << 20))
        }
        return try writer.publish(threads: threads)
    }

    /// A card with the name that was asked for, all else as it stands; as it is where none was.
    private func renamed(_ card: [UInt8]) -> [UInt8] {
        guard let name,
            var values = try? JSONSerialization.jsonObject(with: Data(card)) as? [String: Any],
            values.updateValue(name, forKey: "name") as? String != name,
            let bytes = try? JSONSerialization.data(
                withJSONObject: values,
                options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
        else { return card }
        return [UInt8](bytes) + [UInt8(ascii: "\n")]
    }
}
