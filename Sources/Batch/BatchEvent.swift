package import AudioIO

/// What happens in a batch, as it happens.
///
/// Tracks are named by their place in the plan.
package enum BatchEvent: Sendable, Codable {
    /// A track has been opened.
    case started(track: Int, SourceFormat)
    /// A track has come so far; seconds of sound, the total where it is known.
    ///
    /// Where a track is read several times over, each time is a like share of the seconds.
    case progressed(track: Int, seconds: Double, total: Double?)
    /// A track has ended one way or the other.
    case ended(track: Int, TrackOutcome)
}

/// How a track ended.
package enum TrackOutcome: Sendable, Codable {
    /// All of its stems are in their places.
    case separated(TrackReport)
    /// These extras were added to it; its stems were in their places before.
    case added(TrackReport, [ExtraKind])
    /// None of its stems is, or of those extras.
    case failed(TrackFailure)
}

/// Wall-clock seconds that a track spent in each stage.
///
/// Reading and writing go on beside the rest, so the stages may add up to more than the total.
package struct TrackTimes: Sendable, Hashable, Codable {
    /// Reading and decoding.
    package var read = 0.0
    /// Changing the sample rate, both ways.
    package var resample = 0.0
    /// The short-time Fourier transform.
    package var stft = 0.0
    /// The nets.
    package var net = 0.0
    /// Masks, and inverse transforms with overlap-add, which go on beside the nets.
    package var inverse = 0.0
    /// Rounding, encoding, writing, and waiting for the disk.
    package var write = 0.0
    /// From opening the input to the last stem in its place.
    package var total = 0.0
}

extension TrackTimes {
    /// Adds another stretch of work.
    mutating func add(_ other: TrackTimes) {
        read += other.read
        resample += other.resample
        stft += other.stft
        net += other.net
        inverse += other.inverse
        write += other.write
    }

    /// Adds the time that `body` takes to a stage.
    mutating func measure<R>(
        _ stage: WritableKeyPath<TrackTimes, Double>, _ body: () throws -> R
    ) rethrows -> R {
        let start = ContinuousClock.now
        defer { self[keyPath: stage] += (ContinuousClock.now - start) / .seconds(1) }
        return try body()
    }

    /// The stages by name, in seconds.
    package var byStage: [String: Double] {
        [
            "read": read, "resample": resample, "stft": stft, "net": net, "inverse": inverse,
            "write": write, "total": total,
        ]
    }
}
