/// Sums over products of samples, the one loop of this room that runs on every sample of a batch.
enum Energy {
    /// The sum of the products of samples in the same places.
    ///
    /// Eight sums side by side, since additions of floats may not change places by themselves; each
    /// run of 4096 samples is summed in `Float`, the runs in `Double`.
    static func product(_ left: Span<Float>, _ right: Span<Float>) -> Double {
        precondition(left.count == right.count)
        var total = 0.0
        for start in stride(from: 0, to: left.count, by: 4096) {
            let range = start..<min(start + 4096, left.count)
            total += Double(run(left.extracting(range), right.extracting(range)))
        }
        return total
    }

    private static func run(_ left: Span<Float>, _ right: Span<Float>) -> Float {
        let eights = left.count / 8
        var sums = SIMD8<Float>.zero
        unsafe left.withUnsafeBytes { left in
            unsafe right.withUnsafeBytes { right in
                for eight in 0..<eights {
                    let place = 32 * eight
                    let a = unsafe left.loadUnaligned(fromByteOffset: place, as: SIMD8<Float>.self)
                    let b = unsafe right.loadUnaligned(
                        fromByteOffset: place, as: SIMD8<Float>.self)
                    sums += a * b
                }
            }
        }
        var sum = sums.sum()
        for index in 8 * eights..<left.count { sum += left[index] * right[index] }
        return sum
    }
}
