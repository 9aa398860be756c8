/// A computation as nodes over numbered values, in an order in which it can run.
struct Graph {
    /// Index of a value in `values`.
    typealias ValueID = Int

    /// Something that is computed, given or known.
    struct Value {
        var name: String
        /// Known after shape inference.
        var type: TensorType?
        /// The numbers, where they are known before the run.
        var constant: Tensor?
    }

    /// One operation.
    struct Node {
        var name: String
        var opType: String
        var attributes: [String: OnnxAttribute]
        /// Values read; nil where an optional one is left out.
        var inputs: [ValueID?]
        /// Values written; nil where one is not asked for.
        var outputs: [ValueID?]
        /// What passes have attached: arithmetic that happens while results are in the cache.
        var fused: Fusion?
    }

    /// Version of the operator set that the nodes follow.
    let opset: Int
    var nodes: [Node] = []
    var values: [Value] = []
    var inputs: [ValueID] = []
    var outputs: [ValueID] = []

    init(opset: Int) {
        self.opset = opset
    }

    /// Adds a value and returns its number.
    mutating func addValue(_ name: String, type: TensorType? = nil, constant: Tensor? = nil)
        -> ValueID
    {
        values.append(Value(name: name, type: type, constant: constant))
        return values.count - 1
    }

    /// Adds a known value.
    mutating func addConstant(_ name: String, _ tensor: Tensor) -> ValueID {
        addValue(
            name, type: TensorType(tensor.shape, tensor.elementType), constant: tensor)
    }

    /// For each value the nodes that read it, in order; a node that reads it twice is there twice.
    func readers() -> [[Int]] {
        var readers = [[Int]](repeating: [], count: values.count)
        for (index, node) in nodes.enumerated() {
            for case let input? in node.inputs { readers[input].append(index) }
        }
        return readers
    }

    /// For each value the node that writes it.
    func writers() -> [Int?] {
        var writers = [Int?](repeating: nil, count: values.count)
        for (index, node) in nodes.enumerated() {
            for case let output? in node.outputs { writers[output] = index }
        }
        return writers
    }
}
