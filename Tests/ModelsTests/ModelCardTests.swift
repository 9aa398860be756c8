import Foundation
import Signal
import Storage
import TestSupport
import Testing

@testable import Models

/// A card that is right, as JSON text whose values tests replace.
let cardText = """
    {
      "format": 1, "name": "test", "description": "For tests.", "license": "CC0-1.0",
      "authors": ["Unbraid"], "sample_rate": 44100,
      "stft": {"window": "hann", "window_length": 4096, "fft_size": 4096, "hop": 1024},
      "segment": {"frames": 256, "context": 32, "crossfade": 16},
      "bins": 2048,
      "input": {"kind": "complex", "name": "mixture", "axes": ["batch", "channel", "frame", "bin"]},
      "output": {"kind": "mask", "name": "masks",
                 "axes": ["batch", "stem", "channel", "frame", "bin"]},
      "masks": {"join": "none", "above": {"mean_of_top": 64}},
      "stems": ["drums", "bass", "vocals", "other"],
      "nets": [{"file": "separator.onnx",
                "sha256": "\(String(repeating: "0a", count: 32))",
                "stems": ["drums", "bass", "vocals", "other"]}]
    }
    """

struct ModelCardTests {
    @Test func damagedCardsAreErrorsOrCards() {
        let rounds =
            2000
            * (ProcessInfo.processInfo.environment["UNBRAID_FUZZ_ROUNDS"].flatMap(Int.init) ?? 1)
        var random = Mutator(seed: 9)
        let whole = Array(cardText.utf8)
        var read = 0
        for _ in 0..<rounds {
            let bytes = random.mutated(whole)
            guard let card = try? JSONDecoder().decode(ModelCard.self, from: Data(bytes)) else {
                continue
            }
            read += 1
            // Whatever is taken must be safe to build on.
            #expect(card.segment.advance >= 1 && card.bins <= card.geometry.bins)
            #expect(card.nets.allSatisfy { ModelCard.isPlainName($0.file) })
            #expect(Set(card.nets.flatMap(\.stems)) == Set(card.stems))
        }
        // Much of a card is text for people, where damage is none.
        #expect(read > 0 && read < rounds)
    }

    @Test(
        arguments: [
            (
                "{\"wiener\": 2}",
                .init(iterations: 2, ratio: nil, epsilon: 1e-10, isOverTrack: false)
            ),
            (
                "{\"wiener\": 1, \"ratio\": 1, \"epsilon\": 1e-7, \"over\": \"track\"}",
                .init(iterations: 1, ratio: 1, epsilon: 1e-7, isOverTrack: true)
            ),
            (
                "{\"wiener\": 1, \"over\": \"segment\"}",
                .init(iterations: 1, ratio: nil, epsilon: 1e-10, isOverTrack: false)
            ),
        ] as [(String, ModelCard.Masks.Wiener)])
    func aWienerFilterIsTaken(text: String, filter: ModelCard.Masks.Wiener) throws {
        let changed = cardText.replacing("\"join\": \"none\"", with: "\"join\": \(text)")
            .replacing("\"kind\": \"mask\"", with: "\"kind\": \"magnitude\"")
        let card = try JSONDecoder().decode(ModelCard.self, from: Data(changed.utf8))
        #expect(card.masks.join == .wiener(filter))
    }

