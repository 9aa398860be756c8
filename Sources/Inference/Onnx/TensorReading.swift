extension Tensor {
    /// Reads an ONNX `TensorProto`, such as a `.pb` file of a test case.
    ///
    /// - Throws: `OnnxError` for bytes that are no such message.
    package init(protobuf bytes: [UInt8]) throws(OnnxError) {
        self = try TensorProto(WireReader(bytes)).tensor()
    }
}

/// The fields of an ONNX `TensorProto` as they were written.
struct TensorProto {
    private(set) var name = ""
    private var dimensions: [Int64] = []
    private var dataType: Int64 = 0
    private var words32: [UInt32] = []
    private var words64: [UInt64] = []
    private var int32Data: [Int64] = []
    private var int64Data: [Int64] = []
    private var uint64Data: [Int64] = []
    private var raw: Range<Int>?
    private var isExternal = false
    private let bytes: [UInt8]
    private let offset: Int

    init(_ source: WireReader) throws(OnnxError) {
        var reader = source
        bytes = source.bytes
        offset = source.position
        while let field = try reader.nextField() {
            switch field.number {
            case 1: try reader.integers(field, into: &dimensions)
            case 2 where field.wire == .varint: dataType = try reader.int64()
            case 4: try reader.words32(field, into: &words32)
            case 5: try reader.integers(field, into: &int32Data)
            case 7: try reader.integers(field, into: &int64Data)
            case 8 where field.wire == .lengthDelimited: name = try reader.string()
            case 9 where field.wire == .lengthDelimited: raw = try reader.block()
            case 10: try reader.words64(field, into: &words64)
            case 11: try reader.integers(field, into: &uint64Data)
            case 14 where field.wire == .varint: isExternal = try reader.int64() == 1
            default: try reader.skip(field)
            }
        }
    }

    /// The numbers, converted to the engine's two kinds.
    func tensor() throws(OnnxError) -> Tensor {
        guard !isExternal else { throw error(.externalData, "") }
        guard let type = ElementType(rawValue: Int(clamping: dataType)) else {
            throw error(.unsupportedElementType, "data type \(dataType)")
        }
        let shape = try checkedShape()
        let count = try elementCount(shape)
        if type.isFloat {
            let values = try raw.map { range throws(OnnxError) in
                try rawFloats(range, type, count)
            }
            return Tensor(
                shape: shape, floats: try checked(values ?? typedFloats(type), count), as: type)
        }
        let values = try raw.map { range throws(OnnxError) in try rawIntegers(range, type, count) }
        return Tensor(
            shape: shape, integers: try checked(values ?? typedIntegers(type), count), as: type)
    }

    private func error(_ code: OnnxError.Code, _ detail: String) -> OnnxError {
        OnnxError(code, offset: offset, subject: name, detail: detail)
    }

    private func checkedShape() throws(OnnxError) -> [Int] {
        var shape: [Int] = []
        for dimension in dimensions {
            guard dimension >= 0, dimension <= Int64(Int32.max) else {
                throw error(.inconsistentTensor, "dimension \(dimension)")
            }
            shape.append(Int(dimension))
        }
        return shape
    }

    private func elementCount(_ shape: [Int]) throws(OnnxError) -> Int {
        var count = 1
        for dimension in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
            guard !overflow else { throw error(.inconsistentTensor, "dimensions \(shape)") }
            count = product
        }
        return count
    }

    private func checked<Element>(_ values: [Element], _ count: Int) throws(OnnxError) -> [Element]
    {
        guard values.count == count else {
            throw error(.inconsistentTensor, "\(values.count) elements for \(count)")
        }
        return values
    }

    private func checkRaw(
        _ range: Range<Int>, _ type: ElementType, _ count: Int
    ) throws(OnnxError) {
        let (expected, overflow) = count.multipliedReportingOverflow(by: type.rawBytes)
        guard !overflow, expected == range.count else {
            throw error(.inconsistentTensor, "\(range.count) bytes for \(count) elements")
        }
    }

    private func rawFloats(
        _ range: Range<Int>, _ type: ElementType, _ count: Int
    ) throws(OnnxError) -> [Float] {
        try checkRaw(range, type, count)
        let start = range.lowerBound
        return unsafe bytes.withUnsafeBytes { buffer in
            (0..<count).map { index in
                switch type {
                case .float16:
                    unsafe Float(
                        Float16(
                            bitPattern: UInt16(
                                littleEndian: buffer.loadUnaligned(
                                    fromByteOffset: start + 2 * index, as: UInt16.self))))
                case .bfloat16:
                    unsafe Float(
                        bitPattern: UInt32(
                            UInt16(
                                littleEndian: buffer.loadUnaligned(
                                    fromByteOffset: start + 2 * index, as: UInt16.self))) << 16)
                case .double:
                    unsafe Float(
                        Double(
                            bitPattern: UInt64(
                                littleEndian: buffer.loadUnaligned(
                                    fromByteOffset: start + 8 * index, as: UInt64.self))))
                default:
                    unsafe Float(
                        bitPattern: UInt32(
                            littleEndian: buffer.loadUnaligned(
                                fromByteOffset: start + 4 * index, as: UInt32.self)))
                }
            }
        }
    }

    private func rawIntegers(
        _ range: Range<Int>, _ type: ElementType, _ count: Int
    ) throws(OnnxError) -> [Int64] {
        try checkRaw(range, type, count)
        let width = type.rawBytes
        return (0..<count).map { index in
            var value: UInt64 = 0
            for byte in (0..<width).reversed() {
                value = value << 8 | UInt64(bytes[range.lowerBound + width * index + byte])
            }
            return type.wrap(Int64(bitPattern: value))
        }
    }

    private func typedFloats(_ type: ElementType) -> [Float] {
        switch type {
        case .double: words64.map { Float(Double(bitPattern: $0)) }
        case .float16:
            int32Data.map { Float(Float16(bitPattern: UInt16(truncatingIfNeeded: $0))) }
        case .bfloat16:
            int32Data.map { Float(bitPattern: UInt32(UInt16(truncatingIfNeeded: $0)) << 16) }
        default: words32.map { Float(bitPattern: $0) }
        }
    }

    private func typedIntegers(_ type: ElementType) -> [Int64] {
        switch type {
        case .int64: int64Data
        case .uint32, .uint64: uint64Data.map(type.wrap)
        default: int32Data.map(type.wrap)
        }
    }
}
