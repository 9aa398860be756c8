private import CEBUR128

/// Measures the levels of a sound that comes in blocks; the result is the same for any size of them.
///
/// Loudness is by EBU R 128, as libebur128 gives it, which is also asked for peaks between samples.
/// Channels are taken in the order of WAV files: left, right, centre, low frequencies (which do not
/// count), then the surrounds. Not for use by two tasks at once.
@safe package final class LevelMeter {
    /// Samples a second, 100...768,000 Hz.
    package let sampleRate: Int
    /// Channels, 1...8.
    package let channels: Int

    /// libebur128's, where peaks between samples are measured.
    private let state: UnsafeMutablePointer<ebur128_state>?
    /// The filters of each pair of channels, and how much each channel of the pair counts.
    private var filters: [(filter: KWeighting, weights: SIMD2<Double>)] = []
    /// Samples a channel in 100 ms, the step between blocks.
    private let step: Int
    /// 100 ms of sound, `[sample][channel]`, of which `filled` samples a channel are there.
    private let piece: UnsafeMutablePointer<Float>
    private var filled = 0
    private var peak = Float(0)
    private var squares = 0.0
    private var length = 0
    private var gate = LoudnessGate()

    /// A meter at the start of a sound.
    ///
    /// - Parameter truePeak: whether the peak between the samples is measured, which takes longer.
    package init(sampleRate: Int, channels: Int, truePeak: Bool = false) {
        precondition((100...768_000).contains(sampleRate) && (1...8).contains(channels))
        self.sampleRate = sampleRate
        self.channels = channels
        if truePeak {
            let mode = EBUR128_MODE_TRUE_PEAK
            guard
                let fresh = unsafe ebur128_init(
                    UInt32(channels), UInt(sampleRate), Int32(mode.rawValue))
            else { preconditionFailure("libebur128 refuses only rates that no sound file has") }
            unsafe state = fresh
        } else {
            unsafe state = nil
        }
        step = (sampleRate + 5) / 10
        unsafe piece = .allocate(capacity: step * channels)
        unsafe piece.initialize(repeating: 0, count: step * channels)
        let filter = KWeighting(sampleRate: Double(sampleRate))
        let weights = Self.weights(channels)
        filters = Swift.stride(from: 0, to: channels, by: 2).map { first in
            (filter, SIMD2(weights[first], first + 1 < channels ? weights[first + 1] : 0))
        }
    }

    deinit {
        var old = unsafe state
        if unsafe old != nil { unsafe ebur128_destroy(&old) }
        unsafe piece.deallocate()
    }

    /// Takes the next samples, `[channel][sample]`, full scale ±1.
    package func add(_ block: [[Float]]) {
        precondition(block.count == channels)
        unsafe add(count: block[0].count) { channel, start, count, target in
            let samples = block[channel]
            let source = samples.span.extracting(start..<start + count)
            for index in 0..<count {
                unsafe target[index * channels] = source[unchecked: index]
            }
        }
    }

    /// Takes the first `count` samples of each channel, `[channel][sample]`, times a factor.
    package func add(_ block: [[Double]], count: Int, factor: Double) {
        precondition(block.count == channels)
        unsafe add(count: count) { channel, start, count, target in
            let samples = block[channel]
            let source = samples.span.extracting(start..<start + count)
            for index in 0..<count {
                unsafe target[index * channels] = Float(source[unchecked: index] * factor)
            }
        }
    }

    /// The levels of all samples so far; more may follow.
    package var levels: Levels {
        var levels = Levels(peak: 0, rms: nil, loudness: nil)
        let rest = unsafe Self.measure(piece, count: filled * channels)
        let highest = Double(max(peak, rest.peak))
        let sum = squares + rest.squares
        levels.peak = highest
        if sum > 0 {
            levels.rms = decibels(
                ofPower: sum / (Double(length + filled) * Double(channels)))
        }
        levels.loudness = gate.integrated
        if unsafe state != nil {
            var greatest = highest
            for channel in 0..<channels {
                var value = 0.0
                if unsafe ebur128_true_peak(state, UInt32(channel), &value) == 0 {
                    greatest = max(greatest, value)
                }
            }
            if greatest > 0 { levels.truePeak = decibels(ofAmplitude: greatest) }
        }
        return levels
    }

    /// Lets `fill` copy up to 100 ms at a time of each channel into ``piece``.
    private func add(
        count: Int, _ fill: (Int, Int, Int, UnsafeMutablePointer<Float>) -> Void
    ) {
        var start = 0
        while start < count {
            let part = min(step - filled, count - start)
            for channel in 0..<channels {
                unsafe fill(channel, start, part, piece + filled * channels + channel)
            }
            start += part
            filled += part
            if filled == step { takePiece() }
        }
    }

    private func takePiece() {
        let found = unsafe Self.measure(piece, count: step * channels)
        peak = max(peak, found.peak)
        squares += found.squares
        length += step
        filled = 0
        if unsafe state != nil { unsafe ebur128_add_frames_float(state, piece, step) }
        var energy = 0.0
        for pair in filters.indices {
            filters[pair].filter.clearSquares()
            unsafe filters[pair].filter.add(
                piece + 2 * pair, count: step, stride: channels,
                hasSecond: 2 * pair + 1 < channels)
            energy += (filters[pair].filter.squares * filters[pair].weights).sum()
        }
        gate.add(Self.offset + decibels(ofPower: energy / Double(step)))
    }

    /// What makes a full-scale sine of 1 kHz in one channel -3.01 LUFS.
    private static let offset = -0.691

    /// The greatest magnitude and the sum of squares, in eight lanes since the order of a sum is fixed.
    private static func measure(
        _ samples: UnsafePointer<Float>, count: Int
    ) -> (peak: Float, squares: Double) {
        var (high, low) = (SIMD8<Float>.zero, SIMD8<Float>.zero)
        var sums = SIMD8<Double>.zero
        var index = 0
        while index + 8 <= count {
            let lanes = unsafe UnsafeRawPointer(samples + index)
                .loadUnaligned(as: SIMD8<Float>.self)
            high = high.replacing(with: lanes, where: lanes .> high)
            low = low.replacing(with: lanes, where: lanes .< low)
            let wide = SIMD8<Double>(lanes)
            sums += wide * wide
            index += 8
        }
        var peak = max(high.max(), -low.min())
        var squares = sums.sum()
        while index < count {
            let value = unsafe samples[index]
            peak = max(peak, abs(value))
            squares += Double(value) * Double(value)
            index += 1
        }
        return (peak, squares)
    }

    /// How much the square of each channel counts: surrounds at the sides more than the front.
    private static func weights(_ channels: Int) -> [Double] {
        let sides = [1.41, 1.41]
        return switch channels {
        case 1...3: Array(repeating: 1, count: channels)
        case 4: [1, 1] + sides
        case 5: [1, 1, 1] + sides
        case 6: [1, 1, 1, 0] + sides
        case 7: [1, 1, 1, 0, 1] + sides
        default: [1, 1, 1, 0, 1, 1] + sides
        }
    }
}
