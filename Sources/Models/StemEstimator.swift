package import Inference
package import Signal

/// Runs a model's nets on segments of a mixture.
///
/// For one thread at a time; ``put(stem:channel:frame:weight:mixture:adding:to:)`` excepted.
package final class StemEstimator: SegmentEstimating {
    private let card: ModelCard
    private let model: Model
    /// The nets for segments of ``frames`` frames.
    private var nets: [SegmentNet]
    /// The frames of the segment at hand.
    private var frames: Int
    /// Nets for segments of other lengths, those used last at the end.
    private var others: [(frames: Int, nets: [SegmentNet])] = []
    /// For each stem of the card, the net that gives it and its place in that net's stem axis.
    private let places: [(net: Int, stem: Int)]
    private let pool: WorkerPool
    private let gain: Float
    /// The stems, where they are not the nets' output as it comes.
    private var joined: JoinedStems?
    /// The stems, where their places between left and right tell them apart.
    private var spatial: SpatialFilter?
    /// What is known of the whole track, where a Wiener filter asks for that.
    private var hearing: TrackHearing?

    /// Loads and prepares the nets of a model.
    ///
    /// - Parameters:
    ///   - threads: threads to run them on, at least 1.
    ///   - most: threads that ``widen`` may ask for; no more than `threads` if nil.
    /// - Throws: ``ModelError/unusableNet(path:_:)`` and ``ModelError/misfit(path:detail:)``.
    package init(model: Model, threads: Int, most: Int? = nil) throws(ModelError) {
        card = model.card
        self.model = model
        frames = model.card.segment.frames
        gain = model.card.output.gain ?? 1
        pool = WorkerPool(threads: max(threads, most ?? threads), used: threads)
        nets = try Self.nets(of: model, frames: frames, pool: pool)
        places = card.stems.map { stem in
            for (index, net) in model.card.nets.enumerated() {
                if let place = net.stems.firstIndex(of: stem) { return (index, place) }
            }
            preconditionFailure("a checked card has a net for each stem")
        }
    }

    private static func nets(
        of model: Model, frames: Int, pool: WorkerPool
    ) throws(ModelError) -> [SegmentNet] {
        var nets: [SegmentNet] = []
        for net in model.card.nets {
            nets.append(try SegmentNet(net, of: model, frames: frames, pool: pool))
        }
        return nets
    }

    /// Brings up the nets for segments of another length.
    ///
    /// A few lengths are kept: the tracks of a batch are often equally short.
    private func prepare(frames wanted: Int) throws(ModelError) {
        guard wanted != frames else { return }
        let place = others.firstIndex { $0.frames == wanted }
        let found =
            if let place {
                others.remove(at: place).nets
            } else {
                try Self.nets(of: model, frames: wanted, pool: pool)
            }
        others.append((frames, nets))
        if others.count > Self.keptLengths {
            // The length that most tracks have stays.
            others.remove(at: others[0].frames == card.segment.frames ? 1 : 0)
        }
        (frames, nets) = (wanted, found)
        joined = nil
        spatial = nil
    }

    /// Lengths of segments that nets are kept for besides the one at hand.
    private static let keptLengths = 3

    /// How a track is to be cut into segments.
    package var segment: ModelCard.Segment { card.segment }
    /// The transform that gives the segment's frames.
    package var geometry: STFTGeometry { card.geometry }
    /// Stems that come out.
    package var stemCount: Int { card.stems.count }

    /// The steps of all nets, in the order in which they run.
    package var steps: [Network.StepSummary] { nets.flatMap(\.steps) }
    /// Multiplications and additions for one segment, all nets together.
    package var operations: Int { nets.reduce(0) { $0 + $1.operations } }

    /// Estimates all stems of one segment and keeps them until the next call.
    ///
    /// - Parameter mixture: two channels, `segment.frames` frames, or as few as
    ///   ``ModelCard/Segment/frames(forTrackOf:)`` gives for a whole track.
    /// - Throws: ``ModelError/unusableNet(path:_:)`` and ``ModelError/misfit(path:detail:)``.
    package func estimate(_ mixture: Spectrogram) throws(ModelError) {
        try estimate(mixture, pair: 0)
    }

    /// Estimates all stems of one segment of a pair of channels and keeps them until the next call.
    package func estimate(_ mixture: Spectrogram, pair: Int) throws(ModelError) {
        precondition(mixture.channels == 2 && mixture.frames <= card.segment.frames)
        try prepare(frames: mixture.frames)
        for net in nets { try net.run(mixture) }
        if card.masks.join == .spatial {
            filter(mixture)
        } else if card.masks.join != .none || card.output.kind == .magnitude {
            join(mixture, pair)
        }
    }

    /// One for each round of a Wiener filter over the whole track.
    package var rehearsals: Int {
        if case .wiener(let settings) = card.masks.join, settings.isOverTrack {
            return settings.iterations
        }
        return 0
    }

    /// Begins a track, or a further pass over it.
    package func begin(pass: Int) {
        precondition((0...rehearsals).contains(pass))
        if rehearsals == 0 { return }
        if pass == 0 { hearing = TrackHearing() }
        hearing?.begin(pass: pass)
    }

    /// Lets more threads take part from now on; callable from any thread, also during an estimate.
    package var widen: @Sendable (_ threads: Int) -> Void {
        { [pool] threads in pool.use(threads: threads) }
    }

    /// Calls `body` once with each index below `count`, on all of the estimator's threads.
    package func concurrently(_ count: Int, _ body: (_ index: Int) -> Void) {
        pool.run(count: count) { index, _ in body(index) }
    }

    /// Gives a stem's part of one frame of the segment last estimated, or adds it to what is there.
    package func put(
        stem: Int, channel: Int, frame: Int, weight: Float, mixture: Span<SIMD2<Float>>,
        adding: Bool, to sum: inout MutableSpan<SIMD2<Float>>
    ) {
        let weight = weight * gain
        if let joined {
            joined.put(
                stem: stem, channel: channel, frame: frame, weight: weight, mixture: mixture,
                adding: adding, to: &sum)
            return
        }
        let (net, place) = places[stem]
        let layout = nets[net].output
        nets[net].withOutput { values in
            if card.output.kind == .complex {
                let real = layout.start(stem: place, channel: 2 * channel, frame: frame)
                let imaginary = layout.start(stem: place, channel: 2 * channel + 1, frame: frame)
                for bin in 0..<card.bins {
                    let offset = bin * layout.bin
                    let value = SIMD2(values[real + offset], values[imaginary + offset])
                    sum[bin] = (adding ? sum[bin] : .zero) + weight * value
                }
                if !adding { for bin in card.bins..<sum.count { sum[bin] = .zero } }
            } else {
                let start = layout.start(stem: place, channel: channel, frame: frame)
                let end = start + (card.bins - 1) * layout.bin + 1
                let mask = values.extracting(start..<end)
                if let spatial, spatial.kept.contains(frame) {
                    spatial.put(
                        stem: place, channel: channel, frame: frame, weight: weight,
                        adding: adding, to: &sum)
                    card.addAbove(mask, stride: 1, weight, mixture, adding: adding, &sum)
                } else {
                    card.addMasked(
                        mask, stride: layout.bin, weight, mixture, adding: adding, &sum)
                }
            }
        }
    }

    private func filter(_ mixture: Spectrogram) {
        // Of a segment that is as long as the card says nobody hears the context; it gets its masks.
        let kept = frames == card.segment.frames ? card.segment.kept : 0..<frames
        var stems =
            spatial
            ?? SpatialFilter(
                stems: card.stems.count, bins: card.bins, frames: frames,
                spacing: Double(card.sampleRate) / Double(card.geometry.fftSize), kept: kept,
                pool: pool)
        // Held by one alone, or it would be copied.
        spatial = nil
        nets[0].withOutput { stems.take(mixture, masks: $0, layout: nets[0].output) }
        spatial = stems
    }

    private func join(_ mixture: Spectrogram, _ pair: Int) {
        var stems = joined ?? JoinedStems(card, frames: frames, pool: pool)
        // Held by one alone, or it would be copied.
        joined = nil
        stems.join(mixture) { stem, channel, frame, start, values in
            let (net, place) = places[stem]
            let layout = nets[net].output
            nets[net].withOutput { output in
                let first = layout.start(stem: place, channel: channel, frame: frame)
                for bin in 0..<card.bins { values[start + bin] = output[first + bin * layout.bin] }
            }
        }
        if case .wiener(let settings) = card.masks.join {
            stems.filter(mixture, pair, settings, hearing: &hearing)
        }
        joined = stems
    }
}
