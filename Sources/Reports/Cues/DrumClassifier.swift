/// Tells kick, snare and hi-hat apart by where in the spectrum the power of a hit is.
///
/// For each drum a logistic regression on the shares of the bands in what a hit brings (the power
/// after its attack less the power before it) says whether that drum is in it. Where several are hit
/// at once, the one that carries more of the beat is told: kick before snare before hat.
/// The weights were fitted on rendered grooves; `scripts/cues/fit_drums.py` does such a fit.
enum DrumClassifier {
    /// The weight of each band's share, as the logarithm to the base 10, and the constant.
    private static let weights: [(drum: Drum, bands: [Double], constant: Double)] = [
        (
            .kick,
            [1.39, 1.37, 0.43, 0.00, -0.22, 0.04, -0.18, 0.05, 0.06, 0.23],
            4.96
        ),
        (
            .snare,
            [-0.07, -0.77, 0.43, 0.29, -0.32, 0.31, 1.08, -0.51, 0.64, -1.15],
            -0.49
        ),
        (
            .hat,
            [0.22, 0.10, 0.14, 0.62, -0.03, -0.19, -0.77, 0.11, -0.15, 1.93],
            3.39
        ),
    ]

    /// What was hit.
    static func classify(_ hit: DrumHit) -> Drum {
        let gains = zip(hit.after, hit.before).map { max(0, Double($0) - Double($1)) }
        let total = gains.reduce(0, +)
        guard total > 0 else { return .other }
        let shares = gains.map { decibels(ofPower: $0 / total + 1e-4) / 10 }
        for (drum, bands, constant) in weights {
            let sum = zip(bands, shares).reduce(constant) { $0 + $1.0 * $1.1 }
            if sum > 0 { return drum }
        }
        return .other
    }
}
