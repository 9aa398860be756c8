import AudioIO
import Reports
import Signal

/// Measures the levels of a track's stems while they are written.
///
/// Not for use by two tasks at once.
final class StemMeters {
    private let sampleRate: Int
    private let channels: Int
    private var meters: [Stem: LevelMeter] = [:]

    /// Meters for the stems of a source.
    init(_ source: SourceFormat) {
        sampleRate = source.sampleRate
        channels = source.channels
    }

    /// The one who hears a stem.
    func listener(for stem: Stem) -> any StemListening {
        let meter = LevelMeter(sampleRate: sampleRate, channels: channels)
        meters[stem] = meter
        return meter
    }

    /// The levels of a stem that was written.
    func levels(of file: StemFile) -> Levels {
        meters[file.stem]?.levels ?? Levels(peak: file.peak, rms: nil, loudness: nil)
    }
}

extension LevelMeter: StemListening {}
