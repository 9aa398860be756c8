/// A graph under rewriting: who reads and writes each value, and which nodes have gone.
///
/// Nodes keep their index until `finish()`; a node that takes over another one's work stands where
/// the later of the two stood, so that all it reads has been computed.
struct GraphRewriter {
    private(set) var graph: Graph
    private var readerCounts: [Int]
    private var writers: [Int?]
    private var isGone: [Bool]
    private let outputs: Set<Graph.ValueID>

    init(_ graph: Graph) {
        self.graph = graph
        readerCounts = graph.readers().map(\.count)
        writers = graph.writers()
        isGone = graph.nodes.map { _ in false }
        outputs = Set(graph.outputs)
    }

    /// Indices of the nodes, those that have gone included.
    var indices: Range<Int> { graph.nodes.indices }

    /// Whether a node has been removed.
    func hasGone(_ node: Int) -> Bool { isGone[node] }

    subscript(_ node: Int) -> Graph.Node { graph.nodes[node] }

    /// The type of a value.
    func type(_ value: Graph.ValueID) -> TensorType? { graph.values[value].type }

    /// The floats of a known value.
    func floats(_ value: Graph.ValueID?) -> [Float]? {
        value.flatMap { graph.values[$0].constant?.floats }
    }

    /// The node that writes a value, where one does.
    func producer(_ value: Graph.ValueID?) -> Int? {
        guard let value, let node = writers[value], !isGone[node] else { return nil }
        return node
    }

    /// The node that writes a value which a single node input reads and which is no output.
    func soleProducer(_ value: Graph.ValueID?) -> Int? {
        guard let value, readerCounts[value] == 1, !outputs.contains(value) else { return nil }
        return producer(value)
    }

    /// Whether a value is an output of the graph.
    func isOutput(_ value: Graph.ValueID) -> Bool { outputs.contains(value) }

    /// Adds a known value.
    mutating func addConstant(_ tensor: Tensor, like name: String) -> Graph.ValueID {
        let id = graph.addConstant(name, tensor)
        readerCounts.append(0)
        writers.append(nil)
        return id
    }

    /// Adds a value that a node is going to write.
    mutating func addValue(_ name: String, type: TensorType) -> Graph.ValueID {
        let id = graph.addValue(name, type: type)
        readerCounts.append(0)
        writers.append(nil)
        return id
    }

    /// A node as its operator's definition sees it.
    func site(_ node: Int) -> Site {
        let operands = graph.nodes[node].inputs.map { value in
            value.flatMap { value in
                graph.values[value].type.map {
                    Site.Operand(name: "", type: $0, constant: graph.values[value].constant)
                }
            }
        }
        return Site(
            node: graph.nodes[node], opset: graph.opset, operands: operands,
            options: NetworkOptions())
    }

    /// Puts another node in a node's place.
    mutating func replace(_ index: Int, with node: Graph.Node) {
        for case let input? in graph.nodes[index].inputs { readerCounts[input] -= 1 }
        for case let output? in graph.nodes[index].outputs { writers[output] = nil }
        graph.nodes[index] = node
        for case let input? in node.inputs { readerCounts[input] += 1 }
        for case let output? in node.outputs { writers[output] = index }
    }

    /// Removes a node.
    mutating func remove(_ index: Int) {
        guard !isGone[index] else { return }
        for case let input? in graph.nodes[index].inputs { readerCounts[input] -= 1 }
        for case let output? in graph.nodes[index].outputs where writers[output] == index {
            writers[output] = nil
        }
        isGone[index] = true
    }

    /// Lets node `producer` do node `consumer`'s work too: it stands in the consumer's place and
    /// writes the consumer's output.
    mutating func absorb(_ consumer: Int, into producer: Int, as node: Graph.Node) {
        var merged = node
        merged.outputs = graph.nodes[consumer].outputs
        remove(producer)
        replace(consumer, with: merged)
    }

    /// Lets all readers of a value read another one instead.
    mutating func forward(_ value: Graph.ValueID, to other: Graph.ValueID) {
        for index in graph.nodes.indices where !isGone[index] {
            for position in graph.nodes[index].inputs.indices
            where graph.nodes[index].inputs[position] == value {
                graph.nodes[index].inputs[position] = other
                readerCounts[value] -= 1
                readerCounts[other] += 1
            }
        }
    }

    /// How many node inputs read a value.
    func readers(_ value: Graph.ValueID) -> Int { readerCounts[value] }

    /// The graph without the nodes that have gone.
    func finish() -> Graph {
        var result = graph
        result.nodes = graph.nodes.indices.filter { !isGone[$0] }.map { graph.nodes[$0] }
        return result
    }
}
