#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension ModelCard.Masks.Join {
    /// Turns what the nets gave for one frame of all stems into masks that sum to one, in place.
    ///
    /// - Parameters:
    ///   - values: `[stem, bin]` from `start` on.
    ///   - mixture: the mixture's bins; magnitudes without a join become their share of it.
    func apply(
        to values: inout MutableSpan<Float>, at start: Int, stems: Int, bins: Int,
        mixture: Span<SIMD2<Float>>
    ) {
        let places = stride(from: start, to: start + stems * bins, by: bins)
        switch self {
        case .none, .spatial:
            for bin in 0..<bins {
                let whole = (mixture[bin] * mixture[bin]).sum().squareRoot()
                for place in places {
                    values[place + bin] = whole > 0 ? values[place + bin] / whole : 0
                }
            }
        case .wiener(let settings):
            // Magnitudes need phases too, which they get with the filter.
            guard let exponent = settings.ratio else { return }
            settings.share(&values, places: places, bins: bins, exponent: exponent)
        case .softmax:
            for bin in 0..<bins {
                var highest = -Float.infinity
                for place in places { highest = max(highest, values[place + bin]) }
                var sum: Float = 0
                for place in places {
                    values[place + bin] = exp(values[place + bin] - highest)
                    sum += values[place + bin]
                }
                for place in places { values[place + bin] /= sum }
            }
        case .ratio(let exponent):
            // The small term keeps silence from being divided by itself; shared among the stems, it
            // leaves the masks' sum at one. Spleeter's separation uses the same 1e-10.
            let floor: Float = 1e-10
            let share = floor / Float(stems)
            for bin in 0..<bins {
                var sum: Float = 0
                for place in places {
                    let value = max(0, values[place + bin])
                    let power = exponent == 2 ? value * value : pow(value, exponent)
                    values[place + bin] = power
                    sum += power
                }
                for place in places {
                    values[place + bin] = (values[place + bin] + share) / (sum + floor)
                }
            }
        }
    }
}

extension ModelCard.Masks.Wiener {
    /// Turns what the nets gave for one frame of all stems into shares of the mixture, in place: x_i^p
    /// over the sum of x_j^p and epsilon.
    ///
    /// What no net hears belongs to no stem: unlike a join by ratio, the shares of a bin in which all
    /// of them are next to nothing do not sum to one. So does the softmask of the `norbert` package.
    ///
    /// - Parameter places: where the first bin of each stem lies.
    func share(
        _ values: inout MutableSpan<Float>, places: StrideTo<Int>, bins: Int, exponent: Float
    ) {
        let floor = Float(epsilon)
        for bin in 0..<bins {
            var sum = floor
            for place in places {
                let value = max(0, values[place + bin])
                let power = exponent == 1 ? value : pow(value, exponent)
                values[place + bin] = power
                sum += power
            }
            for place in places { values[place + bin] /= sum }
        }
    }
}
