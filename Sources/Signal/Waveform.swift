/// A stretch of sound: equally long channels of samples at one rate.
///
/// Layout: `channels[channel][sample]`. Full scale is ±1; values beyond it are kept as they are.
public struct Waveform: Sendable, Equatable {
    /// The samples, one array a channel, all of the same length.
    public var channels: [[Float]]
    /// Samples a second, in Hz.
    public var sampleRate: Double

    /// Makes a waveform of these channels.
    ///
    /// - Precondition: all channels have the same length.
    public init(channels: [[Float]], sampleRate: Double) {
        precondition(
            channels.allSatisfy { $0.count == channels[0].count },
            "the channels of a waveform have one length")
        self.channels = channels
        self.sampleRate = sampleRate
    }

    /// Samples in each channel.
    public var length: Int { channels.first?.count ?? 0 }
}
