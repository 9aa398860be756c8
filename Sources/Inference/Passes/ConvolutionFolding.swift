/// Folds factors and summands per channel into convolutions, plain and transposed.
enum ConvolutionFolding {
    /// What a convolution carries.
    static func fusion(_ node: Graph.Node) -> ConvolutionFusion {
        if case .convolution(let fusion)? = node.fused { fusion } else { ConvolutionFusion() }
    }

    /// The convolution that also scales and shifts; nil where that is not possible.
    ///
    /// Before an activation the numbers go into the weights, after one into the epilogue.
    static func apply(
        _ affine: AffineNode, to producer: Int, _ rewriter: inout GraphRewriter
    ) -> Graph.Node? {
        var node = rewriter[producer]
        var fusion = fusion(node)
        guard affine.axis ?? 1 == 1, fusion.addendInput == nil,
            let channels = rewriter.type(affine.source)?.shape.dropFirst().first
        else { return nil }
        let scale = affine.scales(channels)
        let shift = affine.shifts(channels)
        let isPlain =
            fusion.epilogue.activation == .none && fusion.epilogue.scale == nil
            && fusion.epilogue.shift == nil
        guard isPlain else {
            let before = fusion.epilogue.scale ?? [Float](repeating: 1, count: channels)
            let offset = fusion.epilogue.shift ?? [Float](repeating: 0, count: channels)
            fusion.epilogue.scale = zip(before, scale).map { $0 * $1 }
            fusion.epilogue.shift = zip(zip(offset, scale), shift).map { $0.0 * $0.1 + $1 }
            node.fused = .convolution(fusion)
            return node
        }
        guard let weights = scaledWeights(node, scale, rewriter) else { return nil }
        let known = node.inputs.count > 2 ? node.inputs[2] : nil
        guard known == nil || rewriter.floats(known) != nil else { return nil }
        let bias = rewriter.floats(known) ?? [Float](repeating: 0, count: channels)
        guard bias.count == channels else { return nil }
        let folded = zip(zip(bias, scale), shift).map { $0.0 * $0.1 + $1 }
        while node.inputs.count < 3 { node.inputs.append(nil) }
        node.inputs[1] = rewriter.addConstant(weights, like: node.name + ".weights")
        node.inputs[2] = rewriter.addConstant(
            Tensor(shape: [channels], floats: folded), like: node.name + ".bias")
        return node
    }

    /// The weights with each output channel's multiplied by its factor.
    private static func scaledWeights(
        _ node: Graph.Node, _ scale: [Float], _ rewriter: GraphRewriter
    ) -> Tensor? {
        guard node.inputs.count > 1, let id = node.inputs[1], var weights = rewriter.floats(id),
            let shape = rewriter.type(id)?.shape, shape.count >= 3
        else { return nil }
        var groups = 1
        if case .int(let value)? = node.attributes["group"] { groups = Int(value) }
        let taps = Shapes.count(shape[2...])
        for first in 0..<shape[0] {
            for second in 0..<shape[1] {
                // Plain: output channel first. Transposed: input channel, then the group's output.
                let channel =
                    node.opType == "Conv" ? first : first / (shape[0] / groups) * shape[1] + second
                let start = (first * shape[1] + second) * taps
                for tap in start..<start + taps { weights[tap] *= scale[channel] }
            }
        }
        return Tensor(shape: shape, floats: weights)
    }
}
