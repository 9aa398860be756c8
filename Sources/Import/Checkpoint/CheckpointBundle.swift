import Inference
import Storage

/// The variables of a TensorFlow checkpoint of version 2 in one shard: a sorted table of where each
/// lies (`.index`) and a file of their plain numbers (`.data-00000-of-00001`).
///
/// The messages are those of TensorFlow's `tensor_bundle.proto`; only 32-bit floats can be asked for.
struct CheckpointBundle {
    /// What the index says of a variable.
    private struct Entry {
        var type = 0
        var shape: [Int] = []
        var shard = 0
        var offset = 0
        var size = 0
        var check: UInt32?
        var isSliced = false
    }

    private let path: FilePath
    private let data: [UInt8]
    private var entries: [String: Entry] = [:]

    /// Reads the index of a checkpoint.
    ///
    /// - Parameter path: the file or folder it came from, for errors.
    init(index: [UInt8], data: [UInt8], path: FilePath) throws(ImportError) {
        self.path = path
        self.data = data
        do {
            let table = try SortedTable(index)
            for (key, value) in table.entries {
                let message = Array(index[value])
                if key.isEmpty {
                    try Self.checkHeader(message)
                } else {
                    entries[key] = try Self.entry(message)
                }
            }
        } catch let fault as SortedTable.Fault {
            throw .damagedCheckpoint(path: path, reason: fault.reason)
        } catch {
            throw .damagedCheckpoint(path: path, reason: "an entry of the index is malformed")
        }
    }

    /// The names of all variables, in no order.
    var names: [String] { Array(entries.keys) }

    /// The numbers of a variable, row-major.
    ///
    /// - Throws: ``ImportError/notSpleeter(path:variable:reason:)`` where it is missing or has another
    ///   shape, ``ImportError/damagedCheckpoint(path:reason:)`` where its bytes are not whole.
    func values(_ name: String, shape: [Int]) throws(ImportError) -> [Float] {
        guard let entry = entries[name] else {
            throw .notSpleeter(path: path, variable: name, reason: "is missing")
        }
        guard entry.shape == shape else {
            throw .notSpleeter(path: path, variable: name, reason: "is \(entry.shape)")
        }
        // DataType DT_FLOAT is 1.
        guard entry.type == 1, entry.shard == 0, !entry.isSliced else {
            throw .notSpleeter(path: path, variable: name, reason: "is no whole float tensor")
        }
        let count = shape.reduce(1, *)
        guard entry.size == 4 * count, entry.offset >= 0, entry.size <= data.count,
            entry.offset <= data.count - entry.size
        else {
            throw .damagedCheckpoint(path: path, reason: "\(name) lies outside of the data")
        }
        let range = entry.offset..<entry.offset + entry.size
        if let check = entry.check, CRC32C.masked(data, range) != check {
            throw .damagedCheckpoint(path: path, reason: "\(name) has another check than it says")
        }
        let values = unsafe data.withUnsafeBytes { bytes in
            (0..<count).map { index in
                unsafe Float(
                    bitPattern: UInt32(
                        littleEndian: bytes.loadUnaligned(
                            fromByteOffset: range.lowerBound + 4 * index, as: UInt32.self)))
            }
        }
        guard values.allSatisfy(\.isFinite) else {
            throw .damagedCheckpoint(path: path, reason: "\(name) has a value that is not finite")
        }
        return values
    }

    /// BundleHeaderProto: num_shards 1, endianness 2 (0 is little).
    private static func checkHeader(_ message: [UInt8]) throws {
        var reader = WireReader(message)
        while let field = try reader.nextField() {
            switch (field.number, field.wire) {
            case (1, .varint):
                guard try reader.int64() == 1 else {
                    throw SortedTable.Fault("the checkpoint is in several shards")
                }
            case (2, .varint):
                guard try reader.int64() == 0 else {
                    throw SortedTable.Fault("the checkpoint is big-endian")
                }
            default: try reader.skip(field)
            }
        }
    }

    /// BundleEntryProto: dtype 1, shape 2, shard_id 3, offset 4, size 5, crc32c 6, slices 7.
    private static func entry(_ message: [UInt8]) throws -> Entry {
        var reader = WireReader(message)
        var entry = Entry()
        while let field = try reader.nextField() {
            switch (field.number, field.wire) {
            case (1, .varint): entry.type = Int(try reader.int64())
            case (2, .lengthDelimited): entry.shape = try shape(try reader.message())
            case (3, .varint): entry.shard = Int(try reader.int64())
            case (4, .varint): entry.offset = Int(try reader.int64())
            case (5, .varint): entry.size = Int(try reader.int64())
            case (6, .fixed32): entry.check = try reader.fixed32()
            case (7, .lengthDelimited):
                entry.isSliced = true
                try reader.skip(field)
            default: try reader.skip(field)
            }
        }
        return entry
    }

    /// TensorShapeProto: dim 2, of which size 1.
    private static func shape(_ message: WireReader) throws -> [Int] {
        var reader = message
        var shape: [Int] = []
        while let field = try reader.nextField() {
            guard field.number == 2, field.wire == .lengthDelimited else {
                try reader.skip(field)
                continue
            }
            var dimension = try reader.message()
            var size = 0
            while let field = try dimension.nextField() {
                if field.number == 1, field.wire == .varint {
                    size = Int(try dimension.int64())
                } else {
                    try dimension.skip(field)
                }
            }
            shape.append(size)
        }
        return shape
    }
}
