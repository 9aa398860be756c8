import AudioIO
import Batch
import Inference
import Models
package import Storage

/// A reader of foreign bytes that takes any bytes whatever: it may throw, never trap or hang.
package enum FuzzTarget: String, CaseIterable, Sendable {
    /// The `.onnx` reader, the engine's passes and, where the net is small, a run.
    case onnx
    /// A model's card.
    case card
    /// The path that feeds libsndfile: headers, extents, salvage, decoding.
    case audio
    /// A batch's journal, the manifest that is made of it, and a list of files.
    case journal

    /// Lets the reader have the bytes.
    ///
    /// - Parameter folder: where files may be made; the target leaves a few there.
    package func read(_ bytes: [UInt8], in folder: FilePath) {
        switch self {
        case .onnx: Self.readNet(bytes)
        case .card:
            Self.read(bytes, as: "card.json", in: folder) { _ in _ = try Model(at: folder) }
        case .audio:
            Self.read(bytes, as: "sound", in: folder) { path in
                try? Self.listen(to: path, salvage: false)
                try Self.listen(to: path, salvage: true)
            }
        case .journal:
            _ = FileList(bytes)
            Self.read(bytes, as: "unbraid-journal.jsonl", in: folder) { _ in
                _ = try Merging(folder, writesTable: true)
                var verification = Verification(folder, inputs: false)
                for manifest in try verification.manifests() {
                    try verification.check(manifest) { _ in }
                }
            }
        }
    }

    private static func readNet(_ bytes: [UInt8]) {
        var options = NetworkOptions()
        options.maximumValueBytes = 1 << 24
        options.maximumMemoryBytes = 1 << 26
        guard let model = try? OnnxModel(bytes: bytes),
            let network = try? Network(model, threads: 1, options: options),
            network.operations < 1 << 24
        else { return }
        network.run()
    }

    /// Reads a file to its end, or to a length that a fuzzer's small files cannot hold honestly.
    private static func listen(to path: FilePath, salvage: Bool) throws {
        let reader = try AudioReader(path, salvage: salvage, decoder: "no-decoder")
        var block = reader.makeBlock()
        var rest = 1 << 20
        while rest > 0 {
            let count = try reader.read(into: &block, count: 4096)
            if count == 0 { return }
            rest -= count
        }
    }

    private static func read(
        _ bytes: [UInt8], as name: FilePath, in folder: FilePath,
        _ body: (FilePath) throws -> Void
    ) {
        let path = folder.appending(name)
        // Not through Foundation, which waits for the disk at each file.
        guard let file = try? OpenFile.updating(path), (try? file.truncate(to: 0)) != nil,
            (try? file.write(bytes, at: 0)) != nil, (try? file.close()) != nil
        else { return }
        try? body(path)
    }
}
