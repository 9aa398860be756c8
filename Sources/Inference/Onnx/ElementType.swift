/// The type of a tensor's elements, numbered as in ONNX (`TensorProto.DataType`).
///
/// The engine keeps numbers in two ways only: `float` and the other floating-point types as 32-bit
/// float, whole numbers and truth values as 64-bit integers. The element type says what a value
/// stands for, and integers are wrapped to its width after arithmetic.
package enum ElementType: Int, Sendable {
    case float = 1
    case uint8 = 2
    case int8 = 3
    case uint16 = 4
    case int16 = 5
    case int32 = 6
    case int64 = 7
    case bool = 9
    case float16 = 10
    case double = 11
    case uint32 = 12
    case uint64 = 13
    case bfloat16 = 16

    /// Whether elements are kept as 32-bit floats.
    package var isFloat: Bool {
        switch self {
        case .float, .float16, .double, .bfloat16: true
        default: false
        }
    }

    /// Bytes of one element in the engine's own memory.
    var storedBytes: Int { isFloat ? 4 : 8 }

    /// Bytes of one element in a tensor's raw data.
    var rawBytes: Int {
        switch self {
        case .bool, .int8, .uint8: 1
        case .int16, .uint16, .float16, .bfloat16: 2
        case .float, .int32, .uint32: 4
        case .double, .int64, .uint64: 8
        }
    }

    /// A whole number reduced to the range of this type, as two's complement arithmetic does.
    func wrap(_ value: Int64) -> Int64 {
        switch self {
        case .bool: value == 0 ? 0 : 1
        case .int8: Int64(Int8(truncatingIfNeeded: value))
        case .uint8: Int64(UInt8(truncatingIfNeeded: value))
        case .int16: Int64(Int16(truncatingIfNeeded: value))
        case .uint16: Int64(UInt16(truncatingIfNeeded: value))
        case .int32: Int64(Int32(truncatingIfNeeded: value))
        case .uint32: Int64(UInt32(truncatingIfNeeded: value))
        default: value
        }
    }

    /// A float rounded to what this type can hold.
    func round(_ value: Float) -> Float {
        switch self {
        case .float16: Float(Float16(value))
        case .bfloat16: Self.bfloat16Rounded(value)
        default: value
        }
    }

    private static func bfloat16Rounded(_ value: Float) -> Float {
        guard !value.isNaN else { return value }
        let bits = value.bitPattern
        let rounded = bits &+ 0x7fff &+ (bits >> 16 & 1)
        return Float(bitPattern: rounded & 0xffff_0000)
    }
}
