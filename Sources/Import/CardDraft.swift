import Foundation
import Signal
import Storage

/// What a new model's card will say, key for key as `Weights/README.md` explains them.
struct CardDraft: Encodable {
    struct STFT: Encodable {
        var window = "hann"
        var fftSize: Int
        var hop: Int
        var leadIn: Int
    }

    struct Segment: Encodable {
        var frames: Int
        var context: Int
        var crossfade: Int
    }

    struct Tensor: Encodable {
        var kind: String
        var name: String
        var axes: [String]
        var zeroBins: Int?
        var gain: Double?
    }

    struct Masks: Encodable {
        var join: Join = .none
        var above: String
    }

    enum Join: Encodable {
        case none
        case ratio(Int)
        case wiener(Wiener)

        func encode(to encoder: any Encoder) throws {
            var value = encoder.singleValueContainer()
            switch self {
            case .none: try value.encode("none")
            case .ratio(let exponent): try value.encode(["ratio": exponent])
            case .wiener(let filter): try value.encode(filter)
            }
        }
    }

    struct Wiener: Encodable {
        /// Iterations.
        var wiener: Int
        var ratio: Int
        var epsilon: Double
        /// What covariances are of: each segment by default.
        var over: String?
    }

    struct Net: Encodable {
        var file: String
        var sha256: String
        var stems: [Stem]
    }

    var format = 1
    var name: String
    var description: String
    var license: String
    var authors: [String]
    var sampleRate = 44_100
    var stft: STFT
    var segment: Segment
    var bins: Int
    var input: Tensor
    var output: Tensor
    var masks: Masks
    var stems: [Stem]
    var remainder: Stem?
    var nets: [Net] = []

    /// The card's file.
    var bytes: [UInt8] {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            encoder.keyEncodingStrategy = .convertToSnakeCase
            return try [UInt8](encoder.encode(self)) + [UInt8(ascii: "\n")]
        }
    }
}
