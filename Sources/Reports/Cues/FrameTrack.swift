/// Features of a sound at even distances in time.
///
/// Value k of each array is about the sound around k / `rate` seconds: its window is centred on the
/// sample next to that time.
package struct FrameTrack: Sendable, Equatable {
    /// Frames a second.
    package let rate: Double
    /// The level of all channels, RMS in dB of full scale, ``floor`` at least.
    package internal(set) var energy: [Float] = []
    /// The level below 250 Hz, in dB.
    package internal(set) var low: [Float] = []
    /// The level from 250 Hz to 4 kHz, in dB.
    package internal(set) var mid: [Float] = []
    /// The level above 4 kHz, in dB.
    package internal(set) var high: [Float] = []
    /// The centre of gravity of the power spectrum in Hz, 0 in silence.
    package internal(set) var centroid: [Float] = []
    /// The geometric mean of the power spectrum over its arithmetic mean: 0 for a tone and in
    /// silence, towards 1 for noise.
    package internal(set) var flatness: [Float] = []
    /// The greatest rise of the spectrum since the last frame, as in ``Onset/strength``.
    package internal(set) var onset: [Float] = []

    /// The level that silence has, in dB; nothing is below.
    package static let floor: Float = -120
    /// The edges between the bands, in Hz.
    package static let edges = (low: 250.0, high: 4000.0)

    /// Frames.
    package var count: Int { energy.count }

    init(rate: Double) { self.rate = rate }

    /// The level of a power in dB.
    static func level(_ power: Double) -> Float {
        power > 1e-12 ? Float(decibels(ofPower: power)) : floor
    }
}
