/// The length of a beat over time.
///
/// Every second, the autocorrelation of the novelty under a window of some seconds tells how well each
/// period explains it, its multiples included; the path through these scores that changes least is
/// found by dynamic programming.
struct TempoPath {
    /// Seconds between two values.
    static let step = 1.0
    /// The tempi that are considered, in beats a minute.
    static let range = 50.0...215.0
    /// Periods in units of the novelty's places, one for every tempo that is considered.
    static let periods: [Double] = {
        var periods: [Double] = []
        var tempo = range.lowerBound
        while tempo <= range.upperBound {
            periods.append(60 * Novelty.rate / tempo)
            tempo *= 1.015
        }
        return periods
    }()

    /// The period at each step, in places of the novelty.
    let path: [Double]

    /// The best path through scores whose periods stay near one.
    ///
    /// - Parameter centre: the period to stay within an eighth of, in places; any if nil.
    init(_ scores: [[Float]], near centre: Double? = nil) {
        let allowed = TempoPath.periods.map { period in
            centre.map { abs(binaryLogarithm(period / $0)) < 0.17 } ?? true
        }
        let masked = scores.map { step in
            step.indices.map { allowed[$0] ? step[$0] : -1000 }
        }
        path = TempoPath.best(masked).map { TempoPath.periods[$0] }
    }

    /// The middle one of all periods.
    var median: Double { path.sorted()[path.count / 2] }

    /// The period around a place.
    func period(at place: Int) -> Double {
        let index = Int((Double(place) / Novelty.rate / TempoPath.step).rounded())
        return path[min(path.count - 1, max(0, index))]
    }

    /// How well each period explains the novelty around each step.
    static func scores(_ novelty: Novelty) -> [[Float]] {
        let values = novelty.values
        let half = Int(Novelty.rate * 5)
        let longest = Int((periods.max() ?? 1) * 4) + 2
        let hann = (0...2 * half).map { Float(0.5 - 0.5 * cosine(.pi * Double($0) / Double(half))) }
        let prior = periods.map { Float(TempoPath.likelihood(period: $0)) }
        let steps = Int(Double(values.count) / Novelty.rate / step) + 1
        return (0..<steps).map { index in
            let centre = Int(Double(index) * step * Novelty.rate)
            let range = max(0, centre - half)..<min(values.count, centre + half)
            let part = range.map { values[$0] * hann[$0 - centre + half] }
            let correlation = autocorrelation(part, lags: longest)
            let scale = correlation[0] > 0 ? 1 / correlation[0] : 0
            return periods.indices.map { candidate in
                var sum: Float = 0
                for multiple in 1...4 {
                    let lag = periods[candidate] * Double(multiple)
                    let floor = Int(lag)
                    let part = Float(lag - Double(floor))
                    let value =
                        correlation[floor] * (1 - part) + correlation[floor + 1] * part
                    sum += value
                }
                return sum * scale * prior[candidate]
            }
        }
    }

    /// How usual a period is: a normal distribution over octaves around 108 beats a minute.
    static func likelihood(period: Double) -> Double {
        let octaves = binaryLogarithm(60 * Novelty.rate / period / 108)
        return exponential(-0.5 * octaves * octaves / (0.6 * 0.6))
    }

    private static func autocorrelation(_ values: [Float], lags: Int) -> [Float] {
        let source = values.span
        var result = [Float](repeating: 0, count: lags + 1)
        for lag in 0...lags where lag < values.count {
            var sum: Float = 0
            for index in 0..<values.count - lag { sum += source[index] * source[index + lag] }
            result[lag] = sum
        }
        return result
    }

    /// The path of the greatest sum of scores less what its changes cost.
    private static func best(_ scores: [[Float]]) -> [Int] {
        let count = periods.count
        var total = scores[0]
        var back: [[Int32]] = []
        for step in scores.dropFirst() {
            var next = total
            var from = [Int32](repeating: 0, count: count)
            let (leader, top) = total.enumerated().reduce((0, -Float.infinity)) {
                $1.element > $0.1 ? ($1.offset, $1.element) : $0
            }
            for state in 0..<count {
                // A jump to any tempo costs the same; small changes cost little.
                var (best, source) = (top - jumpCost, leader)
                for other in max(0, state - 3)...min(count - 1, state + 3) {
                    let value = total[other] - 0.03 * Float(abs(other - state))
                    if value > best { (best, source) = (value, other) }
                }
                next[state] = best + step[state]
                from[state] = Int32(source)
            }
            back.append(from)
            total = next
        }
        var state = total.indices.max { total[$0] < total[$1] } ?? 0
        var path = [state]
        for from in back.reversed() {
            state = Int(from[state])
            path.append(state)
        }
        return path.reversed()
    }

    private static let jumpCost: Float = 3
}
