package import Inference

/// BSS Eval, version 4: how well the stems of a track were separated.
///
/// After F.-R. Stöter, A. Liutkus and N. Ito, The 2018 signal separation evaluation campaign: one set
/// of distortion filters of 512 taps for the whole track, ratios in windows of one second. The numbers
/// are those of the `museval` package, version 0.4.1.
package struct BSSEval {
    /// Taps of the distortion filters.
    package static let taps = 512
    /// Seconds in a window, and from one window to the next.
    package static let windowSeconds = 1.0

    /// Why the ratios of a track cannot be had.
    package enum Fault: Error, Sendable, Equatable {
        /// A reference is silent from beginning to end; by its number.
        case silentReference(Int)
        /// An estimate is silent from beginning to end; by its number.
        case silentEstimate(Int)
        /// With one source alone there is nothing to interfere.
        case oneSource
        /// So many sources and channels that their system would not fit in memory.
        case tooManySignals(Int)
        /// The system has no solution.
        case singular
        /// There is no LAPACK; the reason is the dynamic loader's.
        case noLibrary(reason: String)
    }

    /// What is measured of a track.
    package struct Outcome: Sendable {
        /// For each source.
        package var stems: [StemScores]
        /// Why there are no windows, where there are none.
        package var fault: Fault?
    }

    /// Measures one track.
    ///
    /// Reads it twice; what is held of it does not grow with its length.
    ///
    /// - Parameters:
    ///   - taps: of the distortion filters, 1 to 4096; 512 in the published definition.
    ///   - pool: what it runs on; results are the same bits for every number of threads.
    /// - Throws: what reading throws.
    package static func measure(
        _ signals: any SignalReading, taps: Int = taps, pool: WorkerPool
    ) throws -> Outcome {
        precondition((1...4096).contains(taps))
        let correlations = try Correlations(signals, taps: taps, pool: pool)
        var outcome = Outcome(stems: correlations.energies.map(wholeTrack))
        do {
            try check(correlations, signals, taps)
            let filters: ProjectionFilters
            do throws(LinearSystem.Fault) {
                filters = try ProjectionFilters(
                    correlations, sources: signals.sources, channels: signals.channels, pool: pool)
            } catch {
                switch error {
                case .singular: throw Fault.singular
                case .noLibrary(let reason): throw Fault.noLibrary(reason: reason)
                }
            }
            let windows = try windows(of: signals, filters, pool)
            for index in outcome.stems.indices {
                outcome.stems[index].windows = windows.map { $0?[index] }
            }
        } catch let fault as Fault {
            outcome.fault = fault
        }
        return outcome
    }

    private static func check(
        _ correlations: Correlations, _ signals: any SignalReading, _ taps: Int
    ) throws(Fault) {
        let energies = correlations.energies
        if let silent = energies.firstIndex(where: \.isReferenceSilent) {
            throw .silentReference(silent)
        }
        if let silent = energies.firstIndex(where: \.isEstimateSilent) {
            throw .silentEstimate(silent)
        }
        guard signals.sources > 1 else { throw .oneSource }
        guard signals.half * taps <= LinearSystem.limit else {
            throw .tooManySignals(signals.half)
        }
    }

    /// The ratios of each window `[window][source]`; the last window is left out unless it is whole.
    private static func windows(
        of signals: any SignalReading, _ filters: ProjectionFilters, _ pool: WorkerPool
    ) throws -> [[WindowRatios]?] {
        let size = min(signals.length, max(1, Int(windowSeconds * signals.sampleRate)))
        let meter = WindowMeter(
            filters, sources: signals.sources, channels: signals.channels, window: size)
        let rooms = (0..<pool.threads).map { _ in meter.makeWorkspace() }
        try signals.rewind()
        var left = signals.length / size
        var found: [[WindowRatios]?] = []
        while left > 0 {
            let count = min(left, 2 * pool.threads)
            var blocks: [[[Double]]] = []
            for _ in 0..<count { blocks.append(try signals.read(size)) }
            let slots = blocks.map { _ in Slot() }
            pool.run(count: count) { index, worker in
                slots[index].ratios = meter.ratios(of: blocks[index], in: rooms[worker])
            }
            found += slots.map(\.ratios)
            left -= count
        }
        return found
    }

    /// Where one thread leaves its result.
    private final class Slot: @unchecked Sendable {
        var ratios: [WindowRatios]?
    }

    private static func wholeTrack(_ sums: Correlations.Energies) -> StemScores {
        guard sums.reference > 0 else { return StemScores() }
        // What the estimate has along the reference, and the rest. Near the reference the rest is
        // also that of the difference, which then is the smaller one and loses fewer digits.
        let scale = sums.common / sums.reference
        let isNear = sums.difference < sums.estimate
        let (whole, along) =
            isNear ? (sums.difference, sums.cross) : (sums.estimate, sums.common)
        let across = max(0, whole - along * along / sums.reference)
        return StemScores(
            trackSDR: WindowRatios.decibels(sums.reference, sums.difference),
            trackSISDR: WindowRatios.decibels(scale * scale * sums.reference, across))
    }
}
