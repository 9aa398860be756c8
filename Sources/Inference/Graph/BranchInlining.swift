/// Puts a branch of a conditional node in its place, once the condition is known.
enum BranchInlining {
    /// The nodes that stand for an `If`, in order.
    ///
    /// - Throws: `GraphError.notConstant` where the condition is not known before the run.
    static func nodes(
        for node: Graph.Node, in graph: inout Graph
    ) throws(GraphError) -> [Graph.Node] {
        guard let id = node.inputs.first ?? nil else { throw GraphError(.missing).at(node) }
        guard let condition = graph.values[id].constant?.integers, condition.count == 1 else {
            throw GraphError(.notConstant, value: graph.values[id].name).at(node)
        }
        let key = condition[0] != 0 ? "then_branch" : "else_branch"
        guard case .graph(let branch)? = node.attributes[key] else {
            throw GraphError(.missing, detail: key).at(node)
        }
        guard branch.outputs.count == node.outputs.count else {
            throw GraphError(.shapeMismatch, detail: "\(branch.outputs.count) outputs").at(node)
        }
        // Names are unique across a graph and its branches; where a file breaks that rule the
        // latest one counts, which is the innermost.
        var scope: [String: Graph.ValueID] = [:]
        for (value, entry) in graph.values.enumerated() where !entry.name.isEmpty {
            scope[entry.name] = value
        }
        for (name, tensor) in branch.initializers {
            scope[name] = graph.addConstant(name, tensor)
        }
        var inlined: [Graph.Node] = []
        for source in branch.nodes {
            var outputs: [Graph.ValueID?] = []
            for name in source.outputs {
                let value = name.isEmpty ? nil : graph.addValue(name)
                if let value { scope[name] = value }
                outputs.append(value)
            }
            inlined.append(GraphBuilder.node(source, outputs: outputs))
        }
        for index in inlined.indices {
            for name in branch.nodes[index].inputs {
                inlined[index].inputs.append(
                    name.isEmpty ? nil : try resolve(name, scope, inlined[index]))
            }
        }
        inlined = try GraphBuilder.sorted(inlined, valueCount: graph.values.count)
        for (port, output) in zip(branch.outputs, node.outputs) {
            guard let output else { continue }
            inlined.append(
                Graph.Node(
                    name: node.name, opType: "Identity", attributes: [:],
                    inputs: [try resolve(port.name, scope, node)], outputs: [output]))
        }
        return inlined
    }

    private static func resolve(
        _ name: String, _ scope: [String: Graph.ValueID], _ node: Graph.Node
    ) throws(GraphError) -> Graph.ValueID {
        guard let value = scope[name] else {
            throw GraphError(.undefinedValue, value: name).at(node)
        }
        return value
    }
}
