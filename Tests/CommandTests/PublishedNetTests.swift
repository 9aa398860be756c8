import Foundation
import TestSupport
import Testing

/// Nets of random weights that the packages of other projects have separated a mixture with; see
/// `scripts/import/make_*_case.py`.
struct PublishedNetTests {
    /// One folder of reference stems.
    struct Case: Sendable, CustomTestStringConvertible {
        /// The case's folder.
        let name: String
        /// What is added, in the folder.
        let net: String
        /// What `models add` needs to be told.
        var arguments: [String] = []
        /// The stems to compare: all but the remainder, which is the mixture less the others here.
        let stems: [String]
        /// The difference allowed, in dB below the stem's level.
        var limit = -80.0

        var testDescription: String { name }
    }

    static let folder = ProcessInfo.processInfo.environment["UNBRAID_IMPORT_CASES"]

    private static let published = ["--as-published"]

    static let cases = [
        Case(name: "2stems", net: "2stems.tar.gz", arguments: published, stems: ["vocals"]),
        Case(
            name: "2stems-wiener", net: "2stems.tar.gz", arguments: published + ["--wiener", "1"],
            stems: ["vocals"]),
        Case(
            name: "4stems", net: "4stems.tar.gz", arguments: published,
            stems: ["vocals", "drums", "bass"]),
        Case(
            name: "4stems-wiener", net: "4stems.tar.gz", arguments: published + ["--wiener", "1"],
            stems: ["vocals", "drums", "bass"]),
        Case(
            name: "5stems", net: "5stems.tar.gz", arguments: published,
            stems: ["vocals", "piano", "drums", "bass"]),
        Case(
            name: "mdx", net: "small.onnx",
            arguments: published + [
                "--n-fft", "2560", "--stem", "vocals", "--compensation", "1.035",
            ],
            stems: ["vocals", "instrumental"]),
        Case(name: "openunmix", net: "model", stems: ["drums", "bass", "vocals"], limit: -70),
        Case(name: "own", net: "my-net", stems: ["vocals"]),
    ].filter { entry in
        folder.map { FileManager.default.fileExists(atPath: "\($0)/\(entry.name)/mixture.wav") }
            ?? false
    }

    @Test(.enabled(if: !cases.isEmpty, "UNBRAID_IMPORT_CASES names no folder"), arguments: cases)
    func stemsAreThoseOfTheNetsOwnProgram(entry: Case) throws {
        let program = try Program()
        let source = URL(filePath: try #require(Self.folder)).appending(path: entry.name)
        let net = source.appending(path: entry.net).path
        let process = program.process(
            ["models", "add", net, "--folder", "models", "--name", "net"] + entry.arguments,
            model: nil)
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        let mixture = source.appending(path: "mixture.wav").path
        let run = try program.run(mixture, "-o", "out", "--float32", model: "net")
        #expect(run.status == 0, "\(run.errors)")
        for stem in entry.stems {
            let expected = Self.floats(
                try Data(contentsOf: source.appending(path: "\(stem).f32")), from: 0)
            let file = try program.bytes("out/mixture/\(stem).wav")
            let data = try #require(file.range(of: Data("data".utf8)))
            let found = Self.floats(file, from: data.upperBound + 4)
            #expect(found.count == expected.count)
            var (level, difference) = (0.0, 0.0)
            for (a, b) in zip(found, expected) {
                level += Double(b) * Double(b)
                difference += (Double(a) - Double(b)) * (Double(a) - Double(b))
            }
            let decibels = 10 * log10(difference / level)
            print("\(entry.name) \(stem): \(Int(decibels.rounded())) dB")
            #expect(level > 0)
            #expect(decibels < entry.limit, "\(stem)")
        }
    }

    private static func floats(_ data: Data, from start: Int) -> [Float] {
        let bytes = [UInt8](data)
        return stride(from: start, to: bytes.count - 3, by: 4).map { index in
            Float(
                bitPattern: bytes[index..<index + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) })
        }
    }
}
