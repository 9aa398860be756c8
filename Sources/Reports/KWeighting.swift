/// The filter of ITU-R BS.1770 in front of a loudness measurement, on two channels at a time: a shelf
/// that lifts high frequencies by 4 dB, then a high pass.
///
/// The recommendation gives coefficients for 48 kHz. Those for other rates are the bilinear transform
/// of the same two analogue filters (B. De Man, Evaluation of implementations of the EBU R128 loudness
/// measurement, 2018), and at 48 kHz the recommendation's own to ten digits.
struct KWeighting {
    private let shelf: Section
    private let highPass: Section
    /// The weighted sum of squares of what came out, each channel by itself.
    private(set) var squares = SIMD2<Double>.zero
    private var states = States()

    /// A section of second order, in the transposed second direct form, whose sums are short.
    private struct Section {
        let ahead: (Double, Double, Double)
        let back: (Double, Double)
    }

    fileprivate struct States {
        var (shelfOne, shelfTwo) = (SIMD2<Double>.zero, SIMD2<Double>.zero)
        var (passOne, passTwo) = (SIMD2<Double>.zero, SIMD2<Double>.zero)
    }

    /// A filter at rest.
    ///
    /// - Parameter sampleRate: in Hz.
    init(sampleRate: Double) {
        // Corner frequencies, gain and quality of the analogue filters.
        let gain = power(10, 3.999843853973347 / 20)
        let middle = power(gain, 0.4996667741545416)
        let high = tangent(.pi * 1681.974450955533 / sampleRate)
        let (highOverQuality, highSquare) = (high / 0.7071752369554196, high * high)
        let highNorm = 1 + highOverQuality + highSquare
        shelf = Section(
            ahead: (
                (gain + middle * highOverQuality + highSquare) / highNorm,
                2 * (highSquare - gain) / highNorm,
                (gain - middle * highOverQuality + highSquare) / highNorm
            ),
            back: (
                2 * (highSquare - 1) / highNorm, (1 - highOverQuality + highSquare) / highNorm
            ))
        let low = tangent(.pi * 38.13547087602444 / sampleRate)
        let (lowOverQuality, lowSquare) = (low / 0.5003270373238773, low * low)
        let lowNorm = 1 + lowOverQuality + lowSquare
        highPass = Section(
            ahead: (1, -2, 1),
            back: (2 * (lowSquare - 1) / lowNorm, (1 - lowOverQuality + lowSquare) / lowNorm))
    }

    /// Filters samples and adds the squares of what comes out to ``squares``.
    ///
    /// - Parameters:
    ///   - samples: where the first sample of the first channel lies.
    ///   - count: samples a channel.
    ///   - stride: from one sample of a channel to its next.
    ///   - hasSecond: whether the second channel lies behind the first.
    mutating func add(
        _ samples: UnsafePointer<Float>, count: Int, stride: Int, hasSecond: Bool
    ) {
        let (shelf, highPass) = (shelf, highPass)
        var (states, sum) = (states, squares)
        for index in 0..<count {
            let place = unsafe samples + index * stride
            let input = unsafe SIMD2<Double>(
                Double(place[0]), hasSecond ? Double(place[1]) : 0)
            let lifted = shelf.ahead.0 * input + states.shelfOne
            states.shelfOne =
                (shelf.ahead.1 * input + states.shelfTwo) - shelf.back.0 * lifted
            states.shelfTwo = shelf.ahead.2 * input - shelf.back.1 * lifted
            let passed = lifted + states.passOne
            states.passOne = (states.passTwo - 2 * lifted) - highPass.back.0 * passed
            states.passTwo = lifted - highPass.back.1 * passed
            sum += passed * passed
        }
        states.settle()
        (self.states, squares) = (states, sum)
    }

    /// Forgets the sum of squares.
    mutating func clearSquares() { squares = .zero }
}

extension KWeighting.States {
    /// Sets what silence has let fall beyond hearing to zero, before it becomes so small that the
    /// processor is slow with it.
    fileprivate mutating func settle() {
        shelfOne.settle()
        shelfTwo.settle()
        passOne.settle()
        passTwo.settle()
    }
}

extension SIMD2<Double> {
    fileprivate mutating func settle() {
        if abs(x) < 1e-30 { x = 0 }
        if abs(y) < 1e-30 { y = 0 }
    }
}
