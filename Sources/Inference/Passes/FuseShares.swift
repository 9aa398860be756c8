/// Lets convolutions whose channels take turns write shares where a Softmax over channels follows, so
/// that what it reads is never stored: the end of nets that share the mixture among stems.
///
/// Between the two may stand a Concat of several convolutions along the last axis, since shares at one
/// position need nothing of another, and a Reshape that gives the stems an axis of their own.
enum FuseShares {
    static func run(_ graph: inout Graph) {
        var rewriter = GraphRewriter(graph)
        for index in rewriter.indices where rewriter[index].opType == "Softmax" {
            guard let chain = chain(endingAt: index, rewriter) else { continue }
            for convolution in chain.convolutions {
                var node = rewriter[convolution]
                var fusion = ConvolutionFolding.fusion(node)
                fusion.epilogue.shares = chain.shares
                node.fused = .convolution(fusion)
                rewriter.replace(convolution, with: node)
            }
            rewriter.absorb(index, into: chain.last, as: rewriter[chain.last])
        }
        graph = rewriter.finish()
    }

    /// What stands before a Softmax.
    private struct Chain {
        let convolutions: [Int]
        /// The node whose result it reads.
        let last: Int
        let shares: Int
    }

    private static func chain(endingAt index: Int, _ rewriter: GraphRewriter) -> Chain? {
        let node = rewriter[index]
        guard rewriter.graph.opset >= 13, case .int(let axis)? = node.attributes["axis"],
            let source = node.inputs.first ?? nil, let last = rewriter.soleProducer(source),
            let shape = rewriter.type(source)?.shape, shape.count > 2,
            axis == 1 || axis + Int64(shape.count) == 1
        else { return nil }
        var first = last
        if rewriter[last].opType == "Reshape" {
            // Channels of an image may become stems and channels of the stems, nothing else.
            guard let joined = rewriter[last].inputs.first ?? nil,
                let producer = rewriter.soleProducer(joined),
                let made = rewriter.type(joined)?.shape, shape.count == made.count + 1,
                shape[0] == made[0], shape[1] * shape[2] == made[1], shape[3...] == made[2...]
            else { return nil }
            first = producer
        }
        var convolutions = [first]
        if rewriter[first].opType == "Concat" {
            guard let joined = rewriter[first].outputs.first ?? nil,
                let rank = rewriter.type(joined)?.shape.count,
                case .int(let axis)? = rewriter[first].attributes["axis"],
                axis == -1 || axis == rank - 1
            else { return nil }
            convolutions = rewriter[first].inputs.compactMap { rewriter.soleProducer($0) }
            guard convolutions.count == rewriter[first].inputs.count,
                Set(convolutions).count == convolutions.count
            else { return nil }
        }
        guard convolutions.allSatisfy({ canShare($0, shape[1], rewriter) }) else { return nil }
        return Chain(convolutions: convolutions, last: last, shares: shape[1])
    }

    /// Whether a node is a convolution whose channels can become shares.
    private static func canShare(_ index: Int, _ count: Int, _ rewriter: GraphRewriter) -> Bool {
        guard rewriter[index].opType == "Conv", let output = rewriter[index].outputs.first ?? nil,
            let channels = rewriter.type(output)?.shape.dropFirst().first
        else { return false }
        let fusion = ConvolutionFolding.fusion(rewriter[index])
        if case .int(let groups)? = rewriter[index].attributes["group"], groups != 1 {
            return false
        }
        return fusion.interleave > 1 && fusion.epilogue.shares == 1
            && (2...ConvolutionEpilogue.mostShares).contains(count) && channels % count == 0
    }
}
