/// Chooses among the peaks of an onset function those that are onsets.
struct OnsetPicker {
    /// What a peak of the evidence has at least, in nepers.
    static let leastRise: Float = 0.02
    /// How far an onset stands out of the median around it at least, in nepers.
    static let leastExcess: Float = 0.09
    /// The same for a stem beside its mixture.
    static let leastExcessInMixture: Float = 0.06
    /// Onsets are so many seconds apart at least.
    static let leastDistance = 0.03

    /// The onsets of a source, in order.
    ///
    /// - Parameters:
    ///   - candidates: peaks of `evidence`.
    ///   - evidence: a value for each of `function`.
    ///   - isInMixture: whether the evidence is what rises out of a mixture.
    static func onsets(
        _ candidates: [OnsetDetector.Candidate], evidence: [Float], of function: OnsetFunction,
        isInMixture: Bool
    ) -> [Onset] {
        let excess = isInMixture ? leastExcessInMixture : leastExcess
        let (behind, ahead) = (Int(function.rate * 0.1), Int(function.rate * 0.07))
        let least = Int(Double(function.sampleRate) * leastDistance)
        var onsets: [Onset] = []
        for candidate in candidates {
            let range =
                max(
                    0, candidate.index - behind)..<min(
                    evidence.count, candidate.index + ahead + 1)
            let median = evidence[range].sorted()[range.count / 2]
            guard evidence[candidate.index] >= 1.3 * median + excess else { continue }
            let around = max(0, candidate.index - 2)...min(evidence.count - 1, candidate.index + 2)
            let onset = Onset(
                sample: candidate.sample, strength: min(1, function.total[around].max() ?? 0),
                drum: candidate.hit.map(DrumClassifier.classify))
            if let last = onsets.last, onset.sample - last.sample < least {
                if onset.strength > last.strength {
                    onsets[onsets.count - 1].strength = onset.strength
                    onsets[onsets.count - 1].drum = onset.drum
                }
            } else {
                onsets.append(onset)
            }
        }
        return onsets
    }
}
