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
            for bin in bins.indices { bins[bin] = frame[bin] }
        }
        transform.inverse(buffers)
        let gain = framesSeen < startGains.count ? startGains[framesSeen] : self.gain
        framesSeen += 1
        let (window, hop, size) = (self.window, geometry.hop, geometry.fftSize)
        let skipped = min(toDrop, hop)
        toDrop -= skipped
        let buffers = buffers
        var sum = overlap.mutableSpan
        buffers.withSamples { samples in
            for n in samples.indices { sum[n] += samples[n] * window[n] }
        }
        output.append(addingCapacity: hop - skipped) { room in
            for n in skipped..<hop { room.append(sum[n] * gain[n]) }
        }
        let kept = size - hop
        for n in 0..<kept { sum[n] = sum[n + hop] }
        for n in kept..<size { sum[n] = 0 }
    }
}
