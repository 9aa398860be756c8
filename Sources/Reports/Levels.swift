/// How loud a piece of sound is.
public struct Levels: Sendable, Hashable, Codable {
    /// The greatest magnitude of a sample, where full scale is 1.
    public let peak: Double
    /// The root mean square over all samples of all channels, in dB below a full scale of 1; nil
    /// where it is silent.
    public let rms: Double?
    /// The integrated loudness (ITU-R BS.1770, EBU R 128), in LUFS; nil where it is silent or too
    /// short.
    public let loudness: Double?
    /// The greatest magnitude between the samples, in dBTP; nil unless it was asked for.
    public let truePeak: Double?

    /// Levels of these figures.
    public init(peak: Double, rms: Double?, loudness: Double?, truePeak: Double? = nil) {
        self.peak = peak
        self.rms = rms
        self.loudness = loudness
        self.truePeak = truePeak
    }
}
