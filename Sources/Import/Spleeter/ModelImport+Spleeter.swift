import Models
import Signal
import Storage

extension ModelImport {
    /// Makes a model of a Spleeter checkpoint.
    func addSpleeter(
        _ checkpoint: CheckpointBundle, from path: FilePath, to folder: FilePath
    ) throws(ImportError) -> Model {
        try refuseOptions(of: [.mdx], for: .spleeter)
        if let wiener, !(1...10).contains(wiener) {
            throw .wrongParameter(name: "wiener", detail: "\(wiener), only 1 to 10")
        }
        let variant = try variant(of: checkpoint, path)
        let nets = SpleeterNet(checkpoint, variant)
        let name = name ?? Self.title(of: path)
        let axes = ["batch", "channel", "frame", "bin"]
        // The nets' own program shows them blocks side by side; some frames of context and a
        // cross-fade take the seams away.
        var card = CardDraft(
            name: name, description: "Spleeter's \(variant.name) model.",
            license: "MIT, as the project's article says of its models",
            authors: ["Deezer Research"],
            // Spleeter puts one whole transform of zeros in front.
            stft: .init(fftSize: 4096, hop: 1024, leadIn: 4096),
            segment: .init(
                frames: SpleeterNet.frames, context: isAsPublished ? 0 : 32,
                crossfade: isAsPublished ? 0 : 16),
            bins: SpleeterNet.bins,
            input: .init(kind: "magnitude", name: "mixture", axes: axes),
            output: .init(
                kind: "magnitude", name: "magnitudes",
                axes: variant.isJoined ? ["stem", "channel", "frame", "bin"] : axes),
            masks: .init(
                join: wiener.map {
                    .wiener(
                        .init(
                            wiener: $0, ratio: 1, epsilon: Self.epsilon,
                            over: isAsPublished ? "track" : nil))
                } ?? .ratio(2),
                above: (above ?? (isAsPublished ? .zeros : .average)).rawValue),
            stems: variant.stems)
        let writer = try ModelFolderWriter(name: name, in: folder)
        if variant.isJoined {
            let bytes = try nets.joinedFile()
            try writer.write("stems.onnx", bytes)
            card.nets.append(
                .init(
                    file: "stems.onnx", sha256: SHA256Digest(of: bytes).hex,
                    stems: variant.stems))
        } else {
            for (index, stem) in variant.stems.enumerated() {
                let bytes = try nets.file(stem: index)
                let file = stem.rawValue + ".onnx"
                try writer.write(file, bytes)
                card.nets.append(
                    .init(file: file, sha256: SHA256Digest(of: bytes).hex, stems: [stem]))
            }
        }
        try writer.write(card)
        return try writer.publish(threads: threads)
    }

    /// The least difference of a 32-bit float from one: what the `norbert` package, which is
    /// Spleeter's Wiener filter, adds to powers.
    private static let epsilon = Double(Float.ulpOfOne)

    /// The name of an archive without its endings, or that of a folder.
    static func title(of path: FilePath) -> String {
        let name = path.name.description
        for end in [".tar.gz", ".tgz"] where name.lowercased().hasSuffix(end) {
            return String(name.dropLast(end.count))
        }
        return name
    }

    /// The variant that was asked for, or the one with as many nets as the checkpoint has.
    private func variant(
        of checkpoint: CheckpointBundle, _ path: FilePath
    ) throws(ImportError) -> SpleeterVariant {
        let products = checkpoint.names.filter {
            $0.hasSuffix("/kernel") && $0.hasPrefix("conv2d")
                && !$0.hasPrefix("conv2d_transpose")
        }
        // Six on the way down and one at the end for each stem.
        guard products.count.isMultiple(of: 7),
            let found = SpleeterVariant.all.first(where: { $0.stems.count == products.count / 7 })
        else {
            throw .notSpleeter(
                path: path, variable: "conv2d", reason: "is there \(products.count) times")
        }
        if let asked = variant, asked != found.name {
            throw .wrongVariant(path: path, asked: asked, stems: found.stems.count)
        }
        return found
    }
}
