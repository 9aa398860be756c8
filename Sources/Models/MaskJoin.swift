#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension ModelCard.Masks.Join {
    /// Turns what the nets gave for all stems into masks that sum to one, in place.
    ///
    /// - Parameters:
    ///   - values: `[stem][position]`, position being any order of channel, frame and bin.
    ///   - magnitudes: the mixture's at each position, where the nets gave magnitudes; a magnitude
    ///     without a join becomes its share of the mixture's.
    func apply(to values: inout [[Float]], magnitudes: [Float]?) {
        switch self {
        case .none:
            guard let magnitudes else { return }
            for stem in values.indices {
                for position in values[stem].indices {
                    let whole = magnitudes[position]
                    values[stem][position] = whole > 0 ? values[stem][position] / whole : 0
                }
            }
        case .wiener:
            // Needs phases too: the estimator hands these values to a `WienerFilter`.
            return
        case .softmax:
            for position in values[0].indices {
                var highest = -Float.infinity
                for stem in values.indices { highest = max(highest, values[stem][position]) }
                var sum: Float = 0
                for stem in values.indices {
                    values[stem][position] = exp(values[stem][position] - highest)
                    sum += values[stem][position]
                }
                for stem in values.indices { values[stem][position] /= sum }
            }
        case .ratio(let exponent):
            // The small term keeps silence from being divided by itself; shared among the stems, it
            // leaves the masks' sum at one. Spleeter's separation uses the same 1e-10.
            let floor: Float = 1e-10
            let share = floor / Float(values.count)
            for position in values[0].indices {
                var sum: Float = 0
                for stem in values.indices {
                    let value = max(0, values[stem][position])
                    let power = exponent == 2 ? value * value : pow(value, exponent)
                    values[stem][position] = power
                    sum += power
                }
                for stem in values.indices {
                    values[stem][position] = (values[stem][position] + share) / (sum + floor)
                }
            }
        }
    }
}

extension ModelCard.Masks.Wiener {
    /// Turns what the nets gave for all stems into shares of the mixture, in place: x_i^p over the
    /// sum of x_j^p and epsilon.
    ///
    /// What no net hears belongs to no stem: unlike a join by ratio, the shares of a bin in which all
    /// of them are next to nothing do not sum to one. So does the softmask of the `norbert` package.
    func shares(of values: inout [[Float]], exponent: Float) {
        let floor = Float(epsilon)
        for position in values[0].indices {
            var sum = floor
            for stem in values.indices {
                let value = max(0, values[stem][position])
                let power = exponent == 1 ? value : pow(value, exponent)
                values[stem][position] = power
                sum += power
            }
            for stem in values.indices { values[stem][position] /= sum }
        }
    }
}
