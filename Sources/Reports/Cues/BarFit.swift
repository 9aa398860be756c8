/// How well some beats, taken in bars, fit what drummers play.
///
/// The registers of kick and snare and the whole novelty at every quarter of a beat are correlated
/// with how often drummers play each there. The figures are averages over human grooves of many
/// styles (the training part of the Groove MIDI Dataset, CC BY 4.0).
struct BarFit: Sendable {
    /// Beats in a bar.
    var meter: Int
    /// The place in the bar of the first beat.
    var phase: Int
    /// The mean correlation, -1...1.
    var score: Double

    /// How often something is played at each quarter of each beat of a bar.
    private struct Template {
        let meter: Int
        let kick: [Float]
        let snare: [Float]
        let any: [Float]
        /// What is taken off the score of a meter that is rare.
        let penalty: Double
    }

    private static let templates = [
        Template(
            meter: 4,
            kick: [
                0.265, 0.010, 0.051, 0.056, 0.065, 0.018, 0.064, 0.034,
                0.125, 0.022, 0.076, 0.038, 0.071, 0.019, 0.052, 0.028,
            ],
            snare: [
                0.031, 0.026, 0.038, 0.033, 0.194, 0.032, 0.042, 0.050,
                0.052, 0.052, 0.050, 0.048, 0.187, 0.042, 0.058, 0.050,
            ],
            any: [
                0.129, 0.016, 0.073, 0.025, 0.121, 0.019, 0.079, 0.028,
                0.106, 0.026, 0.081, 0.026, 0.129, 0.023, 0.086, 0.031,
            ], penalty: 0),
        // Too few grooves have three beats: the same, but for a second bar half that has one.
        Template(
            meter: 3,
            kick: [
                0.300, 0.010, 0.050, 0.050, 0.060, 0.020, 0.060, 0.030,
                0.070, 0.020, 0.070, 0.040,
            ],
            snare: [
                0.030, 0.030, 0.040, 0.030, 0.150, 0.030, 0.050, 0.050, 0.180, 0.050, 0.050, 0.050,
            ],
            any: [
                0.150, 0.016, 0.075, 0.025, 0.125, 0.020, 0.080, 0.030,
                0.125, 0.025, 0.085, 0.030,
            ], penalty: 0.1),
    ]

    /// The fits of all meters and phases.
    static func all(of times: [Double], in novelty: Novelty) -> [BarFit] {
        var slots: [Double] = []
        for (time, next) in zip(times, times.dropFirst()) {
            for part in 0..<4 { slots.append(time + (next - time) * Double(part) / 4) }
        }
        let low = peaks(of: novelty.low, at: slots)
        let mid = peaks(of: novelty.mid, at: slots)
        let all = peaks(of: novelty.values, at: slots)
        let coverage = coverage(of: novelty.values, by: slots)
        return templates.flatMap { template in
            (0..<template.meter).map { phase in
                // The snare's register is also the kick's: what it has more counts.
                let score =
                    0.4 * correlation(low, template.kick, phase)
                    + 0.3 * correlation(mid, template.snare, phase)
                    + 0.3 * correlation(all, template.any, phase) + 0.4 * coverage
                return BarFit(
                    meter: template.meter, phase: phase, score: score - template.penalty)
            }
        }
    }

    /// How much of a curve lies at some places: 0 if no more than by chance, 1 if all.
    ///
    /// What a wrong tempo leaves between the quarters of its beats tells it from the right one.
    private static func coverage(of curve: [Float], by times: [Double]) -> Double {
        guard let first = times.first, let last = times.last, last > first else { return 0 }
        let places = times.map { Int(($0 * Novelty.rate).rounded()) }
        let (start, end) = (max(0, places[0] - 3), min(curve.count, places[places.count - 1] + 4))
        guard start < end else { return 0 }
        var all: Float = 0
        for place in start..<end { all += curve[place] }
        var (here, width, next): (Float, Int, Int) = (0, 0, start)
        for place in places {
            for near in max(next, place - 3)..<max(next, place - 3, min(end, place + 4)) {
                here += curve[near]
                width += 1
                next = near + 1
            }
        }
        let chance = Double(width) / Double(end - start)
        guard all > 0, chance < 0.95 else { return 0 }
        return (Double(here / all) - chance) / (1 - chance)
    }

    private static func peaks(of curve: [Float], at times: [Double]) -> [Float] {
        times.map { time in
            let centre = Int((time * Novelty.rate).rounded())
            let range = max(0, centre - 3)..<max(0, min(curve.count, centre + 4))
            var peak: Float = 0
            for place in range { peak = max(peak, curve[place]) }
            return peak.squareRoot()
        }
    }

    /// Pearson's correlation of values with a template that is repeated.
    private static func correlation(_ values: [Float], _ template: [Float], _ phase: Int) -> Double
    {
        let count = Double(values.count)
        var (x, y, xx, yy, xy) = (0.0, 0.0, 0.0, 0.0, 0.0)
        for (index, value) in values.enumerated() {
            let value = Double(value)
            let other = Double(template[(index + 4 * phase) % template.count].squareRoot())
            x += value
            y += other
            xx += value * value
            yy += other * other
            xy += value * other
        }
        let spread = (xx - x * x / count) * (yy - y * y / count)
        return spread > 1e-12 ? (xy - x * y / count) / spread.squareRoot() : 0
    }
}
