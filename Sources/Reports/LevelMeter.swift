private import CEBUR128

/// Measures the levels of a sound that comes in blocks; the result is the same for any size of them.
///
/// The loudness of each block of 400 ms is libebur128's. Channels are taken in the order of WAV
/// files: left, right, centre, low frequencies (which do not count), then the surrounds. Not for
/// use by two tasks at once.
@safe package final class LevelMeter {
    /// Samples a second, 100...768,000 Hz.
    package let sampleRate: Int
    /// Channels, 1...8.
    package let channels: Int

    private let state: UnsafeMutablePointer<ebur128_state>
    private let measuresTruePeak: Bool
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
        measuresTruePeak = truePeak
        let mode = truePeak ? EBUR128_MODE_TRUE_PEAK : EBUR128_MODE_M
        guard
            let fresh = unsafe ebur128_init(
                UInt32(channels), UInt(sampleRate), Int32(mode.rawValue))
        else { preconditionFailure("libebur128 refuses only rates that no sound file has") }
        unsafe state = fresh
        step = (sampleRate + 5) / 10
        unsafe piece = .allocate(capacity: step * channels)
        unsafe piece.initialize(repeating: 0, count: step * channels)
        for (channel, place) in Self.places(channels).enumerated() {
            unsafe ebur128_set_channel(state, UInt32(channel), Int32(place.rawValue))
        }
    }

    deinit {
        var old: UnsafeMutablePointer<ebur128_state>? = unsafe state
        unsafe ebur128_destroy(&old)
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
            levels.rms = decibels(ofPower: sum / (Double(length + filled) * Double(channels)))
        }
        levels.loudness = gate.integrated
        if measuresTruePeak {
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
        unsafe ebur128_add_frames_float(state, piece, step)
        var loudness = 0.0
        // Of these 100 ms alone: asked for 400 ms, libebur128 would add up every sample four times.
        let isKnown = unsafe ebur128_loudness_window(state, 100, &loudness) == 0
        gate.add(isKnown ? loudness : -.infinity)
    }

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

    private static func places(_ channels: Int) -> [channel] {
        let front = [EBUR128_LEFT, EBUR128_RIGHT]
        let sides = [EBUR128_LEFT_SURROUND, EBUR128_RIGHT_SURROUND]
        return switch channels {
        case 1: [EBUR128_LEFT]
        case 2: front
        case 3: front + [EBUR128_CENTER]
        case 4: front + sides
        case 5: front + [EBUR128_CENTER] + sides
        case 6: front + [EBUR128_CENTER, EBUR128_UNUSED] + sides
        case 7: front + [EBUR128_CENTER, EBUR128_UNUSED, EBUR128_Mp180] + sides
        default:
            front + [EBUR128_CENTER, EBUR128_UNUSED, EBUR128_Mp135, EBUR128_Mm135]
                + [EBUR128_Mp090, EBUR128_Mm090]
        }
    }
}
