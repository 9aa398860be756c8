/// Joins elementwise nodes that follow each other, so that numbers pass between them in the cache.
enum FuseElementwise {
    /// Programs longer than this, or with more inputs, are not joined further: their tiles would no
    /// longer fit the first-level cache.
    private static let mostSteps = 24
    private static let mostInputs = 8

    static func run(_ graph: inout Graph) {
        var rewriter = GraphRewriter(graph)
        for index in rewriter.indices {
            while let joined = join(index, rewriter) {
                rewriter.absorb(index, into: joined.producer, as: joined.node)
            }
        }
        graph = rewriter.finish()
    }

    /// A node joined with one that computes an input of it for it alone.
    private static func join(
        _ index: Int, _ rewriter: GraphRewriter
    ) -> (node: Graph.Node, producer: Int)? {
        guard !rewriter.hasGone(index), case .program(let outer)? = rewriter[index].fused,
            let output = rewriter[index].outputs.first ?? nil, let type = rewriter.type(output)
        else { return nil }
        for (place, input) in rewriter[index].inputs.enumerated() {
            guard let input, let producer = rewriter.soleProducer(input),
                case .program(let inner)? = rewriter[producer].fused,
                // A smaller result is cheaper kept than computed again and again.
                rewriter.type(input)?.shape == type.shape,
                outer.steps.count + inner.steps.count <= mostSteps
            else { continue }
            var inputs: [Graph.ValueID?] = []
            func number(_ value: Graph.ValueID?) -> Int {
                if let known = inputs.firstIndex(of: value) { return known }
                inputs.append(value)
                return inputs.count - 1
            }
            let innerInputs = rewriter[producer].inputs.map(number)
            let outerInputs = rewriter[index].inputs.enumerated().map { position, value in
                position == place ? 0 : number(value)
            }
            guard inputs.count <= mostInputs else { continue }
            var node = rewriter[index]
            node.inputs = inputs
            node.fused = .program(
                outer.substituting(
                    inner, for: place, innerInputs: innerInputs, outerInputs: outerInputs))
            return (node, producer)
        }
        return nil
    }
}
