/// Finds layer and instance normalisations that an exporter has written out in elementary steps:
/// (x - mean(x)) / sqrt(mean((x - mean(x))^2) + epsilon).
enum RecognizeNormalization {
    static func run(_ graph: inout Graph) {
        var rewriter = GraphRewriter(graph)
        for index in rewriter.indices {
            guard let node = match(index, &rewriter) else { continue }
            rewriter.replace(index, with: node)
        }
        graph = rewriter.finish()
        DropUnread.run(&graph)
    }

    private static func match(_ index: Int, _ rewriter: inout GraphRewriter) -> Graph.Node? {
        let div = rewriter[index]
        guard div.opType == "Div", let centred = div.inputs[0],
            let root = rewriter.producer(div.inputs[1]), rewriter[root].opType == "Sqrt",
            let sum = rewriter.producer(rewriter[root].inputs[0]), rewriter[sum].opType == "Add",
            let epsilon = rewriter.floats(rewriter[sum].inputs[1]), epsilon.count == 1,
            let variance = rewriter.producer(rewriter[sum].inputs[0]),
            let squares = mean(variance, rewriter),
            isSquare(squares.source, of: centred, rewriter),
            let difference = rewriter.producer(centred), rewriter[difference].opType == "Sub",
            let x = rewriter[difference].inputs[0],
            let average = rewriter.producer(rewriter[difference].inputs[1]),
            let means = mean(average, rewriter), means.source == x, means.axes == squares.axes,
            let type = rewriter.type(x)
        else { return nil }
        let rank = type.shape.count
        var node = div
        node.attributes = ["epsilon": .float(epsilon[0])]
        if means.axes == [rank - 1] {
            let count = type.shape[rank - 1]
            node.opType = "LayerNormalization"
            node.attributes["axis"] = .int(Int64(rank - 1))
            node.inputs = [x, constant(1, count, &rewriter, div)]
        } else if rank >= 3, means.axes == Array(2..<rank) {
            node.opType = "InstanceNormalization"
            node.inputs = [
                x, constant(1, type.shape[1], &rewriter, div),
                constant(0, type.shape[1], &rewriter, div),
            ]
        } else {
            return nil
        }
        return node
    }

    private static func constant(
        _ value: Float, _ count: Int, _ rewriter: inout GraphRewriter, _ node: Graph.Node
    ) -> Graph.ValueID {
        rewriter.addConstant(
            Tensor(shape: [count], floats: [Float](repeating: value, count: count)),
            like: node.name + ".parameter")
    }

    /// What a mean that keeps its dimensions is taken of, and over which axes.
    private static func mean(
        _ index: Int, _ rewriter: GraphRewriter
    ) -> (source: Graph.ValueID, axes: [Int])? {
        let node = rewriter[index]
        guard node.opType == "ReduceMean", let source = node.inputs[0],
            let output = node.outputs[0], let before = rewriter.type(source)?.shape,
            let after = rewriter.type(output)?.shape, before.count == after.count
        else { return nil }
        var axes = before.indices.filter { before[$0] != after[$0] }
        // An axis of one number may or may not be among those reduced: the list tells.
        if case .ints(let listed)? = node.attributes["axes"] {
            axes = listed.map { Int($0 < 0 ? $0 + Int64(before.count) : $0) }.sorted()
        } else if node.inputs.count > 1, let list = node.inputs[1] {
            guard let listed = rewriter.graph.values[list].constant?.integers else { return nil }
            axes = listed.map { Int($0 < 0 ? $0 + Int64(before.count) : $0) }.sorted()
        }
        return axes.isEmpty ? nil : (source, axes)
    }

    private static func isSquare(
        _ value: Graph.ValueID, of root: Graph.ValueID, _ rewriter: GraphRewriter
    ) -> Bool {
        guard let index = rewriter.producer(value), rewriter[index].inputs.count == 2,
            rewriter[index].inputs[0] == root
        else { return false }
        switch rewriter[index].opType {
        case "Mul": return rewriter[index].inputs[1] == root
        case "Pow":
            let exponent = rewriter[index].inputs[1].flatMap { rewriter.graph.values[$0].constant }
            return exponent?.floats == [2] || exponent?.integers == [2]
        default: return false
        }
    }
}
