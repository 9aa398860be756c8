/// Repeatable numbers between -1 and 1.
func noise(_ count: Int, seed: UInt64) -> [Float] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    return (0..<count).map { _ in
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Float(Int64(bitPattern: state) >> 40) / Float(1 << 23)
    }
}

/// The largest difference, over the largest reference value (1 where that is smaller).
func worstError(_ values: [Float], _ reference: [Double]) -> Double {
    guard values.count == reference.count else { return .infinity }
    let scale = max(reference.reduce(0) { max($0, abs($1)) }, 1)
    return zip(values, reference).reduce(0) { worst, pair in
        let difference = abs(Double(pair.0) - pair.1)
        return difference.isNaN ? .infinity : max(worst, difference / scale)
    }
}

extension [Float] {
    /// The bits of all values, to compare without rounding or NaN getting in the way.
    var bits: [UInt32] { map(\.bitPattern) }
}
