import Foundation
import Inference
import Models
import Signal
import Storage
import TestSupport
import Testing

@testable import Import

struct ModelImportTests {
    private let folder: TemporaryFolder
    private var models: FilePath { folder.path.appending("models") }

    init() throws { folder = try TemporaryFolder() }

    private func write(_ name: String, _ bytes: [UInt8]) throws -> FilePath {
        try Data(bytes).write(to: folder.url.appending(path: name))
        return folder.path.appending(FilePath(name))
    }

    private var mdx: ModelImport {
        var work = ModelImport()
        work.parameters.fftSize = 256
        work.parameters.hop = 64
        work.parameters.stem = .vocals
        return work
    }

    @Test func aModelFolderIsCopiedWithWhatItsCardNames() throws {
        let source = folder.url.appending(path: "tiny")
        try TinyModel.write(to: source)
        try folder.write("tiny/README.md", "whose it is")
        try folder.write("tiny/other.txt", "not the model's")
        var work = ModelImport()
        work.name = "mine"
        let model = try work.add(FilePath(source.path), to: models)
        #expect(model.folder == models.appending("mine"))
        #expect(model.card.name == "mine")
        let cards = try [source, folder.url.appending(path: "models/mine")].map { folder in
            let bytes = try Data(contentsOf: folder.appending(path: "card.json"))
            let card = try JSONSerialization.jsonObject(with: bytes) as? NSDictionary
            return try #require(card?.mutableCopy() as? NSMutableDictionary)
        }
        for card in cards { card["name"] = "any" }
        #expect(cards[0] == cards[1])
        #expect(
            folder.files.filter { $0.hasPrefix("models/") } == [
                "models/mine/README.md", "models/mine/bass.onnx", "models/mine/card.json",
                "models/mine/drums.onnx", "models/mine/other.onnx", "models/mine/vocals.onnx",
            ])
        #expect(throws: ImportError.self) { try work.add(FilePath(source.path), to: models) }
    }

    @Test func anMDXNetBecomesAModel() throws {
        let path = try write("net.onnx", TinyModel.net("Identity", shape: [1, 4, 100, 40]))
        var work = mdx
        work.parameters.compensation = 1.25
        let card = try work.add(path, to: models).card
        #expect(card.name == "net")
        #expect(card.geometry == STFTGeometry(fftSize: 256, hop: 64, leadIn: 256))
        #expect(card.segment.frames == 40)
        #expect(card.bins == 100)
        #expect(card.input.zeroBins == 3)
        #expect(card.output.gain == 1.25)
        #expect(card.stems == [.vocals])
        #expect(card.remainder == Stem("instrumental"))
    }

    @Test func aNetWhoseParametersAreNotToldIsRefusedWithItsSizes() throws {
        let path = try write("net.onnx", TinyModel.net("Identity", shape: [1, 4, 100, 40]))
        let error = #expect(throws: ImportError.self) { try ModelImport().add(path, to: models) }
        guard case .parametersNeeded(_, 100, 40, []) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func aNetOfAKnownSizeIsRefusedWithWhatOthersOfThatSizeHave() throws {
        let path = try write("net.onnx", TinyModel.net("Identity", shape: [1, 4, 2560, 256]))
        let error = #expect(throws: ImportError.self) { try ModelImport().add(path, to: models) }
        guard case .parametersNeeded(_, 2560, 256, let candidates) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(candidates.map(\.fftSize) == [5120, 5120])
        #expect(candidates.map(\.stem) == [Stem("instrumental"), Stem("no_crowd")])
    }

    @Test func aKnownNameForANetOfAnotherSizeIsNotBelieved() throws {
        let path = try write(
            "kuielab_a_bass.onnx", TinyModel.net("Identity", shape: [1, 4, 100, 40]))
        #expect(throws: ImportError.self) { try ModelImport().add(path, to: models) }
        let card = try mdx.add(path, to: models).card
        #expect(card.geometry.fftSize == 256)
    }

    @Test func aNetThatGivesOtherIsNotTheWholeMixture() throws {
        let path = try write("net.onnx", TinyModel.net("Identity", shape: [1, 4, 100, 40]))
        var work = mdx
        work.parameters.stem = .other
        let card = try work.add(path, to: models).card
        #expect(card.stems == [.other])
        #expect(card.remainder == Stem("no_other"))
    }

    @Test(arguments: ["above", "wiener", "variant", "n-fft", "as-published"])
    func anOptionForNetsOfAnotherKindIsRefused(name: String) throws {
        var work = ModelImport()
        switch name {
        case "above": work.above = .zeros
        case "wiener": work.wiener = 1
        case "variant": work.variant = "4stems"
        case "n-fft": work.parameters.fftSize = 256
        default: work.isAsPublished = true
        }
        let source = folder.url.appending(path: "tiny")
        try TinyModel.write(to: source)
        let error = #expect(throws: ImportError.self) {
            try work.add(FilePath(source.path), to: models)
        }
        guard case .unusedParameter(name, .folder) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(!folder.files.contains { $0.hasPrefix("models/") })
    }

    @Test(arguments: ["kuielab_a_bass", "KUIELAB_A_BASS"])
    func aNetThatIsKnownByNameNeedsNoParameters(name: String) throws {
        let path = try write(
            "\(name).onnx", TinyModel.net("Identity", shape: [1, 4, 2048, 16]))
        let card = try ModelImport().add(path, to: models).card
        #expect(card.geometry.fftSize == 16_384)
        #expect(card.stems == [.bass])
        #expect(card.remainder == Stem("no_bass"))
    }

    @Test func numbersThatMakeNoSenseAreRefusedAndNothingIsLeft() throws {
        // Not finite for noise; not finite for silence alone.
        let square = try write("a.onnx", TinyModel.net("Log", shape: [1, 4, 100, 40]))
        let inverse = try write("f.onnx", TinyModel.net("Reciprocal", shape: [1, 4, 100, 40]))
        let unknown = try write("b.onnx", TinyModel.net("Frobnicate", shape: [1, 4, 100, 40]))
        let mono = try write("c.onnx", TinyModel.net("Identity", shape: [1, 2, 100, 40]))
        let flat = try write("d.onnx", TinyModel.net("Identity", shape: [4, 100, 40]))
        let wide = try write("e.onnx", TinyModel.net("Identity", shape: [1, 4, 200, 40]))
        for path in [square, inverse, unknown, mono, flat, wide] {
            #expect(throws: ImportError.self, "\(path)") { try mdx.add(path, to: models) }
        }
        #expect(!folder.files.contains { $0.hasPrefix("models/") })
        #expect((try? FileSystem.names(in: models)) ?? [] == [])
    }

    @Test func aNetThatGivesFarMoreThanItTakesIsRefused() throws {
        let path = try write("a.onnx", TinyModel.net("Sinh", shape: [1, 4, 100, 40]))
        var work = mdx
        work.parameters.fftSize = 65_536
        work.parameters.hop = 16_384
        let error = #expect(throws: ImportError.self) { try work.add(path, to: models) }
        guard case .refused(.implausible(_, .vocals, _)) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func anOnnxFileThatIsCutShortOrChangedIsNoCrash() throws {
        let whole = TinyModel.net("Identity", shape: [1, 4, 100, 40])
        for length in 0..<whole.count {
            let path = try write("cut.onnx", Array(whole.prefix(length)))
            #expect(throws: ImportError.self) { try mdx.add(path, to: models) }
        }
        for bit in stride(from: 0, to: 8 * whole.count, by: 3) {
            var changed = whole
            changed[bit / 8] ^= 1 << (bit % 8)
            let path = try write("flip.onnx", changed)
            var work = mdx
            work.name = "flip\(bit)"
            _ = try? work.add(path, to: models)
        }
        #expect(!folder.files.contains { $0.contains(".unbraid-") })
    }

    @Test(arguments: ["", ".", "..", "../x", "a/b", ".hidden"])
    func aNameThatIsNoFoldersNameIsRefused(name: String) throws {
        let path = try write("net.onnx", TinyModel.net("Identity", shape: [1, 4, 100, 40]))
        var work = mdx
        work.name = name
        #expect(throws: ImportError.self) { try work.add(path, to: models) }
        #expect(folder.files == ["net.onnx"])
    }

    @Test func aCheckpointOfSomethingElseIsNamed() throws {
        var archive = TarArchive()
        archive.add("model.index", SmallCheckpoint.index)
        archive.add("model.data-00000-of-00001", SmallCheckpoint.data)
        let path = try write("4stems.tar.gz", archive.gzipped)
        let error = #expect(throws: ImportError.self) { try ModelImport().add(path, to: models) }
        guard case .notSpleeter = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(folder.files == ["4stems.tar.gz"])
    }

    @Test(arguments: [
        ("4stems.tar.gz", "4stems"), ("a/My.Net.TGZ", "My.Net"), ("a/folder", "folder"),
    ])
    func aModelIsCalledAsItsArchive(path: String, name: String) {
        #expect(ModelImport.title(of: FilePath(path)) == name)
    }

    @Test func whatIsNoNetIsRefused() throws {
        try folder.write("folder/file", "")
        for name in ["folder", "nowhere", "nowhere.onnx"] {
            #expect(throws: ImportError.self) {
                try ModelImport().add(folder.path.appending(FilePath(name)), to: models)
            }
        }
        var archive = TarArchive()
        archive.add("model.index", SmallCheckpoint.index)
        for (name, bytes) in [
            ("a.wav", []), ("a.onnx", []), ("a.tgz", []), ("half.tar.gz", archive.gzipped),
        ] {
            let path = try write(name, bytes)
            #expect(throws: ImportError.self) { try ModelImport().add(path, to: models) }
        }
    }
}

