/// Measures windows of a track: what of each estimate is its source, and what is not.
///
/// All sums are taken over spectra, which by Parseval's theorem have the energies of the signals, so
/// that the projections need no inverse transform.
struct WindowMeter {
    /// The four ratios of BSS Eval for one source in one window, in dB.
    typealias Ratios = WindowRatios

    private let sources: Int
    private let channels: Int
    private let transform: RealTransform
    /// What a bin counts: twice where its conjugate is left out, zero behind the last.
    private let weights: Row
    /// The filters' spectra, `[source][channel][reference signal]`, real and imaginary.
    private let all: [[[Spectrum]]]
    private let own: [[[Spectrum]]]

    /// A meter for windows of so many samples.
    init(_ filters: ProjectionFilters, sources: Int, channels: Int, window: Int) {
        self.sources = sources
        self.channels = channels
        let transform = RealTransform(
            size: RealTransform.goodSize(atLeast: window + filters.taps - 1))
        self.transform = transform
        weights = Row(transform.stride)
        for bin in 0...transform.size / 2 {
            let isEdge = bin == 0 || bin == transform.size / 2
            weights[bin] = (isEdge ? 1 : 2) / Double(transform.size)
        }
        let room = Row(transform.size)
        func spectra(
            _ filters: [[[ArraySlice<Double>]]]
        ) -> [[[Spectrum]]] {
            filters.map { source in
                source.map { channel in
                    channel.map { taps in
                        let spectrum = Spectrum(transform.stride)
                        room.clear(0..<room.count)
                        room.set(0, taps)
                        transform.forward(room, spectrum)
                        return spectrum
                    }
                }
            }
        }
        all = spectra(filters.all)
        own = spectra(filters.own)
    }

    /// The room that one thread needs.
    final class Workspace {
        fileprivate let samples: Row
        fileprivate let spectra: [Spectrum]

        fileprivate init(_ meter: WindowMeter) {
            samples = Row(meter.transform.size)
            spectra = (0..<2 * meter.sources * meter.channels).map { _ in
                Spectrum(meter.transform.stride)
            }
        }
    }

    /// Room for one thread.
    func makeWorkspace() -> Workspace { Workspace(self) }

    /// Measures one window.
    ///
    /// - Parameter signals: `[signal][sample]`, at most as long as the meter's windows.
    /// - Returns: one for each source; none where a reference or an estimate is silent, as museval
    ///   has it.
    func ratios(of signals: [[Double]], in room: Workspace) -> [Ratios]? {
        for source in 0..<2 * sources
        where isSilent(signals[source * channels..<(source + 1) * channels]) { return nil }
        for (index, samples) in signals.enumerated() {
            room.samples.set(0, samples[...])
            room.samples.clear(samples.count..<room.samples.count)
            transform.forward(room.samples, room.spectra[index])
        }
        return (0..<sources).map { source in
            var sums = Sums()
            for channel in 0..<channels { add(source, channel, room, &sums) }
            return sums.ratios
        }
    }

    /// Energies of one source's parts.
    private struct Sums {
        var reference = SIMD8<Double>.zero
        var error = SIMD8<Double>.zero
        var spatial = SIMD8<Double>.zero
        var own = SIMD8<Double>.zero
        var interference = SIMD8<Double>.zero
        var all = SIMD8<Double>.zero
        var artifacts = SIMD8<Double>.zero

        var ratios: Ratios {
            Ratios(
                sdr: Self.decibels(reference, error), isr: Self.decibels(reference, spatial),
                sir: Self.decibels(own, interference), sar: Self.decibels(all, artifacts))
        }

        private static func decibels(_ a: SIMD8<Double>, _ b: SIMD8<Double>) -> Double {
            Ratios.decibels(a.sum(), b.sum())
        }
    }

    private func add(_ source: Int, _ channel: Int, _ room: Workspace, _ sums: inout Sums) {
        let target = source * channels + channel
        let (reference, estimate) = (
            room.spectra[target], room.spectra[sources * channels + target]
        )
        let (all, own) = (all[source][channel], own[source][channel])
        let ownSpectra = room.spectra[source * channels..<(source + 1) * channels]
        for bin in stride(from: 0, to: transform.stride, by: 8) {
            let (pr, pi) = Self.filtered(room.spectra[..<all.count], all, bin)
            let (or, oi) = Self.filtered(ownSpectra, own, bin)
            let ((tr, ti), (xr, xi)) = (reference.bins(bin), estimate.bins(bin))
            let weight = weights.vector(bin)
            func energy(_ real: SIMD8<Double>, _ imaginary: SIMD8<Double>) -> SIMD8<Double> {
                weight * (real * real + imaginary * imaginary)
            }
            sums.reference += energy(tr, ti)
            sums.error += energy(xr - tr, xi - ti)
            sums.spatial += energy(or - tr, oi - ti)
            sums.own += energy(or, oi)
            sums.interference += energy(pr - or, pi - oi)
            sums.all += energy(pr, pi)
            sums.artifacts += energy(xr - pr, xi - pi)
        }
    }

    /// Eight bins of the sum of what comes out of filters.
    @inline(__always)
    private static func filtered(
        _ spectra: ArraySlice<Spectrum>, _ filters: [Spectrum], _ bin: Int
    ) -> (real: SIMD8<Double>, imaginary: SIMD8<Double>) {
        var (real, imaginary) = (SIMD8<Double>.zero, SIMD8<Double>.zero)
        for (spectrum, filter) in zip(spectra, filters) {
            let ((x, y), (u, v)) = (spectrum.bins(bin), filter.bins(bin))
            real += x * u - y * v
            imaginary += x * v + y * u
        }
        return (real, imaginary)
    }
}
