/// Chooses among the peaks of an onset function those that are onsets.
struct OnsetPicker {
    /// What a peak has at least, as ``Onset/strength``.
    static let leastRise: Float = 0.003
    /// How far an onset stands out of the median around it at least.
    static let leastExcess: Float = 0.01
    /// Onsets are so many seconds apart at least.
    static let leastDistance = 0.03

    /// The onsets of a source, in order.
    static func onsets(
        _ candidates: [OnsetDetector.Candidate], of function: OnsetFunction
    ) -> [Onset] {
        let values = function.total
        let (behind, ahead) = (Int(function.rate * 0.1), Int(function.rate * 0.07))
        let least = Int(Double(function.sampleRate) * leastDistance)
        var onsets: [Onset] = []
        for candidate in candidates {
            let range =
                max(
                    0, candidate.index - behind)..<min(
                    values.count, candidate.index + ahead + 1)
            let median = values[range].sorted()[range.count / 2]
            let value = values[candidate.index]
            guard value >= 1.3 * median + leastExcess else { continue }
            let onset = Onset(
                sample: candidate.sample, strength: min(1, value),
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
