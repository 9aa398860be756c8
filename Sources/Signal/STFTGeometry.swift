/// The measures of a short-time Fourier transform (STFT).
///
/// A frame is `fftSize` samples under the window; neighbouring frames start `hop` samples apart; a
/// frame has `bins` complex values from 0 Hz to half the sample rate.
public struct STFTGeometry: Sendable, Hashable {
    /// The shape of the analysis window, which is also the synthesis window.
    public enum Window: String, Sendable, Hashable, Codable, CaseIterable {
        /// 0.5 - 0.5 cos(2 pi n / N), periodic.
        case hann
        /// The square root of the periodic Hann window.
        case rootHann = "sqrt_hann"
        /// 0.54 - 0.46 cos(2 pi n / N), periodic.
        case hamming
        /// All ones.
        case rectangular
    }

    /// The window's shape.
    public let window: Window
    /// Samples under the window, at most `fftSize`; a shorter window is centred in the frame.
    public let windowLength: Int
    /// Samples in one transform, even.
    public let fftSize: Int
    /// Samples from one frame to the next.
    public let hop: Int
    /// Zeros in front of the signal: `fftSize - hop` or more where its first sample is to be under as
    /// many frames as any other, `fftSize / 2` where the first frame's centre is to be on it.
    public let leadIn: Int

    /// A geometry of these measures.
    ///
    /// - Parameter leadIn: zeros in front of the signal, in samples; by default `fftSize - hop`.
    /// - Precondition: `0 < hop <= windowLength <= fftSize`, `fftSize` is even, and `leadIn` at least
    ///   `fftSize / 2` or `fftSize - hop`.
    public init(
        window: Window = .hann, windowLength: Int? = nil, fftSize: Int, hop: Int,
        leadIn: Int? = nil
    ) {
        let windowLength = windowLength ?? fftSize
        precondition(0 < hop && hop <= windowLength && windowLength <= fftSize)
        precondition(fftSize.isMultiple(of: 2))
        let leadIn = leadIn ?? fftSize - hop
        precondition(leadIn >= min(fftSize / 2, fftSize - hop))
        self.leadIn = leadIn
        self.window = window
        self.windowLength = windowLength
        self.fftSize = fftSize
        self.hop = hop
    }

    /// Complex values in a frame: `fftSize / 2 + 1`.
    public var bins: Int { fftSize / 2 + 1 }
}
