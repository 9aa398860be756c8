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
    private let all: [[[(real: Row, imaginary: Row)]]]
    private let own: [[[(real: Row, imaginary: Row)]]]

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
        ) -> [[[(real: Row, imaginary: Row)]]] {
            filters.map { source in
                source.map { channel in
                    channel.map { taps in
                        let (real, imaginary) = (Row(transform.stride), Row(transform.stride))
                        room.clear(0..<room.count)
                        room.set(0, taps)
                        transform.forward(room, real: real, imaginary: imaginary)
                        return (real, imaginary)
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
        fileprivate let real: [Row]
        fileprivate let imaginary: [Row]

        fileprivate init(_ meter: WindowMeter) {
            samples = Row(meter.transform.size)
            let count = 2 * meter.sources * meter.channels
            real = (0..<count).map { _ in Row(meter.transform.stride) }
            imaginary = (0..<count).map { _ in Row(meter.transform.stride) }
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
            transform.forward(
                room.samples, real: room.real[index], imaginary: room.imaginary[index])
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
        let (sr, si) = (room.real[target], room.imaginary[target])
        let estimate = sources * channels + target
        let (er, ei) = (room.real[estimate], room.imaginary[estimate])
        let (all, own) = (all[source][channel], own[source][channel])
        var bin = 0
        while bin < transform.stride {
            var (pr, pi) = (SIMD8<Double>.zero, SIMD8<Double>.zero)
            for (signal, filter) in all.enumerated() {
                let (x, y) = (room.real[signal].vector(bin), room.imaginary[signal].vector(bin))
                let (u, v) = (filter.real.vector(bin), filter.imaginary.vector(bin))
                pr += x * u - y * v
                pi += x * v + y * u
            }
            var (or, oi) = (SIMD8<Double>.zero, SIMD8<Double>.zero)
            for (index, filter) in own.enumerated() {
                let signal = source * channels + index
                let (x, y) = (room.real[signal].vector(bin), room.imaginary[signal].vector(bin))
                let (u, v) = (filter.real.vector(bin), filter.imaginary.vector(bin))
                or += x * u - y * v
                oi += x * v + y * u
            }
            let (tr, ti) = (sr.vector(bin), si.vector(bin))
            let (xr, xi) = (er.vector(bin), ei.vector(bin))
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
            bin += 8
        }
    }
}
