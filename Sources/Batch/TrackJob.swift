package import AudioIO
package import Models
import Separation
package import Storage

/// The way of one track, from its file to the files of its stems.
package struct TrackJob {
    /// Why a track was not separated, where no other room has the reason.
    package enum Fault: Error, Sendable, Equatable {
        /// The batch was cancelled.
        case cancelled
        /// A stem's file exists, and is not to be replaced.
        case exists(FilePath)
        /// A stem's file is the mixture's, by a link or another spelling of the path.
        case overwritesInput(FilePath)
        /// The mixture's file changed while it was read.
        case inputChanged(FilePath)
    }

    let track: BatchPlan.Track
    let selection: StemSelection
    var options: SeparationOptions
    let estimator: any SegmentEstimating
    let sampleRate: Int
    let describe: (any Error) -> String

    /// Samples that are read at a time.
    static let blockLength = 1 << 13

    /// A job that has not begun.
    ///
    /// - Parameters:
    ///   - estimator: what takes segments apart, not used elsewhere meanwhile.
    ///   - sampleRate: the rate that the estimator expects, in Hz.
    ///   - describe: the line for an error, of which a failing extra makes a warning.
    package init(
        track: BatchPlan.Track, selection: StemSelection, options: SeparationOptions,
        estimator: any SegmentEstimating, sampleRate: Double,
        describe: @escaping (any Error) -> String = { "\($0)" }
    ) {
        self.track = track
        self.selection = selection
        var options = options
        options.overwrites = options.overwrites || track.replaces
        self.options = options
        self.estimator = estimator
        self.sampleRate = Int(sampleRate.rounded())
        self.describe = describe
    }

    /// Separates the track.
    ///
    /// When it throws, nothing of it lies under a final name.
    ///
    /// - Parameters:
    ///   - isCancelled: asked every few seconds of sound.
    ///   - started: told the facts about the source.
    ///   - progressed: told the seconds that were written, and the total where it is known; fewer than
    ///     were heard where the track has to be read several times.
    package func run(
        isCancelled: () -> Bool, started: (SourceFormat) -> Void,
        progressed: (Double, Double?) -> Void
    ) throws -> TrackReport {
        try separate(isCancelled: isCancelled, started: started, progressed: progressed).publish()
    }

    /// Does what needs the estimator, which is free for another track then.
    func separate(
        isCancelled: () -> Bool, started: (SourceFormat) -> Void,
        progressed: (Double, Double?) -> Void
    ) throws -> SeparatedTrack {
        let start = ContinuousClock.now
        var times = TrackTimes()
        let reader = try times.measure(\.read) {
            try AudioReader(
                track.input, start: options.start, duration: options.duration,
                salvage: options.salvages)
        }
        let (source, expected) = (reader.format, reader.length)
        started(source)
        try checkOutputs()
        let watch = try InputWatch(track.input, expecting: source.byteCount)
        var writer: WriteBehind?
        do {
            // Where a track is read several times over, each time is a like share of the way.
            let (rate, passes) = (Double(source.sampleRate), Double(rehearsals + 1))
            var heard = 0
            func tellProgress(_ samples: Int) {
                let total = expected.map { Double($0) / rate }
                progressed(Double(samples) / passes / rate, total)
            }
            times.add(
                try rehearse(source, isCancelled: isCancelled) {
                    heard += $0
                    tellProgress(heard)
                })
            let meters = StemMeters(source)
            let files = WriteBehind(
                try makeWriter(reader, meters),
                presence: TrackPresence(
                    selection, channels: source.channels, sampleRate: source.sampleRate))
            writer = files
            var stream = StemStream(
                source: source, modelRate: sampleRate, estimator: estimator,
                stems: selection.estimated)
            let blocks = ReadAhead(reader, count: Self.blockLength)
            defer { blocks.end() }
            func deliver() throws {
                guard let ready = stream.take() else { return }
                if let written = try files.write(ready) {
                    stream.reuse(written.stems)
                    blocks.reuse(written.mixture)
                }
                tellProgress(heard + stream.delivered)
            }
            while let block = try blocks.next() {
                if isCancelled() { throw Fault.cancelled }
                try stream.push(block)
                try deliver()
            }
            try stream.end()
            var isMissing = true
            while isMissing {
                isMissing = try stream.separateRest()
                try deliver()
            }
            times.add(stream.times)
            times.read += blocks.seconds
            return SeparatedTrack(
                job: self, start: start, times: times, source: source, length: stream.delivered,
                notes: reader.notes, watch: watch, writer: files, meters: meters)
        } catch {
            writer?.cancel()
            watch.cancel()
            throw error
        }
    }

    private func checkOutputs() throws {
        let input = try FileSystem.status(of: track.input)?.identity
        for output in track.outputs {
            guard let status = try FileSystem.status(of: output.path) else { continue }
            if status.identity == input { throw Fault.overwritesInput(output.path) }
            if !options.overwrites { throw Fault.exists(output.path) }
        }
    }

    private func makeWriter(
        _ reader: AudioReader, _ meters: StemMeters
    ) throws -> StemWriterSet {
        let paths = Dictionary(uniqueKeysWithValues: track.outputs.map { ($0.stem, $0.path) })
        for folder in Set(paths.values.map(\.parent)) {
            try FileSystem.createFolders(at: folder)
        }
        let remainder = paths[selection.remainder].map {
            StemTarget(selection.remainder, path: $0)
        }
        let remix = selection.remix.flatMap { remix in
            paths[remix.stem].map {
                RemixTarget(
                    remix.stem, path: $0, mixtureGain: remix.mixtureGain,
                    stemGains: remix.stemGains)
            }
        }
        return try StemWriterSet(
            named: selection.names.map { StemTarget($0, path: paths[$0]) }, remainder: remainder,
            remix: remix, source: reader.format, format: options.format,
            samples: options.samples
                ?? options.format.defaultSampleFormat(for: reader.format.kind),
            expectedLength: reader.length, metadata: reader.metadata,
            listener: { meters.listener(for: $0) })
    }
}
