import AudioIO
import Reports
import Signal

/// Measures how much of a track each of its stems is there, the remainder included, while they pass.
struct TrackPresence {
    private let stems: [Stem]
    private var meter: PresenceMeter
    /// The remainder, `[channel][sample]`.
    private var rest: [[Float]]

    init(_ selection: StemSelection, channels: Int, sampleRate: Int) {
        stems = selection.names + [selection.remainder]
        meter = PresenceMeter(stems: stems.count, channels: channels, sampleRate: sampleRate)
        rest = Array(repeating: [], count: channels)
    }

    /// Takes the next samples of the mixture and of the estimated stems, `[stem][channel][sample]`.
    mutating func push(_ mixture: SampleBlock, _ estimated: [[[Float]]]) {
        for channel in mixture.floats.indices {
            rest[channel] = mixture.floats[channel]
            for stem in estimated { rest[channel].subtract(stem[channel]) }
        }
        meter.push(mixture: mixture.floats, stems: estimated + [rest])
    }

    mutating func finish() -> [Stem: StemPresence] {
        Dictionary(zip(stems, meter.finish())) { first, _ in first }
    }
}

extension [Float] {
    fileprivate mutating func subtract(_ other: [Float]) {
        let source = other.span
        var target = mutableSpan
        for index in source.indices { target[index] -= source[index] }
    }
}
