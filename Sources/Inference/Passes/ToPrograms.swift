/// Turns all elementwise float nodes, and batch normalisations with known parameters, into nodes of
/// one kind that carry a program.
enum ToPrograms {
    static func run(_ graph: inout Graph, _ lowerings: [Lowering]) {
        let options = NetworkOptions()
        for index in graph.nodes.indices {
            var node = graph.nodes[index]
            guard let output = node.outputs.first ?? nil, node.outputs.count == 1,
                let type = graph.values[output].type
            else { continue }
            if node.opType == "BatchNormalization" {
                guard let program = batchNormalization(&node, in: &graph, options) else { continue }
                node.fused = .program(program)
            } else if let program = lowerings[index].program {
                node.fused = .program(program)
                node.inputs = Array(node.inputs.prefix(lowerings[index].programInputs))
            } else {
                continue
            }
            node.opType = FusedOperators.elementwise
            node.attributes = [
                FusedOperators.elementTypeKey: .int(Int64(type.elementType.rawValue))
            ]
            graph.nodes[index] = node
        }
    }

    /// y = scale x + shift with one pair per channel.
    private static func batchNormalization(
        _ node: inout Graph.Node, in graph: inout Graph, _ options: NetworkOptions
    ) -> ElementwiseProgram? {
        guard let input = node.inputs.first ?? nil, let type = graph.values[input].type else {
            return nil
        }
        let operands = node.inputs.map { value in
            value.flatMap { value in
                graph.values[value].type.map {
                    Site.Operand(
                        name: "", type: $0, constant: graph.values[value].constant)
                }
            }
        }
        let site = Site(node: node, opset: graph.opset, operands: operands, options: options)
        guard let (scale, shift) = try? NormalizationOperators.scaleAndShift(site) else {
            return nil
        }
        let shape = [scale.count] + [Int](repeating: 1, count: type.shape.count - 2)
        node.inputs = [
            input, graph.addConstant(node.name + ".scale", Tensor(shape: shape, floats: scale)),
            graph.addConstant(node.name + ".shift", Tensor(shape: shape, floats: shift)),
        ]
        return ElementwiseProgram(steps: [
            ElementwiseProgram.Step(
                operation: .scaleShift(scale: .input(1), shift: .input(2)), source: .input(0))
        ])
    }
}
