/// Rebuilds the U-nets of Spleeter (R.
///
/// Hennequin and others, Spleeter: a fast and efficient music source separation tool with
/// pre-trained models, 2020) from a checkpoint.
///
/// Tensors are [batch, channel, frame, bin]. On the way down: convolution, batch norm, activation;
/// what goes across is the bare convolution. On the way up: transposed convolution, activation, batch
/// norm. Batch norms are written as one multiplication and one addition, and are not folded into the
/// products: the way across and the padding would not allow it.
struct SpleeterNet {
    /// Frames that the nets take.
    static let frames = 512
    /// Bins that the nets take.
    static let bins = 1024
    private static let shape = [1, 2, frames, bins]
    private static let filters = [16, 32, 64, 128, 256, 512]

    private let checkpoint: CheckpointBundle
    private let variant: SpleeterVariant

    init(_ checkpoint: CheckpointBundle, _ variant: SpleeterVariant) {
        self.checkpoint = checkpoint
        self.variant = variant
    }

    /// The net of one stem: its magnitudes from the mixture's.
    func file(stem: Int) throws(ImportError) -> [UInt8] {
        var writer = OnnxWriter(name: "spleeter-\(variant.name)-\(variant.stems[stem])")
        let input = writer.input("mixture", shape: Self.shape)
        let logits = try net(stem, input, &writer)
        let mask = writer.node("Sigmoid", [logits])
        let output = writer.node("Mul", [mask, input], output: "magnitudes")
        writer.output(output, shape: Self.shape)
        return writer.bytes
    }

    /// The nets of all stems as one, joined by a softmax over the batch axis, which holds the stems.
    func joinedFile() throws(ImportError) -> [UInt8] {
        var writer = OnnxWriter(name: "spleeter-\(variant.name)")
        let input = writer.input("mixture", shape: Self.shape)
        var logits: [String] = []
        for stem in variant.stems.indices { logits.append(try net(stem, input, &writer)) }
        let stacked = writer.node("Concat", logits, [("axis", .int(0))])
        let masks = writer.node("Softmax", [stacked], [("axis", .int(0))])
        let output = writer.node("Mul", [masks, input], output: "magnitudes")
        writer.output(output, shape: [variant.stems.count] + Self.shape.dropFirst())
        return writer.bytes
    }

    /// One stem's net up to its logits.
    private func net(
        _ stem: Int, _ input: String, _ writer: inout OnnxWriter
    ) throws(ImportError) -> String {
        var (value, channels) = (input, 2)
        var across: [String] = []
        for (level, filters) in Self.filters.enumerated() {
            value = try convolution(7 * stem + level, value, channels, filters, &writer)
            channels = filters
            // The deepest level goes up bare; its batch norm is never used.
            guard level < Self.filters.count - 1 else { break }
            across.append(value)
            value = try batchNorm(12 * stem + level, value, filters, &writer)
            value = activation(variant.encoder, value, &writer)
        }
        for level in Self.filters.indices {
            let filters = level < 5 ? Self.filters[4 - level] : 1
            value = try transposed(6 * stem + level, value, channels, filters, &writer)
            value = activation(variant.decoder, value, &writer)
            value = try batchNorm(12 * stem + 6 + level, value, filters, &writer)
            channels = filters
            if let other = across.popLast() {
                value = writer.node("Concat", [other, value], [("axis", .int(1))])
                channels = 2 * filters
            }
        }
        let name = layer("conv2d", 7 * stem + 6)
        return try product(
            "Conv", name, value, weights: [4, 4, 1, 2], order: [3, 2, 0, 1], filters: 2,
            [("dilations", .ints([2, 2])), ("pads", .ints([3, 3, 3, 3]))], &writer)
    }

