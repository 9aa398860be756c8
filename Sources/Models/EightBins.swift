import Signal

/// Eight bins of a frame of the mixture.
struct EightBins {
    typealias Floats = SIMD8<Float>

    let left: (real: Floats, imaginary: Floats)
    let right: (real: Floats, imaginary: Floats)
    let leftPower: Floats
    let rightPower: Floats
    private let frame: Int
    private let bin: Int

    @inline(__always)
    init(_ mixture: Spectrogram, _ frame: Int, bin: Int) {
        (self.frame, self.bin) = (frame, bin)
        func pairs(_ channel: Int) -> (real: Floats, imaginary: Floats) {
            let first = mixture.range(channel: channel, frame: frame).lowerBound + bin
            precondition(first >= 0 && first + 8 <= mixture.values.count)
            let values = unsafe mixture.values.withUnsafeBytes {
                unsafe $0.loadUnaligned(fromByteOffset: 8 * first, as: SIMD16<Float>.self)
            }
            return (values.evenHalf, values.oddHalf)
        }
        (left, right) = (pairs(0), pairs(1))
        leftPower = left.real * left.real + left.imaginary * left.imaginary
        rightPower = right.real * right.real + right.imaginary * right.imaginary
    }

    /// Left by the conjugate of right.
    var cross: (real: Floats, imaginary: Floats) {
        (
            left.real * right.real + left.imaginary * right.imaginary,
            left.imaginary * right.real - left.real * right.imaginary
        )
    }

    /// The stems' shares of the mixture's power, which sum to one; those of silence are equal.
    @inline(__always)
    func share(_ masks: Span<Float>, _ layout: TensorLayout, among shares: inout [Floats]) {
        var whole = Floats.zero
        for stem in shares.indices {
            let first = layout.start(stem: stem, channel: 0, frame: frame) + bin
            let second = first + layout.channel
            precondition(first >= 0 && first + 8 <= masks.count && second + 8 <= masks.count)
            let (left, right) = unsafe masks.withUnsafeBytes {
                unsafe (
                    $0.loadUnaligned(fromByteOffset: 4 * first, as: Floats.self),
                    $0.loadUnaligned(fromByteOffset: 4 * second, as: Floats.self)
                )
            }
            let (a, b) = (pointwiseMax(left, .zero), pointwiseMax(right, .zero))
            shares[stem] = a * leftPower + b * rightPower + 1e-30
            whole += shares[stem]
        }
        let scale = 1 / whole
        for stem in shares.indices { shares[stem] *= scale }
    }
}

/// Eight complex numbers, in double precision.
struct EightNumbers {
    typealias Doubles = SIMD8<Double>

    var real: Doubles
    var imaginary: Doubles

    init(_ real: Doubles, _ imaginary: Doubles) { (self.real, self.imaginary) = (real, imaginary) }

    init(_ parts: (real: SIMD8<Float>, imaginary: SIMD8<Float>)) {
        self.init(Doubles(parts.real), Doubles(parts.imaginary))
    }

    @inline(__always)
    var conjugate: EightNumbers { EightNumbers(real, -imaginary) }
    @inline(__always)
    var power: Doubles { real * real + imaginary * imaginary }
    /// Real and imaginary parts in turn.
    var pairs: SIMD16<Float> {
        var pairs = SIMD16<Float>()
        pairs.evenHalf = SIMD8<Float>(real)
        pairs.oddHalf = SIMD8<Float>(imaginary)
        return pairs
    }

    @inline(__always)
    static func + (a: EightNumbers, b: EightNumbers) -> EightNumbers {
        EightNumbers(a.real + b.real, a.imaginary + b.imaginary)
    }

    @inline(__always)
    static func - (a: EightNumbers, b: EightNumbers) -> EightNumbers {
        EightNumbers(a.real - b.real, a.imaginary - b.imaginary)
    }

    @inline(__always)
    static func * (a: EightNumbers, b: EightNumbers) -> EightNumbers {
        EightNumbers(
            a.real * b.real - a.imaginary * b.imaginary,
            a.real * b.imaginary + a.imaginary * b.real)
    }

    @inline(__always)
    static func * (a: EightNumbers, b: Doubles) -> EightNumbers {
        EightNumbers(a.real * b, a.imaginary * b)
    }
}
