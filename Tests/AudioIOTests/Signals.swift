import AudioIO
import Storage

/// Repeatable random numbers (SplitMix64).
struct Randomness: RandomNumberGenerator {
    var state: UInt64

    init(_ seed: UInt64 = 1) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Test signals.
enum Signals {
    /// White integers of all values of a depth, at the upper end of 32 bits; `[channel][sample]`.
    static func integers(bits: Int, channels: Int, count: Int, seed: UInt64 = 1) -> [[Int32]] {
        var random = Randomness(seed)
        return (0..<channels).map { _ in
            (0..<count).map { _ in
                let value = Int32(truncatingIfNeeded: random.next())
                return (value >> Int32(32 - bits)) << Int32(32 - bits)
            }
        }
    }

    /// White floats within ±`peak`; `[channel][sample]`.
    static func floats(peak: Float, channels: Int, count: Int, seed: UInt64 = 2) -> [[Float]] {
        var random = Randomness(seed)
        return (0..<channels).map { _ in
            (0..<count).map { _ in Float.random(in: -peak...peak, using: &random) }
        }
    }
}

/// Everything that a file gives.
struct Content {
    var format: SourceFormat
    var floats: [[Float]]
    var integers: [[Int32]]?
    var notes: [SourceNote]

    /// Reads a file in blocks of a size.
    init(
        of path: FilePath, start: Double = 0, duration: Double? = nil, salvage: Bool = false,
        block size: Int = 1000, decoder: String = "ffmpeg"
    ) throws(AudioFileError) {
        let reader = try AudioReader(
            path, start: start, duration: duration, salvage: salvage, decoder: decoder)
        format = reader.format
        var block = reader.makeBlock()
        floats = Array(repeating: [], count: format.channels)
        integers = block.integers
        while try reader.read(into: &block, count: size) > 0 {
            for channel in floats.indices {
                floats[channel] += block.floats[channel]
                if let some = block.integers { integers?[channel] += some[channel] }
            }
        }
        notes = reader.notes
    }

    var length: Int { floats.first?.count ?? 0 }
}
