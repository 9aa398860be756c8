/// Walks through a graph in order, finds each value's type, and computes what is known already.
struct ShapeInference {
    private let options: NetworkOptions
    private let pool = WorkerPool(threads: 1)
    private var foldedBytes = 0

    init(options: NetworkOptions) {
        self.options = options
    }

    /// Fills in the types and constants of all values and drops the nodes that are computed now.
    ///
    /// - Returns: One lowering for each node that is left.
    mutating func run(_ graph: inout Graph) throws(GraphError) -> [Lowering] {
        var kept: [Graph.Node] = []
        var lowerings: [Lowering] = []
        // The next node is at the end: a conditional one is replaced by those of its branch.
        var waiting = Array(graph.nodes.reversed())
        while let node = waiting.popLast() {
            if node.opType == "If" {
                waiting += try BranchInlining.nodes(for: node, in: &graph).reversed()
                continue
            }
            do throws(GraphError) {
                guard let rule = OperatorTable.rules[node.opType] else {
                    throw GraphError(.unknownOperator)
                }
                let site = Site(
                    node: node, opset: graph.opset,
                    operands: try Self.operands(of: node, in: graph), options: options)
                let lowering = try rule(site)
                guard lowering.outputs.count >= node.outputs.count else {
                    throw GraphError(.unsupported, detail: "\(node.outputs.count) outputs")
                }
                for (output, type) in zip(node.outputs, lowering.outputs) {
                    let type = try options.checked(type)
                    if let output { graph.values[output].type = type }
                }
                if try fold(node, site, lowering, &graph) { continue }
                kept.append(node)
                lowerings.append(lowering)
            } catch {
                throw error.at(node)
            }
        }
        graph.nodes = kept
        return lowerings
    }

    private static func operands(
        of node: Graph.Node, in graph: Graph
    ) throws(GraphError) -> [Site.Operand?] {
        var operands: [Site.Operand?] = []
        for input in node.inputs {
            guard let input else {
                operands.append(nil)
                continue
            }
            let value = graph.values[input]
            guard let type = value.type else {
                throw GraphError(.undefinedValue, value: value.name)
            }
            operands.append(
                Site.Operand(name: value.name, type: type, constant: value.constant))
        }
        return operands
    }

    /// Computes a node whose inputs are all known.
    private mutating func fold(
        _ node: Graph.Node, _ site: Site, _ lowering: Lowering, _ graph: inout Graph
    ) throws(GraphError) -> Bool {
        if let known = lowering.known {
            for (output, tensor) in zip(node.outputs, known) {
                if let output { graph.values[output].constant = tensor }
            }
            return true
        }
        let known = site.operands.allSatisfy { $0 == nil || $0?.constant != nil }
        guard known else { return false }
        for (output, type) in zip(node.outputs, lowering.outputs) where output != nil {
            foldedBytes += type.storedBytes
        }
        guard foldedBytes <= options.maximumMemoryBytes else { throw GraphError(.tooLarge) }
        let results = try Evaluation.results(
            of: lowering, inputs: site.operands.map { $0?.constant },
            outputCount: node.outputs.count, options: options, pool: pool)
        for (output, tensor) in zip(node.outputs, results) {
            if let output { graph.values[output].constant = tensor }
        }
        return true
    }
}
