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
    /// The masks `[stem][channel, frame, bin]`, where they are not the nets' output as it comes.
    private var joined: [[Float]] = []
    private var magnitudes: [Float] = []
    /// The spectra `[stem, channel, frame, bin]`, where a Wiener filter gives them.
    private var filtered: [SIMD2<Float>] = []
    /// The masks above the filter's bins, `[stem][channel, frame]`, where they are not zeros.
    private var shares: [[Float]] = []

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
        (joined, magnitudes, filtered, shares) = ([], [], [], [])
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
        precondition(mixture.channels == 2 && mixture.frames <= card.segment.frames)
        try prepare(frames: mixture.frames)
        for net in nets { try net.run(mixture) }
        if needsJoin { join(mixture) }
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
        if !filtered.isEmpty {
            if !adding { Self.clear(&sum) }
            let start =
                ((2 * stem + channel) * frames + frame) * card.bins
            for bin in 0..<card.bins { sum[bin] += weight * filtered[start + bin] }
            if !shares.isEmpty {
                let above = weight * shares[stem][channel * frames + frame]
                for bin in card.bins..<sum.count { sum[bin] += above * mixture[bin] }
            }
            return
        }
        if needsJoin {
            let start = (channel * frames + frame) * card.bins
            let masks = joined[stem]
            addMasked(
                masks.span.extracting(start..<start + card.bins), stride: 1, weight, mixture,
                adding: adding, &sum)
            return
        }
        let (net, place) = places[stem]
        let layout = nets[net].output
        nets[net].withOutput { values in
            if card.output.kind == .complex {
                if !adding { Self.clear(&sum) }
                let real = layout.start(stem: place, channel: 2 * channel, frame: frame)
                let imaginary = layout.start(stem: place, channel: 2 * channel + 1, frame: frame)
                for bin in 0..<card.bins {
                    let offset = bin * layout.bin
                    sum[bin] += weight * SIMD2(values[real + offset], values[imaginary + offset])
                }
            } else {
                let start = layout.start(stem: place, channel: channel, frame: frame)
                let end = start + (card.bins - 1) * layout.bin + 1
                addMasked(
                    values.extracting(start..<end), stride: layout.bin, weight, mixture,
                    adding: adding, &sum)
            }
        }
    }

    private var needsJoin: Bool { card.masks.join != .none || card.output.kind == .magnitude }

    private static func clear(_ sum: inout MutableSpan<SIMD2<Float>>) {
        for bin in sum.indices { sum[bin] = .zero }
    }

    private func addMasked(
        _ mask: Span<Float>, stride: Int, _ weight: Float, _ mixture: Span<SIMD2<Float>>,
        adding: Bool, _ sum: inout MutableSpan<SIMD2<Float>>
    ) {
        let bins = card.bins
        if stride == 1 {
            Self.addMasked(mask, weight, mixture, adding: adding, to: &sum, bins: bins)
        } else {
            if !adding { Self.clear(&sum) }
            for bin in 0..<bins { sum[bin] += (weight * mask[bin * stride]) * mixture[bin] }
        }
        let counted = binsForAbove
        var above: Float = 0
        if counted > 0 {
            var total: Float = 0
            for bin in bins - counted..<bins { total += mask[bin * stride] }
            above = weight * total / Float(counted)
        }
        for bin in bins..<sum.count {
            sum[bin] = (adding ? sum[bin] : .zero) + above * mixture[bin]
        }
    }

    /// Several bins at once, which the compiler doesn't make of a loop over pairs.
    private static func addMasked(
        _ mask: Span<Float>, _ weight: Float, _ mixture: Span<SIMD2<Float>>, adding: Bool,
        to sum: inout MutableSpan<SIMD2<Float>>, bins: Int
    ) {
        precondition(bins <= mask.count && bins <= mixture.count && bins <= sum.count)
        let whole = bins / 8 * 8
        unsafe mask.withUnsafeBytes { mask in
            unsafe mixture.withUnsafeBytes { mixture in
                unsafe sum.withUnsafeMutableBytes { sum in
                    for bin in stride(from: 0, to: whole, by: 8) {
                        let part = unsafe mask.loadUnaligned(
                            fromByteOffset: 4 * bin, as: SIMD8<Float>.self)
                        let factors = weight * part
                        var pairs = SIMD16<Float>()
                        pairs.evenHalf = factors
                        pairs.oddHalf = factors
                        let values = unsafe mixture.loadUnaligned(
                            fromByteOffset: 8 * bin, as: SIMD16<Float>.self)
                        var result = pairs * values
                        if adding {
                            result += unsafe sum.loadUnaligned(
                                fromByteOffset: 8 * bin, as: SIMD16<Float>.self)
                        }
                        unsafe sum.storeBytes(
                            of: result, toByteOffset: 8 * bin, as: SIMD16<Float>.self)
                    }
                }
            }
        }
        for bin in whole..<bins {
            let value = (weight * mask[bin]) * mixture[bin]
            sum[bin] = adding ? sum[bin] + value : value
        }
    }

    /// Copies the nets' outputs into one order and joins them.
    private func join(_ mixture: Spectrogram) {
        let (frames, bins) = (frames, card.bins)
        if joined.isEmpty {
            let empty = [Float](repeating: 0, count: 2 * frames * bins)
            joined = Array(repeating: empty, count: card.stems.count)
            if card.output.kind == .magnitude { magnitudes = empty }
        }
        for (stem, place) in places.enumerated() {
            let layout = nets[place.net].output
            nets[place.net].withOutput { values in
                for row in 0..<2 * frames {
                    let start = layout.start(
                        stem: place.stem, channel: row / frames, frame: row % frames)
                    for bin in 0..<bins {
                        joined[stem][row * bins + bin] = values[start + bin * layout.bin]
                    }
                }
            }
        }
        if case .wiener(let settings) = card.masks.join {
            filter(mixture, settings)
        } else if card.output.kind == .magnitude {
            for row in 0..<2 * frames {
                let range = mixture.range(channel: row / frames, frame: row % frames)
                for bin in 0..<bins {
                    let value = mixture.values[range.lowerBound + bin]
                    magnitudes[row * bins + bin] = (value * value).sum().squareRoot()
                }
            }
            card.masks.join.apply(to: &joined, magnitudes: magnitudes)
        } else {
            card.masks.join.apply(to: &joined, magnitudes: nil)
        }
    }

    /// How many of the highest bins tell the mask above them; none where that is zero.
    private var binsForAbove: Int {
        switch card.masks.above {
        case .zeros: 0
        case .average: card.bins
        case .meanOfTop(let count): count
        }
    }

    /// The mean of each stem's share of all stems' magnitudes, over the bins that tell the mask above.
    private func meanShares() -> [[Float]] {
        let (rows, bins, counted) = (2 * frames, card.bins, binsForAbove)
        var means = joined.map { _ in [Float](repeating: 0, count: rows) }
        guard counted > 0 else { return [] }
        for row in 0..<rows {
            for bin in bins - counted..<bins {
                var whole: Float = 0
                for stem in joined.indices { whole += joined[stem][row * bins + bin] }
                guard whole > 0 else { continue }
                for stem in joined.indices {
                    means[stem][row] += joined[stem][row * bins + bin] / whole
                }
            }
            for stem in means.indices { means[stem][row] /= Float(counted) }
        }
        return means
    }

    /// Gives the stems' magnitudes the mixture's phase, or the stems their share of the mixture, and
    /// sharpens them by a Wiener filter.
    private func filter(_ mixture: Spectrogram, _ settings: ModelCard.Masks.Wiener) {
        let (frames, bins) = (frames, card.bins)
        if filtered.isEmpty {
            filtered = Array(repeating: .zero, count: card.stems.count * 2 * frames * bins)
        }
        if let exponent = settings.ratio {
            ModelCard.Masks.Join.ratio(exponent: exponent).apply(to: &joined, magnitudes: nil)
        }
        shares = meanShares()
        for stem in card.stems.indices {
            for row in 0..<2 * frames {
                let start = mixture.range(channel: row / frames, frame: row % frames).lowerBound
                for bin in 0..<bins {
                    let value = mixture.values[start + bin]
                    let whole = (value * value).sum().squareRoot()
                    let part = joined[stem][row * bins + bin]
                    filtered[(2 * stem * frames + row) * bins + bin] =
                        if settings.ratio != nil {
                            value * part
                        } else {
                            whole > 0 ? value * (part / whole) : SIMD2(part, 0)
                        }
                }
            }
        }
        WienerFilter(
            stems: card.stems.count, frames: frames, bins: bins, epsilon: settings.epsilon
        ).refine(&filtered, mixture: mixture, iterations: settings.iterations)
    }
}
