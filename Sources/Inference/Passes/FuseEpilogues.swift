/// Joins convolutions and matrix products with what follows them: batch normalisations and other
/// factors and summands, activations, residual additions, products with a skip.
enum FuseEpilogues {
    static func run(_ graph: inout Graph) {
        var rewriter = GraphRewriter(graph)
        for index in rewriter.indices {
            guard !rewriter.hasGone(index), rewriter[index].opType == FusedOperators.elementwise
            else { continue }
            if fuseAffine(index, &rewriter) || fuseActivation(index, &rewriter) { continue }
            fuseSecond(index, &rewriter)
        }
        graph = rewriter.finish()
    }

    private static func fuseAffine(_ index: Int, _ rewriter: inout GraphRewriter) -> Bool {
        guard let affine = AffineNode(rewriter[index], in: rewriter),
            let producer = rewriter.soleProducer(affine.source)
        else { return false }
        let node: Graph.Node?
        switch rewriter[producer].opType {
        case "Conv", "ConvTranspose":
            node = ConvolutionFolding.apply(affine, to: producer, &rewriter)
        case "MatMul": node = ProductFolding.apply(affine, to: producer, &rewriter)
        default: node = nil
        }
        guard let node else { return false }
        rewriter.absorb(index, into: producer, as: node)
        return true
    }

    private static func fuseActivation(_ index: Int, _ rewriter: inout GraphRewriter) -> Bool {
        guard let activation = Activation(rewriter[index]),
            let producer = rewriter.soleProducer(rewriter[index].inputs.first ?? nil)
        else { return false }
        var node = rewriter[producer]
        switch node.opType {
        case "Conv", "ConvTranspose":
            var fusion = ConvolutionFolding.fusion(node)
            guard fusion.epilogue.activation == .none, fusion.epilogue.scale == nil,
                fusion.epilogue.shift == nil, fusion.epilogue.addend != .last,
                fusion.epilogue.addend != .lastAsFactor
            else { return false }
            fusion.epilogue.activation = activation
            node.fused = .convolution(fusion)
        case "MatMul":
            var fusion = ProductFolding.fusion(node)
            guard fusion.activation == .none, fusion.addendPlace != .last,
                ProductFolding.isSingle(node, rewriter)
            else { return false }
            fusion.activation = activation
            node.fused = .product(fusion)
        default: return false
        }
        rewriter.absorb(index, into: producer, as: node)
        return true
    }

    /// A sum or product of two values of the same shape, one of them a matrix product's or
    /// convolution's result that nobody else reads.
    private static func fuseSecond(_ index: Int, _ rewriter: inout GraphRewriter) {
        guard let (a, b, isProduct) = pair(rewriter[index], rewriter) else { return }
        let candidates = [(a, b), (b, a)].compactMap { own, other -> (Int, Graph.ValueID)? in
            guard own != other, let producer = rewriter.soleProducer(own) else { return nil }
            return (producer, other)
        }
        // The later of two has the other's result already.
        for (producer, other) in candidates.sorted(by: { $0.0 > $1.0 }) {
            guard
                let node = isProduct
                    ? multiplying(rewriter[producer], by: other)
                    : adding(other, to: rewriter[producer], rewriter)
            else { continue }
            rewriter.absorb(index, into: producer, as: node)
            return
        }
    }

    private static func pair(
        _ node: Graph.Node, _ rewriter: GraphRewriter
    ) -> (Graph.ValueID, Graph.ValueID, isProduct: Bool)? {
        guard case .program(let program)? = node.fused,
            program.isAddition || program.isMultiplication, node.inputs.count == 2,
            let a = node.inputs[0], let b = node.inputs[1],
            rewriter.type(a)?.shape == rewriter.type(b)?.shape
        else { return nil }
        return (a, b, program.isMultiplication)
    }

    private static func multiplying(
        _ producer: Graph.Node, by factor: Graph.ValueID
    ) -> Graph.Node? {
        var node = producer
        var fusion = ConvolutionFolding.fusion(producer)
        guard node.opType == "Conv" || node.opType == "ConvTranspose", fusion.addendInput == nil
        else { return nil }
        while node.inputs.count < 3 { node.inputs.append(nil) }
        fusion.addendInput = node.inputs.count
        fusion.epilogue.addend = .lastAsFactor
        node.fused = .convolution(fusion)
        node.inputs.append(factor)
        return node
    }

    private static func adding(
        _ addend: Graph.ValueID, to producer: Graph.Node, _ rewriter: GraphRewriter
    ) -> Graph.Node? {
        var node = producer
        switch producer.opType {
        case "Conv", "ConvTranspose":
            var fusion = ConvolutionFolding.fusion(producer)
            guard fusion.addendInput == nil else { return nil }
            let isPlain =
                fusion.epilogue.activation == .none && fusion.epilogue.scale == nil
                && fusion.epilogue.shift == nil
            while node.inputs.count < 3 { node.inputs.append(nil) }
            fusion.addendInput = node.inputs.count
            fusion.epilogue.addend = isPlain ? .beforeActivation : .last
            node.fused = .convolution(fusion)
        case "MatMul":
            var fusion = ProductFolding.fusion(producer)
            guard fusion.addendInput == nil, ProductFolding.isSingle(producer, rewriter) else {
                return nil
            }
            fusion.addendInput = node.inputs.count
            fusion.addendPlace = fusion.activation == .none ? .beforeActivation : .last
            node.fused = .product(fusion)
        default: return nil
        }
        node.inputs.append(addend)
        return node
    }
}
