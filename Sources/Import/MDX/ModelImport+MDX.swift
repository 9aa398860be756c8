import Inference
import Models
import Signal
import Storage

extension ModelImport {
    /// Makes a model of an MDX net's .onnx file, which is copied as it is.
    func addMDX(_ path: FilePath, to folder: FilePath) throws(ImportError) -> Model {
        try refuseOptions(of: [.spleeter], for: .mdx)
        let bytes = try SourceFile.bytes(path, limit: 2 << 30)
        let title = path.name.nameWithoutExtension.description
        // Files get other names on their way; what is in them tells more.
        var known = MDXTable.parameters(of: bytes) ?? MDXParameters.known[title.lowercased()]
        let shape = try MDXShape(
            bytes, path, asked: self.parameters.bins, known: known?.bins)
        if known?.bins != shape.bins { known = nil }
        let parameters = self.parameters.filled(from: known)
        guard let fftSize = parameters.fftSize, let stem = parameters.stem else {
            throw .parametersNeeded(
                path: path, bins: shape.bins, frames: shape.frames,
                candidates: MDXTable.candidates(bins: shape.bins, frames: shape.frames))
        }
        let hop = parameters.hop ?? 1024
        try check(fftSize: fftSize, hop: hop, stem: stem, shape)
        let axes = ["batch", "channel", "bin", "frame"]
        let name = name ?? title
        // A program that takes the chunks as they are blends them by a window of the whole chunk;
        // frames of context and a cross-fade serve the same end.
        let context = isAsPublished ? 0 : min(16, shape.frames / 8)
        var card = CardDraft(
            name: name, description: "MDX net \(title).",
            license: "not stated in the file", authors: [],
            // Chunks begin half a transform of zeros before the track, and their frames are centred.
            stft: .init(fftSize: fftSize, hop: hop, leadIn: fftSize),
            segment: .init(
                frames: shape.frames, context: context,
                crossfade: isAsPublished ? 0 : context),
            bins: shape.bins,
            input: .init(kind: "complex", name: shape.input, axes: axes, zeroBins: 3),
            output: .init(
                kind: "complex", name: shape.output, axes: axes,
                gain: parameters.compensation ?? 1),
            masks: .init(above: "zeros"), stems: [stem], remainder: Self.complement(of: stem))
        let writer = try ModelFolderWriter(name: name, in: folder)
        try writer.write("net.onnx", bytes)
        card.nets.append(
            .init(file: "net.onnx", sha256: SHA256Digest(of: bytes).hex, stems: [stem]))
        try writer.write(card)
        return try writer.publish(threads: threads)
    }

    /// What the mixture is without a stem.
    private static func complement(of stem: Stem) -> Stem {
        switch stem {
        case .vocals: Stem("instrumental")
        case Stem("instrumental"): .vocals
        case Stem("no_crowd"): Stem("crowd")
        default: Stem("no_" + stem.rawValue)
        }
    }

    private func check(
        fftSize: Int, hop: Int, stem: Stem, _ shape: MDXShape
    ) throws(ImportError) {
        guard (16...65_536).contains(fftSize), fftSize.isMultiple(of: 2) else {
            throw .wrongParameter(name: "n-fft", detail: "\(fftSize)")
        }
        guard shape.bins <= fftSize / 2 + 1 else {
            throw .wrongParameter(
                name: "n-fft",
                detail: "\(fftSize) has \(fftSize / 2 + 1) bins, \(shape.bins) needed")
        }
        guard (1...fftSize / 2).contains(hop) else {
            throw .wrongParameter(name: "hop", detail: "\(hop)")
        }
        if let gain = parameters.compensation, !(gain > 0 && gain <= 10) {
            throw .wrongParameter(name: "compensation", detail: "\(gain)")
        }
        guard ModelCard.isPlainName(stem.rawValue) else {
            throw .wrongParameter(name: "stem", detail: stem.rawValue)
        }
    }
}

/// The tensors of an MDX net: [batch, 4, bin, frame] in and out.
struct MDXShape {
    let input: String
    let output: String
    let bins: Int
    let frames: Int

    /// Reads the shapes from a net's file.
    ///
    /// - Parameters:
    ///   - asked: the bins that the user tells.
    ///   - known: the bins of the table, for a file that leaves them open.
    init(
        _ bytes: [UInt8], _ path: FilePath, asked: Int?, known: Int?
    ) throws(ImportError) {
        let graph: OnnxGraph
        do { graph = try OnnxModel(bytes: bytes).graph } catch {
            throw .refused(.unusableNet(path: path, error))
        }
        let weights = Set(graph.initializers.map(\.name))
        let inputs = graph.inputs.filter { !weights.contains($0.name) }
        guard inputs.count == 1, graph.outputs.count == 1, let shape = inputs[0].shape else {
            throw .notMDX(
                path: path, reason: "\(inputs.count) inputs and \(graph.outputs.count) outputs")
        }
        guard shape.count == 4, shape[1] == .size(4) else {
            throw .notMDX(path: path, reason: "an input of \(shape.count) dimensions")
        }
        (input, output) = (inputs[0].name, graph.outputs[0].name)
        if case .size(let declared) = shape[2] {
            if let asked, asked != declared {
                throw .wrongParameter(name: "bins", detail: "\(asked), the net has \(declared)")
            }
            bins = declared
        } else {
            guard let told = asked ?? known else { throw .binsNeeded(path: path) }
            bins = told
        }
        guard (4...32_769).contains(bins) else {
            throw .notMDX(path: path, reason: "\(bins) bins")
        }
        // An open number of frames is what the published nets were trained with.
        if case .size(let declared) = shape[3] { frames = declared } else { frames = 256 }
        guard (2...65_536).contains(frames) else {
            throw .notMDX(path: path, reason: "\(frames) frames")
        }
    }
}
