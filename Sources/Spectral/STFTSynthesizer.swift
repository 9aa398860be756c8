package import Signal

/// The inverse short-time Fourier transform of one channel, as a stream.
///
/// Each frame pushed completes `hop` samples by windowed overlap-add, divided by what the squared
/// windows sum to (D. Griffin and J. Lim, Signal estimation from modified short-time Fourier
/// transform, 1984, equation 6). The lead-in that ``STFTAnalyzer`` puts in front is dropped, so the
/// first sample that comes out is the signal's first.
package struct STFTSynthesizer: ~Copyable {
    private let geometry: STFTGeometry
    private let window: [Float]
    private let transform: FourierTransform
    private let buffers: TransformBuffers
    /// One over the overlap gain, with the transform's own factor `fftSize` taken out.
    private let gain: [Float]
    /// The same for the hops that the first frames complete.
    private let startGains: [[Float]]
    private var framesSeen = 0
    private var overlap: [Float]
    private var toDrop: Int

    /// A synthesizer at the beginning of a signal.
    ///
    /// - Parameter transform: one of size `geometry.fftSize`; it may be shared.
    /// - Precondition: `geometry.overlapGain` is above 0 throughout.
    package init(_ geometry: STFTGeometry, transform: FourierTransform) {
        precondition(transform.size == geometry.fftSize)
        self.geometry = geometry
        self.transform = transform
        window = geometry.windowValues
        buffers = TransformBuffers(size: geometry.fftSize)
        let overlapGain = geometry.overlapGain
        precondition(overlapGain.allSatisfy { $0 > 0 }, "a window with gaps cannot be inverted")
        gain = overlapGain.map { 1 / ($0 * Float(geometry.fftSize)) }
        startGains = geometry.startGains.map { gains in
            gains.map { $0 > 0 ? 1 / ($0 * Float(geometry.fftSize)) : 0 }
        }
        overlap = Array(repeating: 0, count: geometry.fftSize)
        toDrop = geometry.leadIn
    }

    /// Adds the next frame and appends the samples that it completes: `hop` of them, fewer or none
    /// during the lead-in.
    ///
    /// - Parameter frame: `geometry.bins` values; the imaginary parts of the first and the last are
    ///   ignored.
    package mutating func push(_ frame: Span<SIMD2<Float>>, appendingTo output: inout [Float]) {
        precondition(frame.count == geometry.bins)
        buffers.withBins { bins in
            precondition(bins.count == frame.count)
            for bin in bins.indices { unsafe bins[unchecked: bin] = frame[unchecked: bin] }
        }
        transform.inverse(buffers)
        let gains = framesSeen < startGains.count ? startGains[framesSeen] : self.gain
        framesSeen += 1
        let (hop, size) = (geometry.hop, geometry.fftSize)
        let windowValues = self.window
        let (window, gain) = (windowValues.span, gains.span)
        let skipped = min(toDrop, hop)
        toDrop -= skipped
        let buffers = buffers
        precondition(window.count == size && gain.count == hop && overlap.count == size)
        let completed = output.count
        output.append(contentsOf: repeatElement(0, count: hop - skipped))
        var sum = overlap.mutableSpan
        var ready = output.mutableSpan
        buffers.withSamples { samples in
            for n in 0..<size {
                unsafe sum[unchecked: n] += samples[unchecked: n] * window[unchecked: n]
            }
        }
        for n in skipped..<hop {
            let value = unsafe sum[unchecked: n] * gain[unchecked: n]
            unsafe ready[unchecked: completed + n - skipped] = value
        }
        let kept = size - hop
        unsafe sum.withUnsafeMutableBufferPointer { sum in
            guard let first = sum.baseAddress else { return }
            unsafe first.update(from: first + hop, count: kept)
            unsafe (first + kept).update(repeating: 0, count: hop)
        }
    }
}
