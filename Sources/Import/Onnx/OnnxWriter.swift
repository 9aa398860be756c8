/// Builds a net node by node and gives the bytes of its .onnx file.
///
/// Fields are numbered as in ONNX's `onnx.proto`; the file is of operator set 17.
struct OnnxWriter {
    /// A fixed parameter of a node.
    enum Attribute {
        case int(Int)
        case ints([Int])
        case float(Float)
    }

    private let name: String
    private var nodes: [UInt8] = []
    private var initializers: [UInt8] = []
    private var inputs: [UInt8] = []
    private var outputs: [UInt8] = []
    private var count = 0

    /// A net without nodes.
    init(name: String) { self.name = name }

    /// Declares an input of floats and gives its name.
    mutating func input(_ name: String, shape: [Int]) -> String {
        inputs += Wire.message(11, Self.value(name, shape))
        return name
    }

    /// Declares an output of floats.
    mutating func output(_ name: String, shape: [Int]) {
        outputs += Wire.message(12, Self.value(name, shape))
    }

    /// Adds a constant and gives its name.
    ///
    /// - Precondition: `shape` multiplies to the number of values.
    mutating func constant(_ name: String, shape: [Int], _ values: [Float]) -> String {
        precondition(shape.reduce(1, *) == values.count)
        let raw = unsafe values.map { $0.bitPattern.littleEndian }.withUnsafeBytes {
            unsafe Array($0)
        }
        let dimensions = shape.flatMap { Wire.number(1, $0) }
        let head = dimensions + Wire.number(2, 1) + Wire.text(8, name)
        let rawHead = Wire.head(9, raw.count)
        initializers += Wire.head(5, head.count + rawHead.count + raw.count)
        initializers += head
        initializers += rawHead
        initializers += raw
        return name
    }

    /// Adds a node of one output and gives the output's name.
    mutating func node(
        _ opType: String, _ inputs: [String], _ attributes: [(String, Attribute)] = [],
        output: String? = nil
    ) -> String {
        count += 1
        let name = "\(opType)_\(count)"
        let output = output ?? name + "_out"
        var bytes = inputs.flatMap { Wire.text(1, $0) }
        bytes += Wire.text(2, output) + Wire.text(3, name) + Wire.text(4, opType)
        for (key, value) in attributes {
            bytes += Wire.message(5, Wire.text(1, key) + Self.attribute(value))
        }
        nodes += Wire.message(1, bytes)
        return output
    }

    /// The whole file.
    var bytes: [UInt8] {
        let name = Wire.text(2, self.name)
        let size =
            nodes.count + name.count + initializers.count + inputs.count + outputs.count
        var bytes = Wire.number(1, 8) + Wire.text(2, "unbraid")
        bytes.reserveCapacity(size + 64)
        bytes += Wire.head(7, size)
        bytes += nodes
        bytes += name
        bytes += initializers
        bytes += inputs
        bytes += outputs
        return bytes + Wire.message(8, Wire.number(2, 17))
    }

    /// The value and the kind (AttributeProto.type) of an attribute.
    private static func attribute(_ value: Attribute) -> [UInt8] {
        switch value {
        case .float(let value): Wire.float(2, value) + Wire.number(20, 1)
        case .int(let value): Wire.number(3, value) + Wire.number(20, 2)
        case .ints(let values): values.flatMap { Wire.number(8, $0) } + Wire.number(20, 7)
        }
    }

    /// ValueInfoProto of a tensor of floats.
    private static func value(_ name: String, _ shape: [Int]) -> [UInt8] {
        let dimensions = shape.flatMap { Wire.message(1, Wire.number(1, $0)) }
        let tensor = Wire.number(1, 1) + Wire.message(2, dimensions)
        return Wire.text(1, name) + Wire.message(2, Wire.message(1, tensor))
    }
}

/// Fields in the wire format of protocol buffers.
private enum Wire {
    static func varint(_ value: Int) -> [UInt8] {
        var rest = UInt64(bitPattern: Int64(value))
        var bytes: [UInt8] = []
        while rest > 127 {
            bytes.append(UInt8(rest & 127) | 128)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    static func number(_ field: Int, _ value: Int) -> [UInt8] {
        varint(field << 3) + varint(value)
    }

    static func float(_ field: Int, _ value: Float) -> [UInt8] {
        let bits = value.bitPattern
        return varint(field << 3 | 5) + (0..<4).map { UInt8(bits >> (8 * $0) & 255) }
    }

    /// What comes before a length-delimited value.
    static func head(_ field: Int, _ count: Int) -> [UInt8] {
        varint(field << 3 | 2) + varint(count)
    }

    static func message(_ field: Int, _ bytes: [UInt8]) -> [UInt8] {
        head(field, bytes.count) + bytes
    }

    static func text(_ field: Int, _ text: String) -> [UInt8] { message(field, Array(text.utf8)) }
}
