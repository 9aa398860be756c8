/// Uniform noise in -1...1, the same for the same seed on every machine.
package func noise(length: Int, seed: UInt64) -> [Float] {
    // A linear congruential generator with the constants of D. Knuth's MMIX.
    var state = seed
    return (0..<length).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(Int64(bitPattern: state) >> 40) / Float(1 << 23)
    }
}
