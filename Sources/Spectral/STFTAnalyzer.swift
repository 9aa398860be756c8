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
    package var hasFrame: Bool { samples.count - start >= geometry.fftSize }

    /// Gives the next frame.
    ///
    /// - Parameter values: where the frame goes: `geometry.bins` values, from 0 Hz up.
    /// - Precondition: ``hasFrame``.
    package mutating func readFrame(into values: inout MutableSpan<SIMD2<Float>>) {
        precondition(hasFrame && values.count == geometry.bins)
        let size = geometry.fftSize
        let (samples, windowValues) = (self.samples, self.window)
        let (window, source) = (
            windowValues.span, samples.span.extracting(start..<start + size)
        )
        buffers.withSamples { target in
            precondition(target.count == size && source.count == size && window.count == size)
            for n in target.indices {
                unsafe target[unchecked: n] = source[unchecked: n] * window[unchecked: n]
            }
        }
        transform.forward(buffers)
        buffers.withBins { bins in
            precondition(bins.count == values.count)
            for bin in bins.indices { unsafe values[unchecked: bin] = bins[unchecked: bin] }
        }
        start += geometry.hop
    }

    /// Forgets samples that no further frame needs, once they are many.
    private mutating func dropConsumed() {
        guard start >= 4 * geometry.fftSize else { return }
        let consumed = start
        samples.removeFirst(consumed)
        start = 0
    }
}
