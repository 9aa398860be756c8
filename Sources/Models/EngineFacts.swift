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

    /// Loads a model's nets, runs them on a segment of noise and looks at what they give.
    ///
    /// - Throws: ``ModelError``.
    package init(checking model: Model, threads: Int = 1) throws(ModelError) {
        let card = model.card
        let estimator = try StemEstimator(model: model, threads: threads)
        var mixture = Spectrogram(
            channels: 2, frames: card.segment.frames, bins: card.geometry.bins)
        var state: UInt32 = 1
        for index in mixture.values.indices {
            // A linear congruential generator (Numerical Recipes): any sound will do.
            state = state &* 1_664_525 &+ 1_013_904_223
            let value = Float(state >> 8) / Float(1 << 24) - 0.5
            mixture.values[index] = SIMD2(value, 0.5 - value)
        }
        try estimator.estimate(mixture)
        var frame = [SIMD2<Float>](repeating: .zero, count: card.geometry.bins)
        for stem in card.stems.indices {
            var sum = frame.mutableSpan
            let range = mixture.range(channel: 0, frame: card.segment.context)
            estimator.add(
                stem: stem, channel: 0, frame: card.segment.context, weight: 1,
                mixture: mixture.values.span.extracting(range), to: &sum)
        }
        guard frame.allSatisfy({ $0.x.isFinite && $0.y.isFinite }) else {
            throw .notFinite(path: model.folder)
        }
        operations = Double(estimator.operations)
        let seconds = Double(card.segment.advance * card.geometry.hop) / card.sampleRate
        operationsPerSecond = operations / seconds
        steps = estimator.steps
    }
}
