#if canImport(Glibc)
    private import Glibc
#else
    private import Darwin
#endif

/// The logarithm to the base e.
func naturalLogarithm(_ x: Double) -> Double { log(x) }

/// The logarithm to the base e.
func naturalLogarithm(_ x: Float) -> Float { log(x) }

/// The exponential.
func exponential(_ x: Double) -> Double { exp(x) }

/// A power in dB of full scale.
func decibels(_ power: Double) -> Double { 10 * log10(power) }

/// A power of 2.
func powerOfTwo(_ x: Double) -> Double { exp2(x) }

/// The logarithm to the base 2.
func binaryLogarithm(_ x: Double) -> Double { log2(x) }

/// The cosine of an angle in radians.
func cosine(_ x: Double) -> Double { cos(x) }
