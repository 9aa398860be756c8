/// How loud a sound is, by the measures of the trade.
///
/// What silence has no number for is nil, since no JSON holds minus infinity.
package struct Levels: Sendable, Hashable, Codable {
    /// The greatest magnitude of a sample; full scale is 1.
    package var peak: Double
    /// The root of the mean square of all samples of all channels, in dB below full scale.
    ///
    /// 0 dB is a square wave at full scale, so that a sine at full scale has -3.01 dB; nil for
    /// digital silence and for no samples.
    package var rms: Double?
    /// Integrated loudness by EBU R 128 (ITU-R BS.1770-4), in LUFS.
    ///
    /// Nil where nothing passes the absolute gate of -70 LUFS, and for sounds shorter than one
    /// block of 400 ms. Mono counts as one channel, 3 dB less than the same sound on two.
    package var loudness: Double?
    /// The greatest magnitude between the samples too (BS.1770-4, annex 2), in dB below full scale.
    ///
    /// Nil unless it was asked for, and for silence.
    package var truePeak: Double?

    /// These levels.
    package init(peak: Double, rms: Double?, loudness: Double?, truePeak: Double? = nil) {
        self.peak = peak
        self.rms = rms
        self.loudness = loudness
        self.truePeak = truePeak
    }

    /// The keys as they stand in manifests.
    package enum CodingKeys: String, CodingKey {
        case peak
        case rms
        case loudness
        case truePeak = "true_peak"
    }
}
