#if canImport(Glibc)
    private import Glibc
#else
    private import Darwin
#endif

extension STFTGeometry {
    /// The window's values over one frame, `fftSize` of them; a shorter window is centred in zeros.
    package var windowValues: [Float] {
        let start = (fftSize - windowLength) / 2
        var values = [Float](repeating: 0, count: fftSize)
        for n in 0..<windowLength {
            let cosine = cos(2 * Double.pi * Double(n) / Double(windowLength))
            let value =
                switch window {
                case .hann: 0.5 - 0.5 * cosine
                case .rootHann: max(0, 0.5 - 0.5 * cosine).squareRoot()
                case .hamming: 0.54 - 0.46 * cosine
                case .rectangular: 1.0
                }
            values[start + n] = Float(value)
        }
        return values
    }

    /// What overlap-add of analysis and synthesis windows sums to at each sample of a hop.
    ///
    /// `overlapGain[n]` is the sum over all k of w(n + k hop)^2. Where it is 0 the transform cannot
    /// be inverted.
    package var overlapGain: [Float] {
        var sums = [Double](repeating: 0, count: hop)
        for (n, value) in windowValues.enumerated() {
            sums[n % hop] += Double(value) * Double(value)
        }
        return sums.map(Float.init)
    }

    /// Frames that a signal of `length` samples has, its lead-in and lead-out included.
    package func frames(forLength length: Int) -> Int {
        (length + leadIn + hop - 1) / hop
    }
}
