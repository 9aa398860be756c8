/// The onset functions of the sources that carry the beat, joined at one rate.
struct Novelty: Sendable {
    /// Values a second.
    static let rate = 100.0

    /// The weighted sum of the onset functions less its local mean, never negative.
    var values: [Float]
    /// The bass register alone, treated alike.
    var low: [Float]
    /// The register of the snare alone, treated alike.
    var mid: [Float]

    /// Joins sources with weights.
    init(_ sources: [(SourceCues, weight: Float)]) {
        let seconds = sources.map(\.0.seconds).max() ?? 0
        let count = Int(seconds * Novelty.rate) + 1
        values = Array(repeating: 0, count: count)
        (low, mid) = (values, values)
        for (source, weight) in sources {
            let function = source.function
            let step = Novelty.rate / function.rate
            func join(_ curve: [Float], to sum: inout [Float]) {
                // The greatest value that falls on a place, so that no peak is lost.
                var slot = [Float](repeating: 0, count: sum.count)
                for (index, value) in curve.enumerated() {
                    let place = min(sum.count - 1, Int((Double(index) * step).rounded()))
                    slot[place] = max(slot[place], value)
                }
                for index in sum.indices { sum[index] += weight * slot[index] }
            }
            join(function.total, to: &values)
            join(function.low, to: &low)
            join(function.mid, to: &mid)
        }
        for curve in [\Novelty.values, \Novelty.low, \Novelty.mid] {
            self[keyPath: curve] = Novelty.lessMean(self[keyPath: curve])
        }
    }

    private static func lessMean(_ curve: [Float]) -> [Float] {
        let reach = Int(rate * 0.25)
        var sums: [Double] = [0]
        for value in curve { sums.append(sums[sums.count - 1] + Double(value)) }
        return curve.indices.map { index in
            let range = max(0, index - reach)..<min(curve.count, index + reach + 1)
            let mean = (sums[range.upperBound] - sums[range.lowerBound]) / Double(range.count)
            return max(0, curve[index] - Float(mean))
        }
    }
}
