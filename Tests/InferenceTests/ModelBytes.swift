import Inference

/// Writes ONNX models byte by byte, right ones and wrong ones, without the engine's own code.
struct ModelBytes {
    /// An attribute's value.
    enum Attribute {
        case int(Int)
        case ints([Int])
        case float(Float)
        case string(String)
        case tensor([UInt8])
    }

    var opset = 17
    private var graph: [UInt8] = []

    init(opset: Int = 17) { self.opset = opset }

    var bytes: [UInt8] {
        Self.field(1, 8) + Self.field(7, graph) + Self.field(8, Self.field(2, opset))
    }

    /// The model as the engine reads it.
    func model() throws -> OnnxModel { try OnnxModel(bytes: bytes) }

    mutating func node(
        _ op: String, _ inputs: [String], _ outputs: [String], name: String = "",
        _ attributes: [String: Attribute] = [:]
    ) {
        var node: [UInt8] = []
        for input in inputs { node += Self.field(1, Array(input.utf8)) }
        for output in outputs { node += Self.field(2, Array(output.utf8)) }
        node += Self.field(3, Array(name.utf8)) + Self.field(4, Array(op.utf8))
        for (key, value) in attributes.sorted(by: { $0.key < $1.key }) {
            node += Self.field(5, Self.attribute(key, value))
        }
        graph += Self.field(1, node)
    }

    /// An input; a nil dimension is open.
    mutating func input(_ name: String, _ shape: [Int?], elementType: Int = 1) {
        graph += Self.field(11, Self.port(name, shape, elementType))
    }

    mutating func output(_ name: String) {
        graph += Self.field(12, Self.port(name, [], 1))
    }

    mutating func weight(_ name: String, _ shape: [Int], _ values: [Float]) {
        graph += Self.field(5, Self.tensor(name, shape, values))
    }

    mutating func weight(_ name: String, _ values: [Int]) {
        let packed = values.flatMap { Self.varint(UInt64(bitPattern: Int64($0))) }
        graph += Self.field(
            5,
            Self.field(1, values.count) + Self.field(2, 7) + Self.field(7, packed)
                + Self.field(8, Array(name.utf8)))
    }

    /// A tensor with any field, for wrong ones.
    mutating func rawTensor(_ fields: [UInt8]) { graph += Self.field(5, fields) }

    static func tensor(_ name: String, _ shape: [Int], _ values: [Float]) -> [UInt8] {
        let raw = values.flatMap { value in
            (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt32($0))) }
        }
        return shape.flatMap { field(1, $0) } + field(2, 1) + field(8, Array(name.utf8))
            + field(9, raw)
    }

    private static func attribute(_ name: String, _ value: Attribute) -> [UInt8] {
        let head = field(1, Array(name.utf8))
        switch value {
        case .float(let value):
            let bits = (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
            return head + [2 << 3 | 5] + bits + field(20, 1)
        case .int(let value): return head + field(3, value) + field(20, 2)
        case .string(let value): return head + field(4, Array(value.utf8)) + field(20, 3)
        case .tensor(let value): return head + field(5, value) + field(20, 4)
        case .ints(let values): return head + values.flatMap { field(8, $0) } + field(20, 7)
        }
    }

    private static func port(_ name: String, _ shape: [Int?], _ elementType: Int) -> [UInt8] {
        let dimensions = shape.flatMap { size in
            field(1, size.map { field(1, $0) } ?? field(2, Array("open".utf8)))
        }
        let tensor = field(1, elementType) + field(2, dimensions)
        return field(1, Array(name.utf8)) + field(2, field(1, tensor))
    }

    static func varint(_ value: UInt64) -> [UInt8] {
        var (rest, bytes) = (value, [UInt8]())
        repeat {
            bytes.append(UInt8(rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
            rest >>= 7
        } while rest > 0
        return bytes
    }

    static func field(_ number: Int, _ value: Int) -> [UInt8] {
        varint(UInt64(number << 3)) + varint(UInt64(bitPattern: Int64(value)))
    }

    static func field(_ number: Int, _ value: [UInt8]) -> [UInt8] {
        varint(UInt64(number << 3 | 2)) + varint(UInt64(value.count)) + value
    }
}

extension ModelBytes {
    /// A small net with one of most things: a convolution with batch norm, a pooling, a product, an
    /// upsampling, a join, a softmax.
    static func smallNet() -> ModelBytes {
        var model = ModelBytes()
        var state: UInt64 = 9
        func numbers(_ count: Int) -> [Float] {
            (0..<count).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return Float(state >> 40) / Float(1 << 24) - 0.5
            }
        }
        model.input("x", [1, 3, 16, 20])
        model.weight("w1", [8, 3, 3, 3], numbers(216))
        model.weight("b1", [8], numbers(8))
        model.node(
            "Conv", ["x", "w1", "b1"], ["c1"], name: "first", ["pads": .ints([1, 1, 1, 1])])
        for name in ["gamma", "beta", "mean"] { model.weight(name, [8], numbers(8)) }
        model.weight("variance", [8], numbers(8).map { $0 + 1 })
        model.node("BatchNormalization", ["c1", "gamma", "beta", "mean", "variance"], ["n1"])
        model.node("Relu", ["n1"], ["r1"])
        model.node(
            "MaxPool", ["r1"], ["p1"], ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])])
        model.weight("w2", [10, 10], numbers(100))
        model.node("MatMul", ["p1", "w2"], ["m1"])
        model.node("Add", ["m1", "p1"], ["a1"])
        model.weight("w3", [8, 4, 2, 2], numbers(128))
        model.node("ConvTranspose", ["a1", "w3"], ["u1"], ["strides": .ints([2, 2])])
        model.node("Concat", ["u1", "r1"], ["j1"], ["axis": .int(1)])
        model.weight("shape", [1, 4, 3, 16, 20])
        model.node("Reshape", ["j1", "shape"], ["s1"])
        model.node("Softmax", ["s1"], ["y"], ["axis": .int(1)])
        model.output("y")
        return model
    }

    /// Numbers for its input.
    static let smallInput = (0..<960).map { Float($0 % 37) / 7 - 2 }
}
