import Inference

/// The filters that make of the references what comes nearest to each estimate.
///
/// For each estimate there are two sets: from all references, and from its own alone. What the first
/// leaves of the estimate is artifacts, what the first has more than the second is interference, and
/// where the second differs from the reference is spatial distortion (E. Vincent, R. Gribonval and
/// C. Févotte, Performance measurement in blind audio source separation, 2006).
struct ProjectionFilters {
    /// Taps of each filter.
    let taps: Int
    /// From all references: `[source][channel of the estimate][reference signal][tap]`.
    let all: [[[ArraySlice<Double>]]]
    /// From the source's own reference: `[source][channel][channel of the reference][tap]`.
    let own: [[[ArraySlice<Double>]]]

    /// Finds the filters by least squares.
    ///
    /// - Throws: ``LinearSystem/Fault``.
    init(
        _ correlations: Correlations, sources: Int, channels: Int, pool: WorkerPool
    ) throws(LinearSystem.Fault) {
        let taps = correlations.taps
        self.taps = taps
        let half = sources * channels
        // One large system and one for each source; the large one takes nearly all the time.
        var systems = [System(signals: Array(0..<half), estimates: Array(half..<2 * half))]
        for source in 0..<sources {
            let signals = Array(source * channels..<(source + 1) * channels)
            systems.append(System(signals: signals, estimates: signals.map { $0 + half }))
        }
        try LinearSystem.load()
        let slots = systems.map { _ in Slot() }
        pool.run(count: systems.count) { index, _ in
            slots[index].outcome = systems[index].solved(correlations)
        }
        var solutions: [[[ArraySlice<Double>]]] = []
        for slot in slots { solutions.append(try slot.outcome.get()) }
        all = (0..<sources).map { Array(solutions[0][$0 * channels..<($0 + 1) * channels]) }
        own = Array(solutions.dropFirst())
    }

    /// Where one thread leaves its result.
    private final class Slot: @unchecked Sendable {
        var outcome: Result<[[ArraySlice<Double>]], LinearSystem.Fault> = .failure(.singular)
    }

    /// The normal equations of some estimates over some references.
    private struct System {
        /// The references' signals.
        let signals: [Int]
        /// The estimates' signals.
        let estimates: [Int]

        /// The filters, `[estimate][signal][tap]`.
        func solved(
            _ correlations: Correlations
        ) -> Result<[[ArraySlice<Double>]], LinearSystem.Fault> {
            let taps = correlations.taps
            let unknowns = signals.count * taps
            let matrix = Row(unknowns * unknowns)
            for (a, first) in signals.enumerated() {
                for (b, second) in signals.enumerated() {
                    let values = (1 - taps..<taps).map {
                        correlations.product(first, second, lag: $0)
                    }
                    for p in 0..<taps {
                        // Delays p - q for q from 0 up.
                        let start = (a * taps + p) * unknowns + b * taps
                        for q in 0..<taps { matrix[start + q] = values[p - q + taps - 1] }
                    }
                }
            }
            // What museval adds so that silence does not make the matrix singular.
            for index in 0..<unknowns { matrix[index * unknowns + index] += Double.ulpOfOne }
            let rights = Row(unknowns * estimates.count)
            for (column, estimate) in estimates.enumerated() {
                for (a, signal) in signals.enumerated() {
                    for p in 0..<taps {
                        rights[column * unknowns + a * taps + p] =
                            correlations.product(signal, estimate, lag: p)
                    }
                }
            }
            do throws(LinearSystem.Fault) {
                try LinearSystem.solve(matrix, rights, columns: estimates.count)
            } catch {
                return .failure(error)
            }
            return .success(
                estimates.indices.map { column in
                    let whole = (0..<unknowns).map { rights[column * unknowns + $0] }
                    return signals.indices.map { whole[$0 * taps..<($0 + 1) * taps] }
                })
        }
    }
}
