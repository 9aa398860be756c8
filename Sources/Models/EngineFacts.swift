package import Inference
import Signal

/// What is known of a model after its nets have been run once.
package struct EngineFacts: Sendable {
    /// The matrix product library and the kernels that it uses.
    ///
    /// - Throws: `BLASError` where there is none.
    package static var library: BLAS.Description {
        get throws(BLASError) { try BLAS.load() }
    }

    /// The instruction set of the engine's own inner loops: `avx512`, `avx2` or `base`.
    package static var instructionSet: String { TileKernels.best.name }

    /// Multiplications and additions for one segment.
    package let operations: Double
    /// Multiplications and additions for a second of stereo sound, segments' overlap included.
    package let operationsPerSecond: Double
    /// The steps of the nets.
    package let steps: [Network.StepSummary]

    /// Loads a model's nets, runs them on a segment of silence and one of noise, and looks at what
    /// they give.
    ///
    /// - Throws: ``ModelError``: also ``ModelError/notFinite(path:stem:fromSilence:)`` and
    ///   ``ModelError/implausible(path:stem:gain:)``.
    package init(checking model: Model, threads: Int = 1) throws(ModelError) {
        let card = model.card
        let estimator = try StemEstimator(model: model, threads: threads)
        var mixture = Spectrogram(
            channels: 2, frames: card.segment.frames, bins: card.geometry.bins)
        try Self.check(estimator, model, mixture)
        var state: UInt32 = 1
        // White noise at -20 dB re full scale has bins of this deviation under a Hann window.
        let level = 0.1 * (0.375 * Float(card.geometry.fftSize)).squareRoot()
        for index in mixture.values.indices {
            var value = SIMD2<Float>.zero
            for part in 0..<2 {
                // A linear congruential generator (Numerical Recipes), uniform in +-sqrt(3).
                state = state &* 1_664_525 &+ 1_013_904_223
                value[part] = (Float(state >> 8) / Float(1 << 24) - 0.5) * 3.4641
            }
            mixture.values[index] = value * level
        }
        try Self.check(estimator, model, mixture)
        operations = Double(estimator.operations)
        let seconds = Double(card.segment.advance * card.geometry.hop) / card.sampleRate
        operationsPerSecond = operations / seconds
        steps = estimator.steps
    }

    /// No stem can have so many times the power of its mixture.
    private static let implausibleGain = 1e4

    /// Runs the nets on a segment and looks at every value that they give.
    private static func check(
        _ estimator: StemEstimator, _ model: Model, _ mixture: Spectrogram
    ) throws(ModelError) {
        try estimator.estimate(mixture)
        let whole = power(mixture.values)
        for (index, stem) in model.card.stems.enumerated() {
            var sum = 0.0
            for channel in 0..<2 {
                for frame in 0..<mixture.frames {
                    var values = [SIMD2<Float>](
                        repeating: .zero, count: model.card.geometry.bins)
                    var span = values.mutableSpan
                    let range = mixture.range(channel: channel, frame: frame)
                    estimator.put(
                        stem: index, channel: channel, frame: frame, weight: 1,
                        mixture: mixture.values.span.extracting(range), adding: false, to: &span)
                    sum += power(values)
                }
            }
            guard sum.isFinite else {
                throw .notFinite(path: model.folder, stem: stem, fromSilence: whole == 0)
            }
            guard whole == 0 || sum < implausibleGain * whole else {
                throw .implausible(path: model.folder, stem: stem, gain: sum / whole)
            }
        }
    }

    private static func power(_ values: [SIMD2<Float>]) -> Double {
        var sum = 0.0
        for value in values { sum += Double((value * value).sum()) }
        return sum
    }
}
