/// A graph as the file lists it: nodes, weights, inputs and outputs by name.
package struct OnnxGraph: Sendable {
    /// A declared input or output.
    package struct ValueInfo: Sendable {
        /// A dimension as declared.
        package enum Dimension: Sendable, Equatable {
            /// A fixed size.
            case size(Int)
            /// A size known only when inputs are there, with the name the file gives it.
            case symbol(String)
        }

        /// The value's name.
        package var name = ""
        /// ONNX's number of the element type; 0 where the value is no tensor.
        package var elementType = 0
        /// The dimensions, nil where none are declared.
        package var shape: [Dimension]?
    }

    /// Name of the graph, for messages.
    package private(set) var name = ""
    /// The nodes in the file's order.
    package private(set) var nodes: [OnnxNode] = []
    /// Weights and other constants by name, in the file's order.
    package private(set) var initializers: [(name: String, tensor: Tensor)] = []
    /// Inputs, among them possibly names of initializers.
    package private(set) var inputs: [ValueInfo] = []
    /// Outputs.
    package private(set) var outputs: [ValueInfo] = []

    init(_ message: WireReader) throws(OnnxError) {
        var reader = message
        while let field = try reader.nextField() {
            switch field.number {
            case 1 where field.wire == .lengthDelimited:
                nodes.append(try OnnxNode(try reader.message()))
            case 2 where field.wire == .lengthDelimited: name = try reader.string()
            case 5 where field.wire == .lengthDelimited:
                let tensor = try TensorProto(try reader.message())
                initializers.append((tensor.name, try tensor.tensor()))
            case 11 where field.wire == .lengthDelimited:
                inputs.append(try ValueInfo(try reader.message()))
            case 12 where field.wire == .lengthDelimited:
                outputs.append(try ValueInfo(try reader.message()))
            case 15 where field.wire == .lengthDelimited:
                throw OnnxError(
                    .unsupportedElementType, offset: reader.position, subject: name,
                    detail: "sparse tensor")
            default: try reader.skip(field)
            }
        }
    }
}

extension OnnxGraph.ValueInfo {
    /// ValueInfoProto: name 1, type 2; TypeProto: tensor_type 1.
    init(_ message: WireReader) throws(OnnxError) {
        var reader = message
        while let field = try reader.nextField() {
            switch field.number {
            case 1 where field.wire == .lengthDelimited: name = try reader.string()
            case 2 where field.wire == .lengthDelimited:
                var type = try reader.message()
                while let kind = try type.nextField() {
                    guard kind.number == 1, kind.wire == .lengthDelimited else {
                        try type.skip(kind)
                        continue
                    }
                    try readTensorType(try type.message())
                }
            default: try reader.skip(field)
            }
        }
    }

    /// TypeProto.Tensor: elem_type 1, shape 2.
    private mutating func readTensorType(_ message: WireReader) throws(OnnxError) {
        var reader = message
        while let field = try reader.nextField() {
            switch field.number {
            case 1 where field.wire == .varint: elementType = Int(clamping: try reader.int64())
            case 2 where field.wire == .lengthDelimited:
                var dimensions: [Dimension] = []
                var list = try reader.message()
                while let entry = try list.nextField() {
                    guard entry.number == 1, entry.wire == .lengthDelimited else {
                        try list.skip(entry)
                        continue
                    }
                    dimensions.append(try Self.dimension(try list.message()))
                }
                shape = dimensions
            default: try reader.skip(field)
            }
        }
    }

    /// TensorShapeProto.Dimension: dim_value 1, dim_param 2.
    private static func dimension(_ message: WireReader) throws(OnnxError) -> Dimension {
        var reader = message
        var result = Dimension.symbol("")
        while let field = try reader.nextField() {
            switch field.number {
            case 1 where field.wire == .varint:
                let size = try reader.int64()
                guard size >= 0, size <= Int64(Int32.max) else {
                    // Exporters write -1 for a size they do not know.
                    if size == -1 { continue }
                    throw OnnxError(
                        .malformed, offset: reader.position, detail: "dimension \(size)")
                }
                result = .size(Int(size))
            case 2 where field.wire == .lengthDelimited: result = .symbol(try reader.string())
            default: try reader.skip(field)
            }
        }
        return result
    }
}
