public import Signal

/// What a model's nets expect and give: the one place where audio meets the net.
///
/// A model is a folder that holds `card.json`, its `.onnx` files and a README. The card's keys are
/// those of ``CodingKeys``; `Weights/README.md` explains each with an example. A decoded card has been
/// checked: every property is in the range that its documentation states.
public struct ModelCard: Sendable, Equatable {
    /// The model's name, as `--model` takes it.
    public let name: String
    /// One sentence on what the model is for.
    public let description: String
    /// The licence of the weights, an SPDX identifier or a sentence.
    public let license: String
    /// Who made the weights.
    public let authors: [String]
    /// Samples a second that the nets were trained at, in Hz: 1,000 to 768,000.
    public let sampleRate: Double
    /// The transform in front of the nets, invertible, of at most 65,536 samples.
    public let geometry: STFTGeometry
    /// How a track is cut into segments.
    public let segment: Segment
    /// The lowest bins, from 0 Hz up, that the nets see: 1 to `geometry.bins`.
    public let bins: Int
    /// What goes into each net.
    public let input: Input
    /// What comes out of each net.
    public let output: Output
    /// How what comes out becomes masks.
    public let masks: Masks
    /// The stems, in the order of the nets' stem axis; at least one, none twice.
    public let stems: [Stem]
    /// The name of what the stems leave of the mixture, where none of them is it; `other` by default.
    public let remainder: Stem?
    /// The nets; together they give each stem once.
    public let nets: [Net]

    /// How a track is cut into segments, in frames.
    ///
    /// Each segment is `frames` long. Its first and last `context` frames only give context and are
    /// dropped; what is kept of neighbouring segments overlaps by `crossfade` frames, which are
    /// blended linearly.
    public struct Segment: Sendable, Equatable, Codable {
        /// Frames in a segment: 1 to 65,536.
        public let frames: Int
        /// Frames dropped at each end of a segment.
        public let context: Int
        /// Frames blended from one segment to the next, less than what a segment keeps.
        public let crossfade: Int
        /// How a track that is shorter than a segment is taken; as a whole segment if nil.
        public let short: Short?

        /// What a segment may be that holds a whole track; the nets' frame axes have to be open.
        public struct Short: Sendable, Equatable, Codable {
            /// What the frames are a multiple of: 1 to `frames`.
            public let multiple: Int
            /// Frames of silence before and after the track: 0 to `context`.
            public let edge: Int

            /// A rule of these measures.
            package init(multiple: Int, edge: Int) {
                self.multiple = multiple
                self.edge = edge
            }
        }

        /// A cut of these measures.
        package init(frames: Int, context: Int, crossfade: Int, short: Short? = nil) {
            self.frames = frames
            self.context = context
            self.crossfade = crossfade
            self.short = short
        }

        /// Frames from the beginning of one segment to that of the next, at least 1.
        public var advance: Int { frames - 2 * context - crossfade }
        /// The frames between the contexts, of which stems are made.
        var kept: Range<Int> { context..<frames - context }

        /// The frames of a segment that holds all of a short track and silence around it; nil where
        /// the track is cut into whole segments.
        package func frames(forTrackOf count: Int) -> Int? {
            guard let short, count <= advance else { return nil }
            let needed = count + 2 * short.edge + short.multiple - 1
            let frames = needed / short.multiple * short.multiple
            return frames < self.frames ? frames : nil
        }
    }

    /// One axis of a tensor.
    public enum Axis: String, Sendable, Equatable, Codable {
        /// Always of size 1.
        case batch
        /// The stems, in the card's or the net's order.
        case stem
        /// Left and right; of a complex tensor left real, left imaginary, right real, right imaginary.
        case channel
        /// Frames, in time order.
        case frame
        /// Bins, from 0 Hz up.
        case bin
    }

    /// What goes into each net.
    public struct Input: Sendable, Equatable, Codable {
        /// What the values are.
        public enum Kind: String, Sendable, Equatable, Codable {
            /// Real and imaginary parts as channels.
            case complex
            /// Absolute values.
            case magnitude
        }
        /// What the values are.
        public let kind: Kind
        /// The tensor's name in the .onnx file; none where the net has only one input.
        public let name: String?
        /// The tensor's axes, outermost first: batch, channel, frame and bin in any order.
        public let axes: [Axis]
        /// The lowest bins that the net is given as zeros: 0 to `bins`; none by default.
        public let zeroBins: Int?

        enum CodingKeys: String, CodingKey {
            case kind, name, axes
            case zeroBins = "zero_bins"
        }
    }

    /// What comes out of each net.
    public struct Output: Sendable, Equatable, Codable {
        /// What the values are.
        public enum Kind: String, Sendable, Equatable, Codable {
            /// The share of the mixture that belongs to the stem, 0...1.
            case mask
            /// The stem's absolute values.
            case magnitude
            /// The stem's spectrum, real and imaginary parts as channels.
            case complex
        }
        /// What the values are.
        public let kind: Kind
        /// The tensor's name in the .onnx file; none where the net has only one output.
        public let name: String?
        /// The tensor's axes, outermost first: batch, channel, frame, bin, and stem where a net gives
        /// several.
        public let axes: [Axis]
        /// What every value is multiplied by, above 0 and at most 10; 1 by default.
        public let gain: Float?
    }

    /// How what comes out becomes masks.
    public struct Masks: Sendable, Equatable {
        /// How the stems' outputs are brought to sum to one.
        public enum Join: Sendable, Equatable {
            /// As they come; a magnitude is divided by the mixture's.
            case none
            /// exp(x_i) over the sum of all stems' exp(x_j).
            case softmax
            /// x_i^p over the sum of all stems' x_j^p, with the exponent p: 0.1 to 10.
            case ratio(exponent: Float)
            /// The multichannel Wiener filter, from magnitudes of all stems.
            case wiener(Wiener)
            /// As they come, masks that sum to one, and then by what each stem sounds like in the lows
            /// and where it lies between left and right, in each segment.
            case spatial
        }
        /// The settings of a multichannel Wiener filter.
        public struct Wiener: Sendable, Equatable {
            /// Rounds of expectation and maximisation, 1 to 10.
            public let iterations: Int
            /// Where given, the filter starts from the stems' shares of the mixture by this exponent,
            /// 0.1 to 10, instead of from their magnitudes.
            public let ratio: Float?
            /// What is added to a power before it divides, above 0 and at most 0.001.
            public let epsilon: Double
            /// Whether covariances are those of the whole track, which then passes the nets once more
            /// for each iteration; otherwise those of each segment.
            public let isOverTrack: Bool
        }
        /// What the mask is above the bins that the nets see.
        public enum Above: Sendable, Equatable {
            /// Zero: nothing of the stem.
            case zeros
            /// The mean over all bins of the same frame.
            case average
            /// The mean over the `count` highest bins of the same frame: 1 to `bins`.
            case meanOfTop(count: Int)
        }
        /// How the stems' outputs are brought to sum to one.
        public let join: Join
        /// What the mask is above the bins that the nets see.
        public let above: Above
    }

    /// One .onnx file of the model.
    public struct Net: Sendable, Equatable, Codable {
        /// The file's name in the model's folder, without any folder.
        public let file: String
        /// The SHA-256 of the file, 64 lower-case hexadecimal digits.
        public let sha256: String
        /// The stems that the net gives, in the order of its stem axis.
        public let stems: [Stem]
    }
}
