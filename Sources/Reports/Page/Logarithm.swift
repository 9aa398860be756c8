#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The level of a power in dB; -infinity for none.
func decibels(ofPower power: Double) -> Double { 10 * log10(power) }

/// The level of an amplitude in dB; -infinity for none.
func decibels(ofAmplitude amplitude: Double) -> Double { 20 * log10(amplitude) }

/// A number to the power of another.
func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
