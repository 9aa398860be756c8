import Signal

extension ModelCard {
    /// How many of the highest bins tell the mask above them; none where that is zero.
    var binsForAbove: Int {
        switch masks.above {
        case .zeros: 0
        case .average: bins
        case .meanOfTop(let count): count
        }
    }

    /// Gives the mixture's bins times a mask, or adds them to what is there, also above the mask's bins.
    ///
    /// - Parameters:
    ///   - mask: from the first bin to the last, `stride` values apart.
    ///   - sum: as many bins as the mixture has.
    func addMasked(
        _ mask: Span<Float>, stride: Int, _ weight: Float, _ mixture: Span<SIMD2<Float>>,
        adding: Bool, _ sum: inout MutableSpan<SIMD2<Float>>
    ) {
        if stride == 1 {
            Self.addMasked(mask, weight, mixture, adding: adding, to: &sum, bins: bins)
        } else {
            for bin in 0..<bins {
                sum[bin] =
                    (adding ? sum[bin] : .zero) + (weight * mask[bin * stride]) * mixture[bin]
            }
        }
        addAbove(mask, stride: stride, weight, mixture, adding: adding, &sum)
    }

    /// Gives what lies above the mask's bins its share of the mixture, or adds that to what is there.
    ///
    /// - Parameter mask: all of the mask's bins, `stride` values apart.
    func addAbove(
        _ mask: Span<Float>, stride: Int, _ weight: Float, _ mixture: Span<SIMD2<Float>>,
        adding: Bool, _ sum: inout MutableSpan<SIMD2<Float>>
    ) {
        let counted = binsForAbove
        var above: Float = 0
        if counted > 0 {
            var total: Float = 0
            for bin in bins - counted..<bins { total += mask[bin * stride] }
            above = weight * total / Float(counted)
        }
        for bin in bins..<sum.count {
            sum[bin] = (adding ? sum[bin] : .zero) + above * mixture[bin]
        }
    }

    /// Several bins at once, which the compiler doesn't make of a loop over pairs.
    private static func addMasked(
        _ mask: Span<Float>, _ weight: Float, _ mixture: Span<SIMD2<Float>>, adding: Bool,
        to sum: inout MutableSpan<SIMD2<Float>>, bins: Int
    ) {
        precondition(bins <= mask.count && bins <= mixture.count && bins <= sum.count)
        let whole = bins / 8 * 8
        unsafe mask.withUnsafeBytes { mask in
            unsafe mixture.withUnsafeBytes { mixture in
                unsafe sum.withUnsafeMutableBytes { sum in
                    for bin in stride(from: 0, to: whole, by: 8) {
                        let part = unsafe mask.loadUnaligned(
                            fromByteOffset: 4 * bin, as: SIMD8<Float>.self)
                        let factors = weight * part
                        var pairs = SIMD16<Float>()
                        pairs.evenHalf = factors
                        pairs.oddHalf = factors
                        let values = unsafe mixture.loadUnaligned(
                            fromByteOffset: 8 * bin, as: SIMD16<Float>.self)
                        var result = pairs * values
                        if adding {
                            result += unsafe sum.loadUnaligned(
                                fromByteOffset: 8 * bin, as: SIMD16<Float>.self)
                        }
                        unsafe sum.storeBytes(
                            of: result, toByteOffset: 8 * bin, as: SIMD16<Float>.self)
                    }
                }
            }
        }
        for bin in whole..<bins {
            let value = (weight * mask[bin]) * mixture[bin]
            sum[bin] = adding ? sum[bin] + value : value
        }
    }
}
