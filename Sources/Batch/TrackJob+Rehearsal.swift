import AudioIO
import Models
import Separation

extension TrackJob {
    /// Shows the whole track to an estimator that has to know it before it can take it apart, once or
    /// more often, and tells it that what follows counts.
    ///
    /// - Parameter source: the facts about the track as it was opened.
    /// - Returns: the time it took.
    func rehearse(_ source: SourceFormat, isCancelled: () -> Bool) throws -> TrackTimes {
        var times = TrackTimes()
        guard estimator.rehearsals > 0, !selection.estimated.isEmpty else { return times }
        for pass in 0..<estimator.rehearsals {
            estimator.begin(pass: pass)
            let reader = try AudioReader(
                track.input, start: options.start, duration: options.duration,
                salvage: options.salvages)
            guard reader.format == source else { throw Fault.inputChanged(track.input) }
            try show(reader, isCancelled: isCancelled, &times)
        }
        estimator.begin(pass: estimator.rehearsals)
        return times
    }

    private func show(
        _ reader: AudioReader, isCancelled: () -> Bool, _ times: inout TrackTimes
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
