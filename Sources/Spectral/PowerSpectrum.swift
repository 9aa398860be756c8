import Signal

/// The power spectrum of single frames that may lie anywhere.
///
/// Frames are under a periodic Hann window and scaled so that a sine of amplitude a, in the middle
/// between two bins or on one, has the power a²/2 in all when its bins are added.
package struct PowerSpectrum: ~Copyable {
    /// Samples in a frame, even.
    package let size: Int
    /// Values in a spectrum: `size / 2 + 1`.
    package var bins: Int { size / 2 + 1 }

    private let window: [Float]
    private let transform: FourierTransform
    private let buffers: TransformBuffers
    private let scale: Float

    /// Plans spectra of frames of `size` samples.
    ///
    /// - Precondition: `size` is even and positive.
    package init(size: Int) {
        self.size = size
        window = STFTGeometry(fftSize: size, hop: size / 2).windowValues
        transform = FourierTransform(size: size)
        buffers = TransformBuffers(size: size)
        let energy = window.reduce(0.0) { $0 + Double($1) * Double($1) }
        // Parseval: the sum over all bins of |X|² is `size` times the energy of the windowed frame.
        scale = Float(2 / (Double(size) * energy))
    }

    /// Adds the power of one frame to a spectrum.
    ///
    /// - Parameters:
    ///   - samples: `size` samples.
    ///   - weight: what each power is multiplied by.
    ///   - power: `bins` values, from 0 Hz up.
    package func add(_ samples: Span<Float>, weight: Float, to power: inout [Float]) {
        precondition(samples.count == size && power.count == bins)
        let window = window.span
        buffers.withSamples { target in
            for n in target.indices { target[n] = samples[n] * window[n] }
        }
        transform.forward(buffers)
        let factor = scale * weight
        buffers.withBins { source in
            var target = power.mutableSpan
            for bin in source.indices {
                let value = source[bin]
                target[bin] += factor * (value.x * value.x + value.y * value.y)
            }
            // The first and the last bin have no mirror image.
            let (first, last) = (source[0], source[source.count - 1])
            target[0] -= 0.5 * factor * (first.x * first.x + first.y * first.y)
            target[source.count - 1] -= 0.5 * factor * (last.x * last.x + last.y * last.y)
        }
    }
}
