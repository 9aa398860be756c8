/// A node as an operator's definition sees it: attributes, and what is known of the inputs.
struct Site {
    /// An input: its type, and its numbers where they are known before the run.
    struct Operand {
        let name: String
        let type: TensorType
        let constant: Tensor?

        var shape: [Int] { type.shape }
        var rank: Int { type.shape.count }
        var isFloat: Bool { type.elementType.isFloat }
    }

    let node: Graph.Node
    let opset: Int
    let operands: [Operand?]
    let options: NetworkOptions

    /// Number of outputs the node lists, left-out ones included.
    var outputCount: Int { node.outputs.count }

    /// An error about this node.
    func error(_ code: GraphError.Code, _ detail: String = "") -> GraphError {
        GraphError(code, detail: detail).at(node)
    }

    /// The operand at an index, nil where it is left out.
    func optional(_ index: Int) -> Operand? {
        index < operands.count ? operands[index] : nil
    }

    /// The operand at an index.
    func operand(_ index: Int) throws(GraphError) -> Operand {
        guard let operand = optional(index) else { throw error(.missing, "input \(index)") }
        return operand
    }

    /// The operand at an index, which must hold floats.
    func float(_ index: Int) throws(GraphError) -> Operand {
        let operand = try operand(index)
        guard operand.isFloat else { throw error(.typeMismatch, "input \(index)") }
        return operand
    }

    /// The numbers of an operand that have to be known before the run; nil where it is left out.
    func constant(_ index: Int) throws(GraphError) -> Tensor? {
        guard let operand = optional(index) else { return nil }
        guard let tensor = operand.constant else {
            throw GraphError(.notConstant, value: operand.name).at(node)
        }
        return tensor
    }

    /// Whole numbers that have to be known before the run; nil where they are left out.
    func constantInts(_ index: Int) throws(GraphError) -> [Int]? {
        guard let tensor = try constant(index) else { return nil }
        guard let values = tensor.integers else { throw error(.typeMismatch, "input \(index)") }
        return values.map { Int($0) }
    }

    /// One float that has to be known before the run; nil where it is left out.
    func constantFloat(_ index: Int) throws(GraphError) -> Float? {
        guard let tensor = try constant(index) else { return nil }
        switch tensor.storage {
        case .floats(let values) where values.count == 1: return values[0]
        case .integers(let values) where values.count == 1: return Float(values[0])
        default: throw error(.shapeMismatch, "input \(index)")
        }
    }

    /// A whole number attribute, nil where it is missing.
    func optionalInt(_ name: String) throws(GraphError) -> Int? {
        switch node.attributes[name] {
        case nil: return nil
        case .int(let value): return Int(value)
        default: throw error(.invalidAttribute, name)
        }
    }

    /// A whole number attribute.
    func int(_ name: String, default fallback: Int) throws(GraphError) -> Int {
        try optionalInt(name) ?? fallback
    }

    /// An attribute that is 0 or 1.
    func flag(_ name: String, default fallback: Bool = false) throws(GraphError) -> Bool {
        try int(name, default: fallback ? 1 : 0) != 0
    }

    /// A list of whole numbers, nil where it is missing.
    func ints(_ name: String) throws(GraphError) -> [Int]? {
        switch node.attributes[name] {
        case nil: return nil
        case .ints(let values): return values.map { Int($0) }
        default: throw error(.invalidAttribute, name)
        }
    }

    /// A float attribute.
    func float(_ name: String, default fallback: Float) throws(GraphError) -> Float {
        switch node.attributes[name] {
        case nil: return fallback
        case .float(let value): return value
        default: throw error(.invalidAttribute, name)
        }
    }

    /// A list of floats, nil where it is missing.
    func floats(_ name: String) throws(GraphError) -> [Float]? {
        switch node.attributes[name] {
        case nil: return nil
        case .floats(let values): return values
        default: throw error(.invalidAttribute, name)
        }
    }

    /// A text attribute.
    func string(_ name: String, default fallback: String) throws(GraphError) -> String {
        switch node.attributes[name] {
        case nil: return fallback
        case .string(let value): return value
        default: throw error(.invalidAttribute, name)
        }
    }

    /// A list of texts, nil where it is missing.
    func strings(_ name: String) throws(GraphError) -> [String]? {
        switch node.attributes[name] {
        case nil: return nil
        case .strings(let values): return values
        default: throw error(.invalidAttribute, name)
        }
    }

    /// An axis counted from the start, given one that may be counted from the end.
    func axis(_ axis: Int, rank: Int) throws(GraphError) -> Int {
        guard axis >= -rank, axis < rank else {
            throw error(.invalidAttribute, "axis \(axis) of \(rank)")
        }
        return axis < 0 ? axis + rank : axis
    }

    /// Distinct axes counted from the start, in ascending order.
    func axes(_ axes: [Int], rank: Int) throws(GraphError) -> [Int] {
        var result: [Int] = []
        for entry in axes {
            let axis = try axis(entry, rank: rank)
            guard !result.contains(axis) else {
                throw error(.invalidAttribute, "axis \(entry) twice")
            }
            result.append(axis)
        }
        return result.sorted()
    }
}
