/// Rounding of samples to the integers of a depth.
///
/// Values are kept as `Double`, in which all integers that occur here are exact.
struct Quantizer {
    /// The bits of an integer sample: 8, 16, 24 or 32.
    let bits: Int

    /// Full scale as an integer, 2^(bits - 1).
    var scale: Double { Double(1 << (bits - 1)) }

    /// The least and the greatest integer.
    var range: ClosedRange<Double> { -scale...scale - 1 }

    /// The nearest integer, ties to the even one, for values within ±2^51.
    @inline(always)
    static func round(_ value: Double) -> Double {
        // Adding 1.5 * 2^52 leaves no bits below one, and the addition rounds as wanted; a call of
        // the library for each sample would cost several times as much.
        (value + 0x1.8p52) - 0x1.8p52
    }

    /// Rounds samples at full scale ±1.
    ///
    /// - Returns: the first sample that is not finite or beyond 2^20 times full scale.
    func quantize(_ samples: [Float], into result: inout [Double]) -> Int? {
        result.makeRoom(samples.count)
        let scale = scale
        let bound = Quantizer.bound * scale
        let source = samples.span
        var target = result.mutableSpan
        var usable = true
        for index in source.indices {
            let value = unsafe Quantizer.round(Double(source[unchecked: index]) * scale)
            usable = usable && abs(value) <= bound
            unsafe target[unchecked: index] = value
        }
        return usable ? nil : Quantizer.firstUnusable(samples)
    }

    /// Rounds integers at full scale 2^31; nothing is rounded beyond full scale.
    func quantize(_ samples: [Int32], into result: inout [Double]) {
        result.makeRoom(samples.count)
        let factor = scale * 0x1p-31
        let highest = range.upperBound
        let source = samples.span
        var target = result.mutableSpan
        for index in source.indices {
            let value = unsafe Quantizer.round(Double(source[unchecked: index]) * factor)
            unsafe target[unchecked: index] = value < highest ? value : highest
        }
    }

    /// Integers at full scale 2^31 of values within ``range``.
    func integers(_ values: [Double], count: Int, into result: inout [Int32]) {
        if result.count != count { result = Array(repeating: 0, count: count) }
        precondition(count <= values.count)
        let shift = Int32(32 - bits)
        let source = values.span
        var target = result.mutableSpan
        for index in 0..<count {
            // Adding 1.5 * 2^52 leaves the integer in the low bits, with two's complement for the
            // negative ones; so the loop has no conversion that would be done one by one.
            let shifted = unsafe (source[unchecked: index] + 0x1.8p52).bitPattern
            unsafe target[unchecked: index] = Int32(truncatingIfNeeded: shifted) &<< shift
        }
    }

    /// The largest magnitude that a separated sample may have, as a multiple of full scale.
    static let bound = 0x1p20

    /// The first sample that is not finite or beyond ``bound``.
    static func firstUnusable(_ samples: [Float]) -> Int? {
        let source = samples.span
        let bound = Float(bound)
        var usable = true
        for index in source.indices { usable = usable && abs(source[index]) <= bound }
        return usable ? nil : samples.firstIndex { !(abs($0) <= bound) }
    }
}

extension [Double] {
    /// Makes the array at least so long.
    fileprivate mutating func makeRoom(_ length: Int) {
        if count < length { self = Array(repeating: 0, count: length) }
    }
}
