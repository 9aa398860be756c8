package import Models
package import Signal

/// Takes segments apart by a rule instead of nets: a gain for each stem, side and frame of the
/// segment.
package final class RuleEstimator: SegmentEstimating {
    package let segment: ModelCard.Segment
    package let geometry: STFTGeometry
    package let stemCount: Int
    private let gain: (_ stem: Int, _ channel: Int, _ frame: Int) -> Float
    /// Segments that were estimated.
    package private(set) var segments = 0
    /// Frames of the segment that was estimated last.
    package private(set) var lastFrames = 0

    package init(
        frames: Int = 24, context: Int = 4, crossfade: Int = 3, stems: Int = 2,
        short: ModelCard.Segment.Short? = nil,
        geometry: STFTGeometry = STFTGeometry(fftSize: 256, hop: 64),
        gain: @escaping (_ stem: Int, _ channel: Int, _ frame: Int) -> Float
    ) {
        segment = ModelCard.Segment(
            frames: frames, context: context, crossfade: crossfade, short: short)
        self.geometry = geometry
        stemCount = stems
        self.gain = gain
    }

    package func estimate(_ mixture: Spectrogram) {
        segments += 1
        lastFrames = mixture.frames
    }

    package func put(
        stem: Int, channel: Int, frame: Int, weight: Float, mixture: Span<SIMD2<Float>>,
        adding: Bool, to sum: inout MutableSpan<SIMD2<Float>>
    ) {
        let gain = weight * gain(stem, channel, frame)
        for bin in sum.indices {
            sum[bin] = (adding ? sum[bin] : .zero) + gain * mixture[bin]
        }
    }

    package func concurrently(_ count: Int, _ body: (Int) -> Void) {
        // Backwards, to show that the order does not matter.
        for index in (0..<count).reversed() { body(index) }
    }
}
