package import Signal

/// What takes a segment of a mixture apart: a model's nets, or a stand-in for them in a test.
///
/// Stems are named by their index in ``ModelCard/stems``.
package protocol SegmentEstimating: AnyObject {
    /// How a track is to be cut into segments.
    var segment: ModelCard.Segment { get }
    /// The transform that gives the segment's frames.
    var geometry: STFTGeometry { get }
    /// Stems that come out.
    var stemCount: Int { get }

    /// Estimates all stems of one segment and keeps them until the next call.
    ///
    /// - Parameter mixture: two channels, `segment.frames` frames, or as few as
    ///   ``ModelCard/Segment/frames(forTrackOf:)`` gives for a whole track.
    func estimate(_ mixture: Spectrogram) throws

    /// Gives a stem's part of one frame of the segment last estimated, or adds it to what is there.
    ///
    /// May be called from several threads at once.
    ///
    /// - Parameters:
    ///   - stem: which stem.
    ///   - channel: 0 for left, 1 for right.
    ///   - frame: which frame of the segment.
    ///   - weight: a factor, 0...1.
    ///   - mixture: the same frame and channel of the mixture, all bins.
    ///   - adding: whether it is added; otherwise it takes the place of what was there.
    ///   - sum: where it goes, all bins.
    func put(
        stem: Int, channel: Int, frame: Int, weight: Float, mixture: Span<SIMD2<Float>>,
        adding: Bool, to sum: inout MutableSpan<SIMD2<Float>>)

    /// Calls `body` once with each index below `count`, on as many threads as there are to use.
    func concurrently(_ count: Int, _ body: (_ index: Int) -> Void)
}
