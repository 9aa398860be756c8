/// A run of STFT frames of one or more channels.
///
/// Layout: `[channel, frame, bin]`, bin-fastest, each value `(real, imaginary)`. Values are those of
/// the plain transform of the windowed samples, without any scaling.
public struct Spectrogram: Sendable {
    /// Channels.
    public let channels: Int
    /// Frames in each channel.
    public let frames: Int
    /// Complex values in each frame.
    public let bins: Int
    /// All values, `channels * frames * bins` of them.
    public var values: [SIMD2<Float>]

    /// A spectrogram of zeros.
    public init(channels: Int, frames: Int, bins: Int) {
        self.channels = channels
        self.frames = frames
        self.bins = bins
        values = Array(repeating: .zero, count: channels * frames * bins)
    }

    /// Where the values of one frame lie in ``values``.
    public func range(channel: Int, frame: Int) -> Range<Int> {
        let start = (channel * frames + frame) * bins
        return start..<start + bins
    }
}
