package import Foundation
import Storage

/// A model whose nets are one operator each: it gives every stem a share of the mixture by the shape
/// of a function, so that whole programs can be tested in moments.
package enum TinyModel {
    private static let stems = [
        ("drums", "Sigmoid"), ("bass", "Tanh"), ("vocals", "Softplus"), ("other", "Relu"),
    ]

    /// Writes the model's folder; its rate is 8 kHz.
    ///
    /// - Parameters:
    ///   - operators: operators in place of the usual ones, by stem.
    ///   - frames: frames in a segment.
    package static func write(
        to folder: URL, operators: [String: String] = [:], frames: Int = 64
    ) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var nets: [String] = []
        for (stem, usual) in stems {
            let bytes = net(operators[stem] ?? usual, shape: [1, 2, frames, 200])
            try Data(bytes).write(to: folder.appending(path: "\(stem).onnx"))
            nets.append(
                """
                {"file": "\(stem).onnx", "sha256": "\(SHA256Digest(of: bytes).hex)",
                 "stems": ["\(stem)"]}
                """)
        }
        let card = """
            {"format": 1, "name": "tiny", "sample_rate": 8000, "license": "CC0-1.0",
             "stft": {"window": "hann", "fft_size": 512, "hop": 128},
             "segment": {"frames": \(frames), "context": 8, "crossfade": 4}, "bins": 200,
             "input": {"kind": "magnitude", "axes": ["batch", "channel", "frame", "bin"]},
             "output": {"kind": "magnitude", "axes": ["batch", "channel", "frame", "bin"]},
             "masks": {"join": {"ratio": 2}, "above": "average"},
             "stems": ["drums", "bass", "vocals", "other"],
             "nets": [\(nets.joined(separator: ", "))]}
            """
        try Data(card.utf8).write(to: folder.appending(path: "card.json"))
    }

    /// An ONNX file of one node from `x` to `y`, field by field as the standard numbers them.
    package static func net(_ operator: String, shape: [Int]) -> [UInt8] {
        let dimensions = shape.flatMap { message(1, varint(1, $0)) }
        // TypeProto.Tensor: element type float, shape.
        let type = message(1, varint(1, 1) + message(2, dimensions))
        func value(_ name: String) -> [UInt8] { text(1, name) + message(2, type) }
        let node = text(1, "x") + text(2, "y") + text(3, "only") + text(4, `operator`)
        let graph =
            message(1, node) + text(2, "tiny") + message(11, value("x"))
            + message(12, value("y"))
        return varint(1, 8) + message(7, graph) + message(8, varint(2, 17))
    }

    private static func message(_ field: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        [field << 3 | 2] + number(bytes.count) + bytes
    }

    private static func text(_ field: UInt8, _ text: String) -> [UInt8] {
        message(field, Array(text.utf8))
    }

    private static func varint(_ field: UInt8, _ value: Int) -> [UInt8] {
        [field << 3] + number(value)
    }

    private static func number(_ value: Int) -> [UInt8] {
        var (rest, bytes) = (value, [UInt8]())
        while rest > 127 {
            bytes.append(UInt8(rest & 127) | 128)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }
}
