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

    /// The same at the hops that the first frames complete, under which there are fewer frames: empty
    /// where the lead-in covers them.
    ///
    /// `startGains[k][n]` is the sum over j = 0...k of w(n + j hop)^2.
    package var startGains: [[Float]] {
        guard leadIn < fftSize - hop else { return [] }
        let window = windowValues
        var sums = [Double](repeating: 0, count: hop)
        var gains: [[Float]] = []
        for frame in 0..<(fftSize - 1) / hop {
            for n in 0..<hop where n + frame * hop < fftSize {
                let value = Double(window[n + frame * hop])
                sums[n] += value * value
            }
            gains.append(sums.map(Float.init))
        }
        return gains
    }

    /// Whether every sample from the first on is under a frame that can be inverted.
    package var canInvertStart: Bool {
        for (frame, gains) in startGains.enumerated() {
            for (n, gain) in gains.enumerated() where frame * hop + n >= leadIn {
                if gain <= 1e-6 { return false }
            }
        }
        return true
    }

    /// Frames that a signal of `length` samples has, its lead-in and lead-out included.
    package func frames(forLength length: Int) -> Int {
        (length + leadIn + hop - 1) / hop
    }
}
