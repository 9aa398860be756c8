private import CKernels

/// Joins elementwise nodes that follow each other, so that numbers pass between them in the cache.
enum FuseElementwise {
    /// Programs longer than this, or with more inputs, are not joined further: their tiles would no
    /// longer fit the first-level cache.
    private static let mostSteps = 24
    private static let mostInputs = 8

    static func run(_ graph: inout Graph) {
        for index in graph.nodes.indices { unify(&graph.nodes[index]) }
        let cheap = cheap(graph)
        var rewriter = GraphRewriter(graph)
        for index in rewriter.indices {
            while let joined = join(index, rewriter, cheap) {
                if joined.isRepeated {
                    rewriter.replace(index, with: joined.node)
                } else {
                    rewriter.absorb(index, into: joined.producer, as: joined.node)
                }
            }
        }
        graph = rewriter.finish()
        DropUnread.run(&graph)
    }

    /// Lets a node that reads a value twice read it once.
    private static func unify(_ node: inout Graph.Node) {
        guard case .program(let program)? = node.fused else { return }
        var inputs: [Graph.ValueID?] = []
        var numbers: [Int] = []
        for input in node.inputs {
            if !inputs.contains(input) { inputs.append(input) }
            numbers.append(inputs.firstIndex(of: input) ?? 0)
        }
        guard inputs.count < node.inputs.count else { return }
        node.inputs = inputs
        node.fused = .program(
            ElementwiseProgram(
                steps: program.steps.map { step in
                    step.mapSources { source in
                        if case .input(let index) = source {
                            .input(numbers[index])
                        } else {
                            source
                        }
                    }
                }))
    }

    /// Values that are one array times or plus one number and that only programs of the same shape
    /// read: whoever reads such a value may as well read the array and do the arithmetic again.
    private static func cheap(_ graph: Graph) -> Set<Graph.ValueID> {
        let readers = graph.readers()
        let outputs = Set(graph.outputs)
        var cheap: Set<Graph.ValueID> = []
        for node in graph.nodes {
            guard case .program(let program)? = node.fused, program.steps.count == 1,
                let output = node.outputs.first ?? nil, !outputs.contains(output),
                let shape = graph.values[output].type?.shape,
                node.inputs.count(where: { value in
                    value.flatMap { graph.values[$0].type?.count } != 1
                }) == 1
            else { continue }
            switch program.steps[0].operation {
            case .binary(.UK_BINARY_MUL, _), .binary(.UK_BINARY_ADD, _),
                .binary(.UK_BINARY_SUB, _), .scaleShift, .unary(.UK_UNARY_AFFINE, _, _):
                break
            default: continue
            }
            let fits = readers[output].allSatisfy { reader in
                guard case .program? = graph.nodes[reader].fused,
                    let result = graph.nodes[reader].outputs.first ?? nil
                else { return false }
                return graph.values[result].type?.shape == shape
            }
            if fits { cheap.insert(output) }
        }
        return cheap
    }

    /// A node joined with one that computes an input of it, for it alone or cheaply enough to be
    /// done again.
    private static func join(
        _ index: Int, _ rewriter: GraphRewriter, _ cheap: Set<Graph.ValueID>
    ) -> (node: Graph.Node, producer: Int, isRepeated: Bool)? {
        guard !rewriter.hasGone(index), case .program(let outer)? = rewriter[index].fused,
            let output = rewriter[index].outputs.first ?? nil, let type = rewriter.type(output)
        else { return nil }
        for (place, input) in rewriter[index].inputs.enumerated() {
            guard let input,
                let producer = rewriter.soleProducer(input)
                    ?? (cheap.contains(input) ? rewriter.producer(input) : nil),
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
            return (node, producer, rewriter.soleProducer(input) == nil)
        }
        return nil
    }
}
