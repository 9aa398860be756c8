/// One node as the file lists it.
package struct OnnxNode: Sendable {
    /// The node's name, often empty.
    package private(set) var name = ""
    /// What it computes, such as "Conv".
    package private(set) var opType = ""
    /// Whose operator set it is from; empty for the standard's.
    package private(set) var domain = ""
    /// Names of the values it reads; empty where an optional one is left out.
    package private(set) var inputs: [String] = []
    /// Names of the values it writes; empty where an optional one is left out.
    package private(set) var outputs: [String] = []
    /// Fixed parameters by name.
    package private(set) var attributes: [String: OnnxAttribute] = [:]

    init(_ message: WireReader) throws(OnnxError) {
        var reader = message
        while let field = try reader.nextField() {
            switch field.number {
            case 1 where field.wire == .lengthDelimited: inputs.append(try reader.string())
            case 2 where field.wire == .lengthDelimited: outputs.append(try reader.string())
            case 3 where field.wire == .lengthDelimited: name = try reader.string()
            case 4 where field.wire == .lengthDelimited: opType = try reader.string()
            case 5 where field.wire == .lengthDelimited:
                let (key, value) = try OnnxAttribute.read(try reader.message())
                attributes[key] = value
            case 7 where field.wire == .lengthDelimited: domain = try reader.string()
            default: try reader.skip(field)
            }
        }
    }
}

/// A fixed parameter of a node.
package enum OnnxAttribute: Sendable {
    case float(Float)
    case int(Int64)
    case string(String)
    case tensor(Tensor)
    case graph(OnnxGraph)
    case floats([Float])
    case ints([Int64])
    case strings([String])
    /// Of a kind that no operator here takes: the number of ONNX's `AttributeType`.
    case other(Int64)

    /// AttributeProto: name 1, f 2, i 3, s 4, t 5, g 6, floats 7, ints 8, strings 9, type 20.
    static func read(_ message: WireReader) throws(OnnxError) -> (String, OnnxAttribute) {
        var reader = message
        var name = ""
        var type: Int64 = 0
        var float: Float = 0
        var int: Int64 = 0
        var string = ""
        var tensor: TensorProto?
        var graph: OnnxGraph?
        var floats: [UInt32] = []
        var ints: [Int64] = []
        var strings: [String] = []
        while let field = try reader.nextField() {
            switch field.number {
            case 1 where field.wire == .lengthDelimited: name = try reader.string()
            case 2 where field.wire == .fixed32: float = Float(bitPattern: try reader.fixed32())
            case 3 where field.wire == .varint: int = try reader.int64()
            case 4 where field.wire == .lengthDelimited: string = try reader.string()
            case 5 where field.wire == .lengthDelimited:
                tensor = try TensorProto(try reader.message())
            case 6 where field.wire == .lengthDelimited:
                graph = try OnnxGraph(try reader.message())
            case 7: try reader.words32(field, into: &floats)
            case 8: try reader.integers(field, into: &ints)
            case 9 where field.wire == .lengthDelimited: strings.append(try reader.string())
            case 20 where field.wire == .varint: type = try reader.int64()
            default: try reader.skip(field)
            }
        }
        switch type {
        case 1: return (name, .float(float))
        case 2: return (name, .int(int))
        case 3: return (name, .string(string))
        case 4:
            guard let tensor else {
                throw OnnxError(.malformed, offset: reader.position, subject: name)
            }
            return (name, .tensor(try tensor.tensor()))
        case 5:
            guard let graph else {
                throw OnnxError(.malformed, offset: reader.position, subject: name)
            }
            return (name, .graph(graph))
        case 6: return (name, .floats(floats.map { Float(bitPattern: $0) }))
        case 7: return (name, .ints(ints))
        case 8: return (name, .strings(strings))
        default: return (name, .other(type))
        }
    }
}
