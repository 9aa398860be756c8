import Inference
import Signal
import Storage

/// One net of a model, ready for segments of one size.
final class SegmentNet {
    /// Where the values of the output lie.
    let output: TensorLayout
    private let card: ModelCard
    private let path: FilePath
    private let network: Network
    private let input: TensorLayout
    private let inputName: String
    private let outputName: String

    /// Loads a net and compares its input and output with the card.
    ///
    /// - Parameter frames: frames of the segments.
    init(
        _ net: ModelCard.Net, of model: Model, frames: Int, pool: WorkerPool
    ) throws(ModelError) {
        card = model.card
        let card = model.card
        path = model.path(of: net)
        let inputChannels = card.input.kind == .complex ? 4 : 2
        let outputChannels = card.output.kind == .complex ? 4 : 2
        input = TensorLayout(axes: card.input.axes) { axis in
            switch axis {
            case .batch, .stem: 1
            case .channel: inputChannels
            case .frame: frames
            case .bin: card.bins
            }
        }
        output = TensorLayout(axes: card.output.axes) { axis in
            switch axis {
            case .batch: 1
            case .stem: net.stems.count
            case .channel: outputChannels
            case .frame: frames
            case .bin: card.bins
            }
        }
        network = try Self.network(at: path, card: card, shape: input.shape, pool: pool)
        guard let name = card.input.name ?? network.inputs.first?.name else {
            throw .misfit(path: path, detail: "it has no input")
        }
        inputName = name
        guard let name = card.output.name ?? network.outputs.first?.name else {
            throw .misfit(path: path, detail: "it has no output")
        }
        outputName = name
        try check(network.inputs, inputName, input.shape, "input")
        try check(network.outputs, outputName, output.shape, "output")
    }

    private static func network(
        at path: FilePath, card: ModelCard, shape: [Int], pool: WorkerPool
    ) throws(ModelError) -> Network {
        do {
            let file = try OpenFile.reading(path)
            let onnx = try OnnxModel(bytes: try file.read(try file.status().size, at: 0))
            // An open dimension of the net's input takes the card's size.
            let names = card.input.name.map { [$0] } ?? onnx.graph.inputs.prefix(1).map(\.name)
            let shapes = Dictionary(names.map { ($0, shape) }, uniquingKeysWith: { $1 })
            return try Network(onnx, inputShapes: shapes, pool: pool)
        } catch let error as StorageError {
            throw .unreadable(error)
        } catch {
            throw .unusableNet(path: path, error)
        }
    }

    /// What the engine made of the net.
    var steps: [Network.StepSummary] { network.summary }
    /// Multiplications and additions for one segment.
    var operations: Int { network.operations }

    /// Runs the net on a segment of two channels.
    func run(_ mixture: Spectrogram) throws(ModelError) {
        let card = card
        let input = input
        let silent = card.input.zeroBins ?? 0
        try fill { values in
            for channel in 0..<2 {
                for frame in 0..<mixture.frames {
                    let range = mixture.range(channel: channel, frame: frame)
                    let bins = mixture.values.span.extracting(range)
                    switch card.input.kind {
                    case .complex:
                        let real = input.start(stem: 0, channel: 2 * channel, frame: frame)
                        let imaginary = input.start(
                            stem: 0, channel: 2 * channel + 1, frame: frame)
                        for bin in 0..<silent {
                            values[real + bin * input.bin] = 0
                            values[imaginary + bin * input.bin] = 0
                        }
                        if input.bin == 1 {
                            Self.split(bins, silent..<card.bins, into: &values, real, imaginary)
                            continue
                        }
                        for bin in silent..<card.bins {
                            values[real + bin * input.bin] = bins[bin].x
                            values[imaginary + bin * input.bin] = bins[bin].y
                        }
                    case .magnitude:
                        let start = input.start(stem: 0, channel: channel, frame: frame)
                        for bin in 0..<silent { values[start + bin * input.bin] = 0 }
                        for bin in silent..<card.bins {
                            let value = bins[bin]
                            values[start + bin * input.bin] = (value * value).sum().squareRoot()
                        }
                    }
                }
            }
        }
        network.run()
    }

    /// Copies the real and the imaginary parts of some bins to places of their own.
    private static func split(
        _ bins: Span<SIMD2<Float>>, _ range: Range<Int>, into values: inout MutableSpan<Float>,
        _ real: Int, _ imaginary: Int
    ) {
        let (first, last) = (min(real, imaginary), max(real, imaginary))
        precondition(
            range.upperBound <= bins.count && first >= 0
                && last + range.upperBound <= values.count)
        for bin in range {
            let value = unsafe bins[unchecked: bin]
            unsafe values[unchecked: real + bin] = value.x
            unsafe values[unchecked: imaginary + bin] = value.y
        }
    }

    private func fill(_ body: (inout MutableSpan<Float>) -> Void) throws(ModelError) {
        do { try network.withInput(inputName, body) } catch {
            throw .unusableNet(path: path, error)
        }
    }

    /// Reads the output of the last run.
    func withOutput(_ body: (Span<Float>) -> Void) {
        do {
            try network.withOutput(outputName, body)
        } catch {
            preconditionFailure("the output was checked when the net was loaded")
        }
    }

    private func check(
        _ values: [Network.Port], _ name: String, _ shape: [Int], _ side: String
    ) throws(ModelError) {
        guard let value = values.first(where: { $0.name == name }) else {
            let names = values.map(\.name).joined(separator: ", ")
            throw .misfit(path: path, detail: "its \(side)s are \(names), not \(name)")
        }
        guard value.shape == shape else {
            throw .misfit(
                path: path, detail: "its \(side) \(name) is \(value.shape), the card's \(shape)")
        }
    }
}
