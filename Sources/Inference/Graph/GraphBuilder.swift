/// Turns a graph of names into one of numbers and puts its nodes in order.
struct GraphBuilder {
    private var graph: Graph
    private var scope: [String: Graph.ValueID] = [:]
    private let options: NetworkOptions

    /// Builds a graph with fixed input shapes.
    ///
    /// - Parameters:
    ///   - shapes: Shapes of inputs by name; needed where the model leaves a dimension open.
    ///   - constants: Inputs whose numbers are known already; they stop being inputs.
    static func graph(
        from model: OnnxModel, shapes: [String: [Int]], constants: [String: Tensor],
        options: NetworkOptions
    ) throws(GraphError) -> Graph {
        var builder = GraphBuilder(graph: Graph(opset: model.opset), options: options)
        try builder.addInputs(of: model.graph, shapes: shapes, constants: constants)
        try builder.addNodes(of: model.graph)
        try builder.addOutputs(of: model.graph)
        return builder.graph
    }

    private init(graph: Graph, options: NetworkOptions) {
        self.graph = graph
        self.options = options
    }

    private mutating func define(_ name: String, _ id: Graph.ValueID) throws(GraphError) {
        guard scope.updateValue(id, forKey: name) == nil else {
            throw GraphError(.duplicateName, value: name)
        }
    }

    private mutating func addInputs(
        of source: OnnxGraph, shapes: [String: [Int]], constants: [String: Tensor]
    ) throws(GraphError) {
        for (name, tensor) in source.initializers {
            try define(name, graph.addConstant(name, tensor))
        }
        let weights = Set(source.initializers.map(\.name))
        for info in source.inputs where !weights.contains(info.name) {
            if let tensor = constants[info.name] {
                try define(info.name, graph.addConstant(info.name, tensor))
                continue
            }
            let type = try Self.type(of: info, given: shapes[info.name])
            let checked = try options.checked(type, named: info.name)
            let id = graph.addValue(info.name, type: checked)
            try define(info.name, id)
            graph.inputs.append(id)
        }
        let known = Set(source.inputs.map(\.name))
        for name in shapes.keys.sorted() + constants.keys.sorted() where !known.contains(name) {
            throw GraphError(.wrongInput, value: name)
        }
    }

    private static func type(
        of info: OnnxGraph.ValueInfo, given: [Int]?
    ) throws(GraphError) -> TensorType {
        guard let elementType = ElementType(rawValue: info.elementType) else {
            throw GraphError(
                .typeMismatch, value: info.name, detail: "element type \(info.elementType)")
        }
        guard let declared = info.shape else {
            guard let given else { throw GraphError(.openDimension, value: info.name) }
            return TensorType(given, elementType)
        }
        if let given {
            let fits =
                given.count == declared.count
                && zip(given, declared).allSatisfy { size, dimension in
                    if case .size(let fixed) = dimension { fixed == size } else { size >= 0 }
                }
            guard fits else {
                throw GraphError(.wrongInput, value: info.name, detail: "shape \(given)")
            }
            return TensorType(given, elementType)
        }
        var shape: [Int] = []
        for dimension in declared {
            switch dimension {
            case .size(let size): shape.append(size)
            case .symbol(let symbol):
                throw GraphError(.openDimension, value: info.name, detail: symbol)
            }
        }
        return TensorType(shape, elementType)
    }

    /// Adds the nodes so that each comes after those whose results it reads.
    private mutating func addNodes(of source: OnnxGraph) throws(GraphError) {
        var nodes: [Graph.Node] = []
        for node in source.nodes {
            var outputs: [Graph.ValueID?] = []
            for name in node.outputs {
                guard !name.isEmpty else {
                    outputs.append(nil)
                    continue
                }
                let id = graph.addValue(name)
                try define(name, id)
                outputs.append(id)
            }
            nodes.append(Self.node(node, outputs: outputs))
        }
        for index in nodes.indices {
            for name in source.nodes[index].inputs {
                guard !name.isEmpty else {
                    nodes[index].inputs.append(nil)
                    continue
                }
                guard let id = scope[name] else {
                    throw GraphError(.undefinedValue, value: name).at(nodes[index])
                }
                nodes[index].inputs.append(id)
            }
        }
        graph.nodes = try Self.sorted(nodes, valueCount: graph.values.count)
    }

    /// A node of the file with its outputs numbered and its inputs still open.
    static func node(_ source: OnnxNode, outputs: [Graph.ValueID?]) -> Graph.Node {
        let firstOutput = source.outputs.first { !$0.isEmpty } ?? ""
        let isStandard = source.domain.isEmpty || source.domain == "ai.onnx"
        return Graph.Node(
            name: source.name.isEmpty ? firstOutput : source.name,
            opType: isStandard ? source.opType : "\(source.domain).\(source.opType)",
            attributes: source.attributes, inputs: [], outputs: outputs)
    }

    /// The nodes with each after those it depends on, in the file's order wherever that is possible.
    static func sorted(
        _ nodes: [Graph.Node], valueCount: Int
    ) throws(GraphError) -> [Graph.Node] {
        var writer = [Int?](repeating: nil, count: valueCount)
        for (index, node) in nodes.enumerated() {
            for case let output? in node.outputs { writer[output] = index }
        }
        enum Mark { case new, open, done }
        var marks = [Mark](repeating: .new, count: nodes.count)
        var result: [Graph.Node] = []
        // Depth first with a stack of our own: a chain may be longer than the thread's stack.
        var stack: [(node: Int, nextInput: Int)] = []
        for start in nodes.indices where marks[start] == .new {
            stack.append((start, 0))
            marks[start] = .open
            while let (node, nextInput) = stack.last {
                guard nextInput < nodes[node].inputs.count else {
                    stack.removeLast()
                    marks[node] = .done
                    result.append(nodes[node])
                    continue
                }
                stack[stack.count - 1].nextInput += 1
                guard let input = nodes[node].inputs[nextInput], let source = writer[input] else {
                    continue
                }
                switch marks[source] {
                case .new:
                    marks[source] = .open
                    stack.append((source, 0))
                case .open: throw GraphError(.cycle).at(nodes[node])
                case .done: break
                }
            }
        }
        return result
    }

    private mutating func addOutputs(of source: OnnxGraph) throws(GraphError) {
        for info in source.outputs {
            guard let id = scope[info.name] else {
                throw GraphError(.undefinedValue, value: info.name)
            }
            graph.outputs.append(id)
        }
    }
}