struct MDXTableTests {
    @Test func aFileIsKnownByItsEnd() {
        // RFC 1321, A.5.
        #expect(MDXTable.digest(of: Array("abc".utf8)) == "900150983cd24fb0d6963f7d28e17f72")
        let file = (0..<10_240_000 + 5).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }
        let end = MDXTable.digest(of: file)
        #expect(end == MD5.hex(of: Array(file.dropFirst(5))))
        #expect(end != MD5.hex(of: file))
        #expect(end == MDXTable.digest(of: [1, 2, 3, 4, 5] + file.dropFirst(5)))
        #expect(MDXTable.parameters(of: file) == nil)
    }

    @Test func everyLineOfTheTableMakesSense() {
        #expect(MDXTable.known.count == 44)
        for (digest, net) in MDXTable.known {
            #expect(digest.utf8.count == 32 && digest.allSatisfy(\.isHexDigit))
            let (fftSize, bins) = (net.parameters.fftSize ?? 0, net.parameters.bins ?? 0)
            #expect(bins >= 2048 && bins <= fftSize / 2 + 1 && fftSize <= 16_384)
            #expect([128, 256, 512].contains(net.frames))
            #expect((1...2).contains(net.parameters.compensation ?? 0))
            #expect(net.parameters.stem != nil && net.parameters.hop == nil)
        }
        let voices = MDXTable.known["77d07b2667ddf05b9e3175941b4454a0"]?.parameters
        #expect(voices?.fftSize == 7680 && voices?.stem == .vocals && voices?.compensation == 1.021)
    }
}

