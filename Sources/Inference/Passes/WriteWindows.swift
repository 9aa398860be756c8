/// Lets convolutions write into their places along the last axis of a Concat's result, so that
/// nothing is left for the Concat to copy.
///
/// The first of them makes the whole result, and each of the others takes it over from the one
/// before; what the last one leaves is complete.
enum WriteWindows {
    static func run(_ graph: inout Graph) {
        var rewriter = GraphRewriter(graph)
        for index in rewriter.indices {
            guard let parts = parts(of: index, rewriter),
                let whole = rewriter[index].outputs.first ?? nil, let type = rewriter.type(whole)
            else { continue }
            let name = rewriter[index].name
            rewriter.remove(index)
            var before: Graph.ValueID?
            for (position, part) in parts.enumerated() {
                var node = rewriter[part.node]
                var fusion = ConvolutionFolding.fusion(node)
                fusion.outputWindow = part.window
                if let before {
                    while node.inputs.count < 3 { node.inputs.append(nil) }
                    fusion.targetInput = node.inputs.count
                    node.inputs.append(before)
                }
                node.fused = .convolution(fusion)
                let isLast = position == parts.count - 1
                let result = isLast ? whole : rewriter.addValue(name, type: type)
                node.outputs = [result]
                rewriter.replace(part.node, with: node)
                before = result
            }
        }
        graph = rewriter.finish()
    }

    /// The convolutions that compute a Concat's parts for it alone, in the order in which they run,
    /// and where the parts go; nil where something else computes one of them.
    private static func parts(
        of index: Int, _ rewriter: GraphRewriter
    ) -> [(node: Int, window: RowWindow)]? {
        let node = rewriter[index]
        guard node.opType == "Concat", node.inputs.count > 1,
            case .int(let given)? = node.attributes["axis"],
            let output = node.outputs.first ?? nil, let shape = rewriter.type(output)?.shape,
            given == -1 || given == shape.count - 1, let whole = shape.last,
            // One row alone is laid out in its place without any window.
            Shapes.count(shape.dropLast()) > 1
        else { return nil }
        var parts: [(node: Int, window: RowWindow)] = []
        var offset = 0
        for input in node.inputs {
            guard let producer = rewriter.soleProducer(input),
                rewriter[producer].opType == "Conv", let input,
                let count = rewriter.type(input)?.shape.last
            else { return nil }
            let fusion = ConvolutionFolding.fusion(rewriter[producer])
            // What is added lies as dense as results without a window.
            guard fusion.addendInput == nil, fusion.outputWindow == nil else { return nil }
            parts.append((producer, RowWindow(offset: offset, count: count, whole: whole)))
            offset += count
        }
        return parts.sorted { $0.node < $1.node }
    }
}
