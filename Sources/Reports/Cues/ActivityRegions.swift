/// The level of a source in short blocks, and which of them sound.
struct BlockLevels: Sendable {
    /// Samples in a block, about 10 ms.
    let blockLength: Int
    /// Samples of the source.
    var length = 0
    /// The mean power of each block over all channels.
    var powers: [Float] = []

    /// The level that only a twentieth of the blocks exceeds, in dB.
    var loud: Double {
        let sounding = powers.filter { $0 > 1e-12 }.sorted()
        guard !sounding.isEmpty else { return Double(FrameTrack.floor) }
        return decibels(ofPower: Double(sounding[(sounding.count - 1) * 19 / 20]))
    }
}

/// Measures the level of a stream in short blocks.
struct ActivityDetector {
    private var levels: BlockLevels
    private var sum = 0.0
    private var count = 0

    init(sampleRate: Int) {
        levels = BlockLevels(blockLength: max(1, sampleRate / 100))
    }

    /// Takes the next samples, `[channel][sample]`.
    mutating func push(_ block: [[Float]]) {
        var start = 0
        while start < block[0].count {
            let end = min(block[0].count, start + levels.blockLength - count)
            for channel in block {
                let samples = channel.span
                for index in start..<end { sum += Double(samples[index] * samples[index]) }
            }
            count += end - start
            levels.length += end - start
            start = end
            if count == levels.blockLength { close(channels: block.count) }
        }
        channels = block.count
    }

    private var channels = 1

    private mutating func close(channels: Int) {
        levels.powers.append(Float(sum / Double(count * channels)))
        (sum, count) = (0, 0)
    }

    /// The levels of the whole source.
    mutating func finish() -> BlockLevels {
        if count > 0 { close(channels: channels) }
        return levels
    }
}

/// Cuts a source into stretches of sound and of silence.
///
/// A stretch of sound begins with a block above the upper threshold and reaches, on both sides, as
/// far as blocks are above the lower one.
struct ActivityRegions {
    /// How far below its loud parts a source counts as silent, in dB.
    static let depth = 45.0
    /// How far below the loud parts of the whole track it counts as silent, in dB.
    static let depthInTrack = 55.0
    /// What is silent in any case, in dB of full scale.
    static let silence = -75.0
    /// Shorter silences are bridged, in seconds.
    static let shortestSilence = 0.3
    /// The distance between the two thresholds, in dB.
    static let hysteresis = 6.0

    /// The regions of a source, from its first sample to its end.
    ///
    /// - Parameter track: the level of the loud parts of the whole track, in dB.
    static func regions(_ levels: BlockLevels, sampleRate: Int, track: Double?) -> [Region] {
        let upper = max(
            silence, levels.loud - depth, (track ?? levels.loud) - depthInTrack)
        let high = powerOfTwo(upper / 3.010_299_957)
        let low = powerOfTwo((upper - hysteresis) / 3.010_299_957)
        let bridge = Int(shortestSilence * Double(sampleRate) / Double(levels.blockLength))
        var active: [Range<Int>] = []
        var block = 0
        while block < levels.powers.count {
            guard Double(levels.powers[block]) > high else {
                block += 1
                continue
            }
            var (start, end) = (block, block + 1)
            let before = active.last?.upperBound ?? 0
            while start > before, Double(levels.powers[start - 1]) > low { start -= 1 }
            while end < levels.powers.count, Double(levels.powers[end]) > low { end += 1 }
            if let last = active.last, start - last.upperBound < bridge {
                active[active.count - 1] = last.lowerBound..<end
            } else {
                active.append(start..<end)
            }
            block = end
        }
        var regions: [Region] = []
        var place = 0
        for range in active {
            let start = range.lowerBound * levels.blockLength
            let end = min(levels.length, range.upperBound * levels.blockLength)
            if start > place { regions.append(Region(samples: place..<start, isActive: false)) }
            regions.append(Region(samples: start..<end, isActive: true))
            place = end
        }
        if place < levels.length {
            regions.append(Region(samples: place..<levels.length, isActive: false))
        }
        return regions
    }
}
