import Models
import Signal
import Spectral

/// One channel of one stem on its way back to samples, in two steps.
///
/// First a segment's masks become spectra, while the estimator still has the masks; then the spectra
/// become samples, which may take place on another thread while the estimator goes on.
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
    /// The frames of the last segment that are final, `[frame][bin]`.
    private var spectra: [[SIMD2<Float>]]
    /// The weighted frames that the last segment leaves to be blended with the next.
    private var tail: [[SIMD2<Float>]]
    /// The samples that were not taken yet.
    private var samples: [Float] = []

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
        let empty = [SIMD2<Float>](repeating: .zero, count: estimator.geometry.bins)
        spectra = Array(repeating: empty, count: plan.advance)
        tail = Array(repeating: empty, count: plan.crossfade)
    }

    /// Turns the segment last estimated, which holds the whole track, into spectra.
    ///
    /// - Parameters:
    ///   - count: the track's frames.
    ///   - edge: the frames before them.
    func take(_ segment: Spectrogram, count: Int, edge: Int, estimator: any SegmentEstimating) {
        spectra.removeLast(spectra.count - count)
        for frame in 0..<count {
            put(frame: edge + frame, 1, segment, estimator, adding: false, to: &spectra[frame])
        }
    }

    /// Turns the segment last estimated into spectra, as far as it is final.
    func blend(_ segment: Spectrogram, isFirst: Bool, estimator: any SegmentEstimating) {
        for kept in 0..<plan.advance {
            let isShared = kept < plan.crossfade && !isFirst
            if isShared { swap(&spectra[kept], &tail[kept]) }
            put(
                frame: plan.context + kept, isShared ? rise(kept) : 1, segment, estimator,
                adding: isShared, to: &spectra[kept])
        }
        for kept in 0..<plan.crossfade {
            let frame = plan.context + plan.advance + kept
            put(frame: frame, 1 - rise(kept), segment, estimator, adding: false, to: &tail[kept])
        }
    }

    /// Turns the spectra into samples.
    func synthesize() {
        for spectrum in spectra { synthesizer.push(spectrum.span, appendingTo: &samples) }
    }

    /// Appends the samples to those of `output`, whose room is used for the next where it was empty.
    func take(appendingTo output: inout StemBlock) {
        if output.samples[slot][channel].isEmpty {
            swap(&output.samples[slot][channel], &samples)
        } else {
            output.samples[slot][channel] += samples
        }
        samples.removeAll(keepingCapacity: true)
    }

    /// The weight of the new segment at a frame of the cross-fade; that of the old one is the rest.
    private func rise(_ frame: Int) -> Float { Float(frame + 1) / Float(plan.crossfade + 1) }

    private func put(
        frame: Int, _ weight: Float, _ segment: Spectrogram, _ estimator: any SegmentEstimating,
        adding: Bool, to sum: inout [SIMD2<Float>]
    ) {
        for (index, side) in sides.enumerated() {
            let range = segment.range(channel: side, frame: frame)
            var span = sum.mutableSpan
            estimator.put(
                stem: stem, channel: side, frame: frame, weight: weight / Float(sides.count),
                mixture: segment.values.span.extracting(range), adding: adding || index > 0,
                to: &span)
        }
    }
}