    @Test func otherAloneNeedsAnotherNameForTheRest() throws {
        let alone = cardText.replacing(
            "[\"drums\", \"bass\", \"vocals\", \"other\"]", with: "[\"other\"]")
        #expect(throws: (any Error).self) {
            try JSONDecoder().decode(ModelCard.self, from: Data(alone.utf8))
        }
        let named = alone.replacing(
            "\"stems\": [\"other\"],", with: "\"stems\": [\"other\"], \"remainder\": \"no_other\",")
        #expect(
            try JSONDecoder().decode(ModelCard.self, from: Data(named.utf8)).stems == [.other])
    }

    @Test func everyValueIsTaken() throws {
        let card = try JSONDecoder().decode(ModelCard.self, from: Data(cardText.utf8))
        #expect(card.name == "test")
        #expect(card.sampleRate == 44_100)
        #expect(card.geometry == STFTGeometry(fftSize: 4096, hop: 1024))
        #expect(card.segment.advance == 256 - 64 - 16)
        #expect(card.input.kind == .complex)
        #expect(card.output.axes == [.batch, .stem, .channel, .frame, .bin])
        #expect(card.masks.join == .none)
        #expect(card.masks.above == .meanOfTop(count: 64))
        #expect(card.stems == [.drums, .bass, .vocals, .other])
        #expect(card.nets.map(\.file) == ["separator.onnx"])
    }

    @Test(arguments: [
        ("\"none\"", ModelCard.Masks.Join.none), ("\"softmax\"", .softmax),
        ("\"spatial\"", .spatial),
        ("{\"ratio\": 2}", .ratio(exponent: 2)),
    ])
    func joinsAreTaken(text: String, join: ModelCard.Masks.Join) throws {
        let changed = cardText.replacing("\"join\": \"none\"", with: "\"join\": \(text)")
        let card = try JSONDecoder().decode(ModelCard.self, from: Data(changed.utf8))
        #expect(card.masks.join == join)
    }

    /// Magnitudes, bins that are not the last axis, a stem that is only what is left.
    @Test(arguments: [
        ("\"kind\": \"mask\"", "\"kind\": \"magnitude\""),
        ("\"frame\", \"bin\"]},\n  \"masks\"", "\"bin\", \"frame\"]},\n  \"masks\""),
        ("\"nets\":", "\"remainder\": \"rest\", \"nets\":"),
        ("\"bins\": 2048", "\"bins\": 7"),
    ])
    func placesNeedTheMasksOfAllStems(value: String, other: String) throws {
        let spatial = cardText.replacing("\"join\": \"none\"", with: "\"join\": \"spatial\"")
            .replacing("\"mean_of_top\": 64", with: "\"mean_of_top\": 4")
        _ = try JSONDecoder().decode(ModelCard.self, from: Data(spatial.utf8))
        let changed = spatial.replacing(value, with: other)
        try #require(changed != spatial)
        let folder = try TemporaryFolder()
        try folder.write("card.json", changed)
        let error = #expect(throws: ModelError.self) { try Model(at: folder.path) }
        guard case .invalidCard(_, "masks.join", _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(arguments: [
        ("\"format\": 1", "\"format\": 2", "format"),
        ("44100", "4", "sample_rate"),
        ("\"hop\": 1024", "\"hop\": 0", "stft"),
        ("\"hop\": 1024", "\"hop\": 4096", "stft"),
        ("\"fft_size\": 4096", "\"fft_size\": 4097", "stft"),
        ("\"fft_size\": 4096", "\"fft_size\": 1099511627776", "stft"),
        ("\"context\": 32", "\"context\": 128", "segment"),
        ("\"context\": 32", "\"context\": -1", "segment"),
        ("\"crossfade\": 16", "\"crossfade\": 150", "segment"),
        ("\"frames\": 256", "\"frames\": 9223372036854775807", "segment"),
        ("\"bins\": 2048", "\"bins\": 2050", "bins"),
        ("\"bins\": 2048", "\"bins\": \"all\"", "bins"),
        (
            "\"channel\", \"frame\", \"bin\"]},\n  \"output\"",
            "\"frame\", \"bin\"]},\n  \"output\"",
            "input.axes"
        ),
        ("\"batch\", \"stem\", \"channel\"", "\"batch\", \"channel\"", "output.axes"),
        ("\"batch\", \"stem\", \"channel\"", "\"stem\", \"stem\", \"channel\"", "output.axes"),
        ("\"join\": \"none\"", "\"join\": \"sum\"", "masks.join"),
        ("\"join\": \"none\"", "\"join\": {\"ratio\": 99}", "masks.join"),
        ("\"join\": \"none\"", "\"join\": {\"wiener\": 1}", "masks.join"),
        ("\"mean_of_top\": 64", "\"mean_of_top\": 4000", "masks.above"),
        ("\"stems\": [\"drums\", \"bass\", \"vocals\", \"other\"],", "\"stems\": [],", "stems"),
        ("\"stems\": [\"drums\", \"bass\",", "\"stems\": [\"../drums\", \"bass\",", "stems"),
        ("\"separator.onnx\"", "\"../separator.onnx\"", "nets.file"),
        ("\"0a", "\"0Z", "nets.sha256"),
        ("\"name\": \"test\", ", "", "name"),
        ("\"hop\": 1024", "\"hop\": 1024, \"lead_in\": 2047", "stft.lead_in"),
        ("\"hop\": 1024", "\"hop\": 1024, \"lead_in\": 9223372036854775807", "stft.lead_in"),
        ("\"name\": \"mixture\"", "\"zero_bins\": 2049", "input.zero_bins"),
        ("\"name\": \"mixture\"", "\"zero_bins\": -1", "input.zero_bins"),
        ("\"name\": \"masks\"", "\"gain\": 0", "output.gain"),
        ("\"name\": \"masks\"", "\"gain\": 11", "output.gain"),
        ("\"nets\":", "\"remainder\": \"bass\", \"nets\":", "remainder"),
        ("\"nets\":", "\"remainder\": \"../x\", \"nets\":", "remainder"),
    ])
    func aValueOutOfItsRangeIsNamed(value: String, wrong: String, key: String) throws {
        let changed = cardText.replacing(value, with: wrong, maxReplacements: 1)
        try #require(changed != cardText)
        let folder = try TemporaryFolder()
        try folder.write("card.json", changed)
        let error = #expect(throws: ModelError.self) { try Model(at: folder.path) }
        guard case .invalidCard(_, let found, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(found == key)
    }
}

struct ModelTests {
    @Test func aNetThatIsNotTheCardsIsRefused() throws {
        let folder = try TemporaryFolder()
        try folder.write("card.json", cardText)
        try folder.write("separator.onnx", "something else")
        let error = #expect(throws: ModelError.self) { try Model(at: folder.path) }
        guard case .altered(let path, let expected, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(path.name == "separator.onnx")
        #expect(expected == String(repeating: "0a", count: 32))
    }

    @Test(arguments: ["", "{", "[]", "null", "{\"format\": 1}", "\u{0}\u{1}"])
    func aCardThatIsNoCardIsRefused(text: String) throws {
        let folder = try TemporaryFolder()
        try folder.write("card.json", text)
        let error = #expect(throws: ModelError.self) { try Model(at: folder.path) }
        guard case .invalidCard = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func theFirstFolderOfALibraryWins() throws {
        let (first, second) = (try TemporaryFolder(), try TemporaryFolder())
        let net = "net"
        let digest = SHA256Digest(of: Array(net.utf8)).hex
        let text = cardText.replacing(String(repeating: "0a", count: 32), with: digest)
        for (folder, names) in [(first, ["a"]), (second, ["a", "b"])] {
            for name in names {
                try folder.write("\(name)/card.json", text)
                try folder.write("\(name)/separator.onnx", net)
            }
        }
        let library = ModelLibrary(folders: [first.path, "nowhere", second.path])
        #expect(try library.model(named: "a").folder == first.path.appending("a"))
        #expect(try library.model(named: "b").folder == second.path.appending("b"))
        #expect(library.modelFolders.map(\.name) == ["a", "b"])
        #expect(throws: ModelError.self) { try library.model(named: "c") }
    }
}
