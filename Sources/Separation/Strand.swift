import Models
import Signal
import Spectral

/// One channel of one stem on its way back to samples.
///
/// Neighbouring segments are blended here: a mask times the mixture is linear in the mask, so adding
/// the two weighted estimates of a frame is a cross-fade of the masks.
final class Strand {
    /// The stem's index in the model's card.
    private let stem: Int
    /// The stem's place among those that come out.
    private let slot: Int
    private let channel: Int
    /// The sides of the net that are averaged: one of them, or both for a mono channel.
    private let sides: [Int]
    private let plan: ModelCard.Segment
    private var synthesizer: STFTSynthesizer
    private var spectrum: [SIMD2<Float>]
    /// The weighted frames that the last segment leaves to be blended with the next.
    private var tail: [[SIMD2<Float>]]
    private var ready: [Float] = []
    private var delivered = 0

    init(
        stem: Int, slot: Int, channel: Int, sides: [Int], estimator: any SegmentEstimating,
        transform: FourierTransform
    ) {
        self.stem = stem
        self.slot = slot
        self.channel = channel
        self.sides = sides
        plan = estimator.segment
        synthesizer = STFTSynthesizer(estimator.geometry, transform: transform)
        spectrum = Array(repeating: .zero, count: estimator.geometry.bins)
        tail = Array(repeating: spectrum, count: plan.crossfade)
    }

    /// Turns the segment last estimated into samples, as far as it is final.
    func advance(_ segment: Spectrogram, isFirst: Bool, estimator: any SegmentEstimating) {
        for kept in 0..<plan.advance {
            var weight: Float = 1
            if kept < plan.crossfade, !isFirst {
                weight = rise(kept)
                swap(&spectrum, &tail[kept])
            } else {
                clear(&spectrum)
            }
            add(frame: plan.context + kept, weight, segment, estimator, to: &spectrum)
            synthesizer.push(spectrum.span, appendingTo: &ready)
        }
        for kept in 0..<plan.crossfade {
            clear(&tail[kept])
            let frame = plan.context + plan.advance + kept
            add(frame: frame, 1 - rise(kept), segment, estimator, to: &tail[kept])
        }
    }

    /// Moves the samples that are ready into `output`.
    ///
    /// - Parameter end: the track's length in samples, once it is known; nothing goes beyond it.
    func drain(into output: inout StemBlock, end: Int?) {
        let count = min(ready.count, (end ?? Int.max) - delivered)
        output.samples[slot][channel].append(contentsOf: ready.prefix(count))
        delivered += count
        ready.removeAll(keepingCapacity: true)
    }

    /// The weight of the new segment at a frame of the cross-fade; that of the old one is the rest.
    private func rise(_ frame: Int) -> Float { Float(frame + 1) / Float(plan.crossfade + 1) }

    private func clear(_ frame: inout [SIMD2<Float>]) {
        var values = frame.mutableSpan
        for bin in values.indices { values[bin] = .zero }
    }

    private func add(
        frame: Int, _ weight: Float, _ segment: Spectrogram, _ estimator: any SegmentEstimating,
        to sum: inout [SIMD2<Float>]
    ) {
        for side in sides {
            let range = segment.range(channel: side, frame: frame)
            var span = sum.mutableSpan
            estimator.add(
                stem: stem, channel: side, frame: frame, weight: weight / Float(sides.count),
                mixture: segment.values.span.extracting(range), to: &span)
        }
    }
}
