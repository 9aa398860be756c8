import AudioIO
import Models
import Separation

extension TrackJob {
    /// Shows the whole track to an estimator that has to know it before it can take it apart, once or
    /// more often, and tells it that what follows counts.
    ///
    /// - Parameters:
    ///   - source: the facts about the track as it was opened.
    ///   - heard: told the samples of a block that was shown.
    /// - Returns: the time it took.
    func rehearse(
        _ source: SourceFormat, isCancelled: () -> Bool, heard: (Int) -> Void
    ) throws -> TrackTimes {
        var times = TrackTimes()
        for pass in 0..<rehearsals {
            estimator.begin(pass: pass)
            let reader = try AudioReader(
                track.input, start: options.start, duration: options.duration,
                salvage: options.salvages)
            guard reader.format == source else { throw Fault.inputChanged(track.input) }
            try show(reader, isCancelled: isCancelled, heard: heard, &times)
        }
        if rehearsals > 0 { estimator.begin(pass: rehearsals) }
        return times
    }

    /// How often the track is shown before it is taken apart.
    var rehearsals: Int { selection.estimated.isEmpty ? 0 : estimator.rehearsals }

    private func show(
        _ reader: AudioReader, isCancelled: () -> Bool, heard: (Int) -> Void,
        _ times: inout TrackTimes
    ) throws {
        let (channels, rate) = (reader.format.channels, reader.format.sampleRate)
        let separator = TrackSeparator(estimator: estimator, channels: channels, stems: [])
        let resampler =
            rate == sampleRate
            ? nil : Resampler(from: rate, to: sampleRate, channels: channels)
        let none = [[Float]](repeating: [], count: channels)
        var stems = StemBlock(stems: 0, channels: channels)
        var block = reader.makeBlock()
        while try times.measure(\.read, { try reader.read(into: &block, count: Self.blockLength) })
            > 0
        {
            if isCancelled() { throw Fault.cancelled }
            var samples = block.floats
            if let resampler {
                samples = none
                times.measure(\.resample) { resampler.process(block.floats, into: &samples) }
            }
            try separator.push(samples, appendingTo: &stems)
            heard(block.count)
        }
        if let resampler {
            var samples = none
            resampler.finish(into: &samples)
            try separator.push(samples, appendingTo: &stems)
        }
        try separator.finish(appendingTo: &stems)
        times.stft += separator.times.stft
        times.net += separator.times.net
        times.inverse += separator.times.inverse
    }
}
