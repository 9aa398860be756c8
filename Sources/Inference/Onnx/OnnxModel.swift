internal import FoundationEssentials

/// An ONNX model as it lies in its file: operator sets and a graph, not yet checked for meaning.
package struct OnnxModel: Sendable {
    /// Version of the standard's operator set (domain "" or "ai.onnx") that the nodes follow.
    package let opset: Int
    /// The program that wrote the file, empty if it does not say.
    package let producer: String
    /// The computation.
    package let graph: OnnxGraph
    /// Bytes of the file.
    package let byteCount: Int

    /// Reads a model from a file.
    ///
    /// - Throws: `OnnxError`; `unreadableFile` names the path.
    package init(contentsOf path: String) throws(OnnxError) {
        try self.init(bytes: try OnnxFile.bytes(path))
    }

    /// Reads a model from its bytes.
    ///
    /// - Throws: `OnnxError` that says at which byte and why.
    package init(bytes: [UInt8]) throws(OnnxError) {
        var reader = WireReader(bytes)
        var opsets: [String: Int] = [:]
        var graph: OnnxGraph?
        var producer = ""
        var irVersion: Int64 = 0
        while let field = try reader.nextField() {
            switch field.number {
            case 1 where field.wire == .varint: irVersion = try reader.int64()
            case 2 where field.wire == .lengthDelimited: producer = try reader.string()
            case 7 where field.wire == .lengthDelimited:
                graph = try OnnxGraph(try reader.message())
            case 8 where field.wire == .lengthDelimited:
                let (domain, version) = try Self.operatorSet(try reader.message())
                opsets[domain] = version
            default: try reader.skip(field)
            }
        }
        guard let graph else { throw OnnxError(.missingGraph) }
        // The first two versions of the format had no operator sets: they mean version 1.
        guard let opset = opsets[""] ?? opsets["ai.onnx"] ?? (irVersion < 3 ? 1 : nil),
            (1...1000).contains(opset)
        else { throw OnnxError(.unsupportedOperatorSet, detail: "\(opsets)") }
        self.opset = opset
        self.graph = graph
        self.producer = producer
        byteCount = bytes.count
    }

    private static func operatorSet(
        _ message: WireReader
    ) throws(OnnxError) -> (domain: String, version: Int) {
        var reader = message
        var domain = ""
        var version: Int64 = 0
        while let field = try reader.nextField() {
            switch field.number {
            case 1 where field.wire == .lengthDelimited: domain = try reader.string()
            case 2 where field.wire == .varint: version = try reader.int64()
            default: try reader.skip(field)
            }
        }
        return (domain, Int(clamping: version))
    }
}

/// Whole files as bytes.
enum OnnxFile {
    static func bytes(_ path: String) throws(OnnxError) -> [UInt8] {
        do {
            return [UInt8](try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw OnnxError(.unreadableFile, subject: path)
        }
    }
}
