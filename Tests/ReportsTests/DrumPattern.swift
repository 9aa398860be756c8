import Foundation
import Reports
import TestSupport

/// A drum track made of three sounds, whose hits begin exactly where they are put.
struct DrumPattern {
    /// One hit.
    struct Hit {
        var sample: Int
        var drum: Drum
        var level: Float = 0.5
    }

    var sampleRate = 44_100
    var hits: [Hit] = []
    var length = 0

    /// Rock: kick on 1 and 3, snare on 2 and 4, hats on every eighth.
    static func rock(
        tempo: Double, bars: Int, start: Double = 0.3, sampleRate: Int = 44_100
    ) -> DrumPattern {
        var pattern = DrumPattern(sampleRate: sampleRate)
        let beat = 60 / tempo
        for eighth in 0..<bars * 8 {
            let time = start + Double(eighth) * beat / 2
            let sample = Int((time * Double(sampleRate)).rounded())
            switch eighth % 8 {
            case 0: pattern.hits.append(Hit(sample: sample, drum: .kick))
            case 4: pattern.hits.append(Hit(sample: sample, drum: .kick, level: 0.4))
            case 2, 6: pattern.hits.append(Hit(sample: sample, drum: .snare))
            default: break
            }
            pattern.hits.append(Hit(sample: sample, drum: .hat, level: 0.15))
        }
        pattern.length = Int((start + Double(bars * 4) * beat) * Double(sampleRate))
        return pattern
    }

    /// The moments at which there is a hit.
    var moments: [Int] { Array(Set(hits.map(\.sample))).sorted() }

    /// The sound, one channel.
    func rendered() -> [Float] {
        var sound = [Float](repeating: 0, count: length)
        for hit in hits {
            for (index, value) in shot(hit.drum).enumerated() where hit.sample + index < length {
                sound[hit.sample + index] += hit.level * value
            }
        }
        return sound
    }

    private func shot(_ drum: Drum) -> [Float] {
        let rate = Double(sampleRate)
        let random = noise(length: Int(rate / 4), seed: 7)
        var last: Float = 0
        return random.enumerated().map { index, value in
            let time = Double(index) / rate
            let bright = value - last
            last = value
            func decay(_ seconds: Double) -> Float { Float(exp(-time / seconds)) }
            func sine(_ frequency: Double) -> Float { Float(cos(2 * .pi * frequency * time)) }
            return switch drum {
            case .kick: decay(0.08) * sine(55) + 0.3 * decay(0.003) * value
            case .snare: decay(0.06) * (0.6 * value + 0.5 * sine(190))
            case .hat, .other: decay(0.02) * bright
            }
        }
    }
}

/// Cues of samples that are given in blocks.
func cues(
    of channels: [[Float]], beside mixture: [[Float]]? = nil, name: String = "drums",
    sampleRate: Int = 44_100, rate: Double = 60, block size: Int = 16_384, isDrums: Bool = true
) -> SourceCues {
    var analyzer = CueAnalyzer(
        name: name, file: "\(name).wav", sampleRate: sampleRate, channels: channels.count,
        mixtureChannels: mixture?.count, frameRate: rate, isDrums: isDrums)
    var start = 0
    while start < channels[0].count {
        let end = min(channels[0].count, start + size)
        analyzer.push(
            channels.map { Array($0[start..<end]) },
            beside: mixture?.map { Array($0[start..<end]) })
        start = end
    }
    return analyzer.finish()
}

/// All that a writer writes.
func written(_ body: (inout CueText) throws -> Void) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try withoutActuallyEscaping({ (more: [UInt8]) in bytes += more }) { deliver in
        var text = CueText(deliver)
        try body(&text)
        try text.finish()
    }
    return bytes
}
