package import AudioIO
import Foundation
import Signal
import Storage

/// What a user may choose about the file that holds the mixture and its stems.
package struct StemContainerOptions: Sendable, Hashable, Codable {
    /// How the sound of the tracks is stored.
    package var codec: StemContainer.Codec

    /// These choices.
    package init(codec: StemContainer.Codec) { self.codec = codec }
}

/// The JSON of a file of stems, as Native Instruments' format has it.
struct StemDescription: Encodable {
    /// A stem as players show it.
    struct Part: Encodable, Equatable {
        let name: String
        let color: String
    }

    struct Mastering: Encodable {
        let compressor = Compressor()
        let limiter = Limiter()
    }

    /// A compressor that is switched off; the values are those of the format's own tools.
    struct Compressor: Encodable {
        let enabled = false
        let inputGain = 0.5
        let outputGain = 0.5
        let threshold = 0.0
        let ratio = 3.0
        let attack = 0.003
        let release = 0.3
        let dryWet = 50.0
        let hpCutoff = 300.0
    }

    /// A limiter that is switched off.
    struct Limiter: Encodable {
        let enabled = false
        let threshold = 0.0
        let ceiling = -0.35
        let release = 0.05
    }

    let version = 1
    let masteringDsp = Mastering()
    let stems: [Part]

    /// The description of stems in the order of their tracks.
    init(_ stems: [Stem]) {
        self.stems = stems.enumerated().map { index, stem in
            Part(
                name: stem.rawValue.prefix(1).uppercased() + stem.rawValue.dropFirst(),
                color: StemDescription.colors[index % StemDescription.colors.count])
        }
    }

    /// Four colours that people with any colour vision tell apart (Okabe and Ito).
    private static let colors = ["#009E73", "#D55E00", "#CC79A7", "#56B4E9"]

    /// The JSON, its keys in alphabetical order.
    func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self))
    }

    /// The order that DJ programs expect, where the stems are those that it knows.
    static func order(_ stems: [Stem]) -> [Stem] {
        let usual = [Stem.drums, .bass, .other, .vocals]
        return Set(stems) == Set(usual) ? usual : stems
    }
}

extension TrackJob {
    /// Makes one file of the mixture and its four stems, beside them as `{track}.stem.mp4`.
    func makeStemContainer(_ report: TrackReport) throws -> [ExtraFile] {
        guard let choice = options.stemContainer else { return [] }
        let order = StemDescription.order(report.stems.map(\.stem))
        let stems = order.compactMap { stem in report.stems.first { $0.stem == stem } }
        let path = track.place(of: .stemContainer)
        // The input's own tags: those of the stems name the stem.
        let tags = try AudioReader(track.input, salvage: options.salvages).metadata.tags
        let description = StemDescription(order)
        let container = StemContainer(
            stems: zip(stems, description.stems).map { stem, part in
                StemContainer.Part(name: part.name, path: stem.path)
            },
            codec: choice.codec, sampleRate: stems[0].sampleRate,
            channels: report.source.channels,
            isShallow: stems.allSatisfy { ($0.samples?.integerBits ?? 32) <= 16 }, tags: tags,
            description: try description.json())
        let digest = try container.write(to: path, overwriting: options.overwrites)
        return [ExtraFile(kind: "stem.mp4", path: path, sha256: digest)]
    }
}

extension FilePath {
    /// The deepest folder that holds all of some files.
    static func commonParent(of paths: [FilePath]) -> FilePath {
        guard var common = paths.first?.parent else { return "" }
        while !paths.allSatisfy({ $0.isInside(common) }), common != common.parent {
            common = common.parent
        }
        return common
    }

    private func isInside(_ folder: FilePath) -> Bool {
        var above = parent
        while above != folder {
            if above == above.parent { return false }
            above = above.parent
        }
        return true
    }
}
