/// Lets convolutions of single values write neighbouring values of a result's last axis from
/// channel after channel, where a Reshape, a Transpose and a Reshape behind them do just that:
/// the end of nets that fold frequencies into channels.
enum InterleaveChannels {
    static func run(_ graph: inout Graph) {
        var rewriter = GraphRewriter(graph)
        for index in rewriter.indices {
            guard !rewriter.hasGone(index), let chain = chain(endingAt: index, rewriter),
                let node = interleaved(chain, &rewriter)
            else { continue }
            rewriter.remove(chain.reshape)
            rewriter.remove(chain.transpose)
            rewriter.absorb(index, into: chain.convolution, as: node)
        }
        graph = rewriter.finish()
    }

    /// Nodes that spread channels over the last axis.
    private struct Chain {
        let convolution: Int
        let reshape: Int
        let transpose: Int
        /// Channels that take turns.
        let turns: Int
        /// Steps from one channel of the result, and from one of those that take turns, to the next
        /// among the convolution's channels.
        let step: Int
        let turnStep: Int
    }

    private static func chain(endingAt index: Int, _ rewriter: GraphRewriter) -> Chain? {
        guard rewriter[index].opType == "Reshape",
            let transpose = producer(of: index, "Transpose", rewriter),
            let reshape = producer(of: transpose, "Reshape", rewriter),
            let convolution = producer(of: reshape, "Conv", rewriter),
            let made = shape(convolution, rewriter), made.count == 4,
            let split = shape(reshape, rewriter), split.count == 5,
            let result = shape(index, rewriter),
            case .ints(let order)? = rewriter[transpose].attributes["perm"],
            split[0] == made[0], split[1] * split[2] == made[1], split[3...] == made[2...]
        else { return nil }
        let turns: Int
        let steps: (Int, Int)
        switch order {
        // [batch, turn, channel, row, column] and [batch, channel, turn, row, column].
        case [0, 2, 3, 4, 1]: (turns, steps) = (split[1], (1, split[2]))
        case [0, 1, 3, 4, 2]: (turns, steps) = (split[2], (split[2], 1))
        default: return nil
        }
        guard turns > 1, result == [made[0], made[1] / turns, made[2], made[3] * turns] else {
            return nil
        }
        return Chain(
            convolution: convolution, reshape: reshape, transpose: transpose, turns: turns,
            step: steps.0, turnStep: steps.1)
    }

    /// The node of a kind that computes a node's first input for it alone.
    private static func producer(
        of index: Int, _ opType: String, _ rewriter: GraphRewriter
    ) -> Int? {
        guard let producer = rewriter.soleProducer(rewriter[index].inputs.first ?? nil),
            rewriter[producer].opType == opType
        else { return nil }
        return producer
    }

    private static func shape(_ index: Int, _ rewriter: GraphRewriter) -> [Int]? {
        (rewriter[index].outputs.first ?? nil).flatMap { rewriter.type($0)?.shape }
    }

    /// The convolution with its channels in the order in which they take turns.
    private static func interleaved(
        _ chain: Chain, _ rewriter: inout GraphRewriter
    ) -> Graph.Node? {
        var node = rewriter[chain.convolution]
        var fusion = ConvolutionFolding.fusion(node)
        let epilogue = fusion.epilogue
        guard epilogue.scale == nil, epilogue.shift == nil, fusion.addendInput == nil,
            fusion.interleave == 1, node.inputs.count > 1, let weightID = node.inputs[1],
            let weights = rewriter.floats(weightID), let shape = rewriter.type(weightID)?.shape,
            // Larger kernels may be better off with other algorithms.
            shape.dropFirst(2).allSatisfy({ $0 == 1 }),
            shape[1] * shape[0] == weights.count
        else { return nil }
        if case .int(let groups)? = node.attributes["group"], groups != 1 { return nil }
        let order = (0..<shape[0]).map {
            $0 / chain.turns * chain.step + $0 % chain.turns * chain.turnStep
        }
        if node.inputs.count > 2, let biasID = node.inputs[2] {
            guard let bias = rewriter.floats(biasID), bias.count == shape[0] else { return nil }
            node.inputs[2] = rewriter.addConstant(
                Tensor(shape: [bias.count], floats: order.map { bias[$0] }),
                like: node.name + ".bias")
        }
        let row = shape[1]
        node.inputs[1] = rewriter.addConstant(
            Tensor(
                shape: shape,
                floats: order.flatMap { weights[$0 * row..<($0 + 1) * row] }),
            like: node.name + ".weights")
        fusion.interleave = chain.turns
        node.fused = .convolution(fusion)
        return node
    }
}