    /// A 5x5 convolution of stride 2; "same" padding of an even size is one before and two behind.
    private func convolution(
        _ index: Int, _ value: String, _ channels: Int, _ filters: Int, _ writer: inout OnnxWriter
    ) throws(ImportError) -> String {
        try product(
            "Conv", layer("conv2d", index), value, weights: [5, 5, channels, filters],
            order: [3, 2, 0, 1], filters: filters,
            [("strides", .ints([2, 2])), ("pads", .ints([1, 1, 2, 2]))], &writer)
    }

    private func transposed(
        _ index: Int, _ value: String, _ channels: Int, _ filters: Int, _ writer: inout OnnxWriter
    ) throws(ImportError) -> String {
        try product(
            "ConvTranspose", layer("conv2d_transpose", index), value,
            weights: [5, 5, filters, channels], order: [3, 2, 0, 1], filters: filters,
            [("strides", .ints([2, 2])), ("pads", .ints([1, 1, 2, 2]))], &writer)
    }

    private func product(
        _ opType: String, _ name: String, _ value: String, weights shape: [Int], order: [Int],
        filters: Int, _ attributes: [(String, OnnxWriter.Attribute)], _ writer: inout OnnxWriter
    ) throws(ImportError) -> String {
        let kernel = try checkpoint.values(name + "/kernel", shape: shape)
        let bias = try checkpoint.values(name + "/bias", shape: [filters])
        let weights = writer.constant(
            name + "/kernel", shape: order.map { shape[$0] },
            Self.permuted(kernel, shape, order))
        let biases = writer.constant(name + "/bias", shape: [filters], bias)
        return writer.node(opType, [value, weights, biases], attributes)
    }

    /// y = a x + b with a = gamma / sqrt(variance + 0.001) and b = beta - a mean.
    private func batchNorm(
        _ index: Int, _ value: String, _ filters: Int, _ writer: inout OnnxWriter
    ) throws(ImportError) -> String {
        let name = layer("batch_normalization", index)
        let gamma = try checkpoint.values(name + "/gamma", shape: [filters])
        let beta = try checkpoint.values(name + "/beta", shape: [filters])
        let mean = try checkpoint.values(name + "/moving_mean", shape: [filters])
        let variance = try checkpoint.values(name + "/moving_variance", shape: [filters])
        let scale = gamma.indices.map { gamma[$0] / (variance[$0] + 1e-3).squareRoot() }
        let shift = beta.indices.map { beta[$0] - mean[$0] * scale[$0] }
        let shape = [1, filters, 1, 1]
        let factor = writer.constant(name + "/scale", shape: shape, scale)
        let term = writer.constant(name + "/shift", shape: shape, shift)
        return writer.node("Add", [writer.node("Mul", [value, factor]), term])
    }

    private func activation(
        _ kind: SpleeterVariant.Activation, _ value: String, _ writer: inout OnnxWriter
    ) -> String {
        switch kind {
        case .leakyReLU(let slope):
            writer.node("LeakyRelu", [value], [("alpha", .float(slope))])
        case .reLU: writer.node("Relu", [value])
        case .elu: writer.node("Elu", [value], [("alpha", .float(1))])
        }
    }

    /// Keras numbers layers of a kind in the order of their making, the first without a number.
    private func layer(_ kind: String, _ index: Int) -> String {
        index == 0 ? kind : "\(kind)_\(index)"
    }

    /// Four dimensions in another order: `order[k]` is the old place of the new dimension k.
    private static func permuted(_ values: [Float], _ shape: [Int], _ order: [Int]) -> [Float] {
        var strides = [Int](repeating: 1, count: 4)
        for axis in (0..<3).reversed() { strides[axis] = strides[axis + 1] * shape[axis + 1] }
        let (size, step) = (order.map { shape[$0] }, order.map { strides[$0] })
        var result: [Float] = []
        result.reserveCapacity(values.count)
        for a in 0..<size[0] {
            for b in 0..<size[1] {
                for c in 0..<size[2] {
                    let start = a * step[0] + b * step[1] + c * step[2]
                    for d in 0..<size[3] { result.append(values[start + d * step[3]]) }
                }
            }
        }
        return result
    }
}
