import Inference
import Signal

/// What the nets gave for all stems of a segment, joined to masks or filtered to spectra.
///
/// Arrays are `[frame, channel, stem, bin]`: threads share out the frames, and all of a frame lies in
/// one place.
struct JoinedStems {
    private let card: ModelCard
    private let frames: Int
    private let pool: WorkerPool
    private var masks: [Float]
    /// The spectra, where a Wiener filter gives them.
    private var spectra: [SIMD2<Float>] = []
    /// The masks above the filter's bins, `[frame, channel, stem]`, where they are not zeros.
    private var shares: [Float] = []

    /// Room for segments of so many frames.
    init(_ card: ModelCard, frames: Int, pool: WorkerPool) {
        (self.card, self.frames, self.pool) = (card, frames, pool)
        let rows = frames * 2 * card.stems.count
        masks = Array(repeating: 0, count: rows * card.bins)
        guard case .wiener = card.masks.join else { return }
        spectra = Array(repeating: .zero, count: rows * card.bins)
        if card.binsForAbove > 0 { shares = Array(repeating: 0, count: rows) }
    }

    /// Joins the stems of a segment.
    ///
    /// - Parameter read: gives a bin what the nets gave for it: stem, channel, frame, the place of its
    ///   first bin among `values`.
    mutating func join(
        _ mixture: Spectrogram,
        reading read: (
            _ stem: Int, _ channel: Int, _ frame: Int, _ start: Int,
            _ values: inout MutableSpan<Float>
        ) -> Void
    ) {
        let (card, stems, bins) = (card, card.stems.count, card.bins)
        pool.run(over: &masks, pieces: frames) { frame, values in
            for channel in 0..<2 {
                let start = channel * stems * bins
                for stem in 0..<stems { read(stem, channel, frame, start + stem * bins, &values) }
                let range = mixture.range(channel: channel, frame: frame)
                card.masks.join.apply(
                    to: &values, at: start, stems: stems, bins: bins,
                    mixture: mixture.values.span.extracting(range))
            }
        }
    }

    /// Gives the stems' magnitudes the mixture's phase, or the stems their share of the mixture, and
    /// sharpens them by a Wiener filter.
    ///
    /// - Parameter hearing: what is known of the whole track, where the filter asks for that.
    mutating func filter(
        _ mixture: Spectrogram, _ pair: Int, _ settings: ModelCard.Masks.Wiener,
        hearing: inout TrackHearing?
    ) {
        shareAbove()
        let (masks, stems, bins) = (masks, card.stems.count, card.bins)
        pool.run(over: &spectra, pieces: frames) { frame, spectra in
            let parts = masks.span
            for channel in 0..<2 {
                let range = mixture.range(channel: channel, frame: frame)
                let whole = mixture.values.span.extracting(range)
                for stem in 0..<stems {
                    let row = channel * stems + stem
                    let start = (frame * 2 * stems + row) * bins
                    for bin in 0..<bins {
                        let (value, part) = (whole[bin], parts[start + bin])
                        if settings.ratio != nil {
                            spectra[row * bins + bin] = value * part
                        } else {
                            let size = (value * value).sum().squareRoot()
                            spectra[row * bins + bin] =
                                size > 0 ? value * (part / size) : SIMD2(part, 0)
                        }
                    }
                }
            }
        }
        let filter = WienerFilter(
            stems: stems, frames: frames, bins: bins, epsilon: settings.epsilon, pool: pool)
        if hearing == nil {
            filter.refine(&spectra, mixture: mixture, iterations: settings.iterations)
        } else {
            // Each frame of the track is in the kept part of one segment.
            let kept = card.segment.context..<card.segment.context + card.segment.advance
            hearing?.take(
                &spectra, of: mixture, pair: pair, counted: kept, by: filter,
                isLast: { $0 == settings.iterations })
        }
    }

    /// The mean of each stem's share of all stems' magnitudes, over the bins that tell the mask above.
    private mutating func shareAbove() {
        if shares.isEmpty { return }
        let (masks, stems, bins) = (masks, card.stems.count, card.bins)
        let counted = card.binsForAbove
        pool.run(over: &shares, pieces: frames) { frame, means in
            let values = masks.span
            for index in means.indices { means[index] = 0 }
            for channel in 0..<2 {
                let start = (2 * frame + channel) * stems * bins
                for bin in bins - counted..<bins {
                    var whole: Float = 0
                    for stem in 0..<stems { whole += values[start + stem * bins + bin] }
                    guard whole > 0 else { continue }
                    for stem in 0..<stems {
                        means[channel * stems + stem] +=
                            values[start + stem * bins + bin] / whole
                    }
                }
            }
            for index in means.indices { means[index] /= Float(counted) }
        }
    }

    /// As ``SegmentEstimating/put(stem:channel:frame:weight:mixture:adding:to:)``.
    func put(
        stem: Int, channel: Int, frame: Int, weight: Float, mixture: Span<SIMD2<Float>>,
        adding: Bool, to sum: inout MutableSpan<SIMD2<Float>>
    ) {
        let (bins, row) = (card.bins, (2 * frame + channel) * card.stems.count + stem)
        let range = row * bins..<(row + 1) * bins
        if spectra.isEmpty {
            card.addMasked(
                masks.span.extracting(range), stride: 1, weight, mixture, adding: adding, &sum)
            return
        }
        let spectrum = spectra.span.extracting(range)
        for bin in 0..<bins { sum[bin] = (adding ? sum[bin] : .zero) + weight * spectrum[bin] }
        let above = shares.isEmpty ? 0 : weight * shares[row]
        for bin in bins..<sum.count {
            sum[bin] = (adding ? sum[bin] : .zero) + above * mixture[bin]
        }
    }
}
