/// Operators that no file has: what passes make of others.
enum FusedOperators {
    /// A node that runs the elementwise program attached to it.
    static let elementwise = "unbraid.Elementwise"
    /// The attribute that keeps the element type of such a node's output.
    static let elementTypeKey = "element_type"

    static let rules: [String: OperatorRule] = [
        elementwise: { site throws(GraphError) in
            guard case .program(let program)? = site.node.fused else {
                throw site.error(.unknownOperator)
            }
            var types: [TensorType] = []
            for index in site.operands.indices { types.append(try site.float(index).type) }
            let elementType = ElementType(rawValue: try site.int(elementTypeKey, default: 1))
            guard let lowering = Lowering.elementwise(program, types, as: elementType) else {
                throw site.error(.shapeMismatch, "\(types.map(\.shape))")
            }
            return lowering
        }
    ]
}
