/// Removes nodes that give their input as it is: identities, dropouts, casts to the same type.
enum DropIdentities {
    static func run(_ graph: inout Graph) {
        var rewriter = GraphRewriter(graph)
        for index in rewriter.indices {
            let node = rewriter[index]
            guard let input = node.inputs.first ?? nil, let output = node.outputs.first ?? nil,
                node.outputs.dropFirst().allSatisfy({ $0 == nil }), !rewriter.isOutput(output),
                isIdentity(node, rewriter.type(input), rewriter.type(output))
            else { continue }
            rewriter.forward(output, to: input)
            rewriter.remove(index)
        }
        graph = rewriter.finish()
    }

    private static func isIdentity(
        _ node: Graph.Node, _ input: TensorType?, _ output: TensorType?
    ) -> Bool {
        guard let input, let output, input.shape == output.shape else { return false }
        switch node.opType {
        case "Identity", "Dropout", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Expand", "Cast":
            return input.elementType == output.elementType
        default: return false
        }
    }
}

/// Removes nodes whose results nobody reads.
enum DropUnread {
    static func run(_ graph: inout Graph) {
        var rewriter = GraphRewriter(graph)
        for index in rewriter.indices.reversed() {
            let isRead = rewriter[index].outputs.contains { output in
                guard let output else { return false }
                return rewriter.isOutput(output) || rewriter.readers(output) > 0
            }
            if !isRead { rewriter.remove(index) }
        }
        graph = rewriter.finish()
    }
}
