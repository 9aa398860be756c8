#if canImport(Darwin)
    private import Darwin
#elseif canImport(Glibc)
    private import Glibc
#elseif canImport(Musl)
    private import Musl
#endif

/// The logarithm to the base e.
func naturalLogarithm(_ x: Double) -> Double { log(x) }

/// The logarithm to the base e.
func naturalLogarithm(_ x: Float) -> Float { log(x) }

/// The logarithm to the base 2.
func binaryLogarithm(_ x: Double) -> Double { log2(x) }

/// The level of a power in dB; -infinity for none.
func decibels(ofPower power: Double) -> Double { 10 * log10(power) }

/// The level of an amplitude in dB; -infinity for none.
func decibels(ofAmplitude amplitude: Double) -> Double { 20 * log10(amplitude) }

/// The exponential.
func exponential(_ x: Double) -> Double { exp(x) }

/// A power of 2.
func powerOfTwo(_ x: Double) -> Double { exp2(x) }

/// A number to the power of another.
func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

/// The cosine of an angle in radians.
func cosine(_ x: Double) -> Double { cos(x) }

/// The tangent of an angle in radians.
func tangent(_ x: Double) -> Double { tan(x) }
