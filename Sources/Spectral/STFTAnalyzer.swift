package import Signal

/// The short-time Fourier transform of one channel, as a stream.
///
/// Samples go in by ``push(_:)`` in blocks of any size, frames come out one by one by
/// ``readFrame(into:)``. Frame k covers the samples from `k * hop - leadIn` on; what lies before the
/// first sample is zero. The frames do not depend on how the samples were cut into blocks.
package struct STFTAnalyzer: ~Copyable {
    private let geometry: STFTGeometry
    private let window: [Float]
    private let transform: FourierTransform
    private let buffers: TransformBuffers
    private var samples: [Float]
    private var start = 0
    private var length = 0

    /// An analyzer at the beginning of a signal.
    ///
    /// - Parameter transform: one of size `geometry.fftSize`; it may be shared.
    package init(_ geometry: STFTGeometry, transform: FourierTransform) {
        precondition(transform.size == geometry.fftSize)
        self.geometry = geometry
        self.transform = transform
        window = geometry.windowValues
        buffers = TransformBuffers(size: geometry.fftSize)
        samples = Array(repeating: 0, count: geometry.leadIn)
    }

    /// Takes the next samples of the signal.
    package mutating func push(_ block: Span<Float>) {
        dropConsumed()
        unsafe block.withUnsafeBufferPointer { unsafe samples.append(contentsOf: $0) }
        length += block.count
    }

    /// Ends the signal with as many zeros as its last frame wants.
    ///
    /// After it, exactly `geometry.frames(forLength:)` frames have come out or are ready.
    package mutating func finish() {
        dropConsumed()
        let frames = geometry.frames(forLength: length)
        let padded = (frames - 1) * geometry.hop + geometry.fftSize
        let seen = geometry.leadIn + length
        if padded > seen { samples.append(contentsOf: repeatElement(0, count: padded - seen)) }
    }

    /// Whether ``readFrame(into:)`` has a frame to give.
    package var hasFrame: Bool { frameCount > 0 }

    /// Frames that ``readFrame(into:)`` has to give.
    package var frameCount: Int {
        let rest = samples.count - start - geometry.fftSize
        return rest < 0 ? 0 : rest / geometry.hop + 1
    }

    /// Gives the next frame.
    ///
    /// - Parameter values: where the frame goes: `geometry.bins` values, from 0 Hz up.
    /// - Precondition: ``hasFrame``.
    package mutating func readFrame(into values: inout MutableSpan<SIMD2<Float>>) {
        precondition(values.count == geometry.bins)
        transform(frame: 0, to: &values, at: 0, with: buffers)
        drop(frames: 1)
    }

    /// Gives frames that are ready, and keeps them; callable from several threads at once.
    ///
    /// - Parameters:
    ///   - range: which ones, 0 being the next.
    ///   - values: where they go, `[frame][bin]`: `geometry.bins` values each, from 0 Hz up.
    /// - Precondition: `range` ends at ``frameCount`` or before.
    package func copyFrames(_ range: Range<Int>, into values: inout MutableSpan<SIMD2<Float>>) {
        precondition(values.count == range.count * geometry.bins)
        let buffers = TransformBuffers(size: geometry.fftSize)
        for (place, index) in range.enumerated() {
            transform(frame: index, to: &values, at: place * geometry.bins, with: buffers)
        }
    }

    private func transform(
        frame: Int, to values: inout MutableSpan<SIMD2<Float>>, at place: Int,
        with buffers: TransformBuffers
    ) {
        precondition(0..<frameCount ~= frame && place + geometry.bins <= values.count)
        let begin = start + frame * geometry.hop
        let (samples, windowValues, size) = (self.samples, self.window, geometry.fftSize)
        let window = windowValues.span
        let source = samples.span.extracting(begin..<begin + size)
        buffers.withSamples { target in
            precondition(target.count == size && source.count == size && window.count == size)
            for n in target.indices {
                unsafe target[unchecked: n] = source[unchecked: n] * window[unchecked: n]
            }
        }
        transform.forward(buffers)
        buffers.withBins { bins in
            precondition(place >= 0 && place + bins.count <= values.count)
            for bin in bins.indices {
                unsafe values[unchecked: place + bin] = bins[unchecked: bin]
            }
        }
    }

    /// Forgets the next frames.
    ///
    /// - Precondition: there are as many, ``frameCount``.
    package mutating func drop(frames: Int) {
        precondition(0...frameCount ~= frames)
        start += frames * geometry.hop
    }

    /// Forgets samples that no further frame needs, once they are many.
    private mutating func dropConsumed() {
        guard start >= 4 * geometry.fftSize else { return }
        let consumed = start
        samples.removeFirst(consumed)
        start = 0
    }
}