struct OnnxWriterTests {
    @Test func whatIsWrittenIsRead() throws {
        var writer = OnnxWriter(name: "small")
        let input = writer.input("x", shape: [1, 2, 3, 4])
        let weights = writer.constant("w", shape: [1, 2, 1, 1], [0.5, -2])
        let sum = writer.node("Conv", [input, weights], [("pads", .ints([0, 1, 0, 300]))])
        let last = writer.node(
            "LeakyRelu", [sum], [("alpha", .float(0.2)), ("n", .int(-1))], output: "y")
        writer.output(last, shape: [1, 1, 3, 304])
        let graph = try OnnxModel(bytes: writer.bytes).graph
        #expect(graph.name == "small")
        #expect(graph.nodes.map(\.opType) == ["Conv", "LeakyRelu"])
        #expect(graph.nodes[0].inputs == ["x", "w"])
        #expect(graph.nodes[1].inputs == graph.nodes[0].outputs)
        #expect(graph.nodes[1].outputs == ["y"])
        #expect(
            graph.initializers.map(\.tensor) == [Tensor(shape: [1, 2, 1, 1], floats: [0.5, -2])])
        #expect(graph.inputs[0].shape == [.size(1), .size(2), .size(3), .size(4)])
        #expect(graph.outputs[0].shape == [.size(1), .size(1), .size(3), .size(304)])
        guard case .ints(let pads)? = graph.nodes[0].attributes["pads"],
            case .float(let alpha)? = graph.nodes[1].attributes["alpha"],
            case .int(let number)? = graph.nodes[1].attributes["n"]
        else {
            Issue.record("\(graph.nodes)")
            return
        }
        #expect(pads == [0, 1, 0, 300])
        #expect(alpha == 0.2)
        #expect(number == -1)
    }
}
