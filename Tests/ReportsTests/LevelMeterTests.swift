import Foundation
import Testing

@testable import Reports

/// A sine of an amplitude in dB below full scale.
private func sine(
    _ frequency: Double, decibels: Double, seconds: Double, rate: Int = 48_000
) -> [Float] {
    let (amplitude, turn) = (pow(10, decibels / 20), 2 * Double.pi * frequency / Double(rate))
    return (0..<Int(seconds * Double(rate))).map { Float(amplitude * sin(turn * Double($0))) }
}

private func levels(
    _ channels: [[Float]], rate: Int = 48_000, truePeak: Bool = false
) -> Levels {
    let meter = LevelMeter(sampleRate: rate, channels: channels.count, truePeak: truePeak)
    meter.add(channels)
    return meter.levels
}

private func isNear(_ value: Double?, _ expected: Double, within tolerance: Double) -> Bool {
    value.map { abs($0 - expected) <= tolerance } ?? false
}

/// The signals of EBU Tech 3341, whose tolerance is 0.1 LU, and closed forms.
struct LevelMeterTests {
    @Test(arguments: [(-23.0, 48_000), (-33, 44_100), (-23, 8_000), (-23, 192_000), (-40, 22_050)])
    func aStereoSineOfOneKilohertzIsAsLoudAsItsLevel(decibels: Double, rate: Int) {
        let tone = sine(1000, decibels: decibels, seconds: 5, rate: rate)
        let found = levels([tone, tone], rate: rate)
        #expect(isNear(found.loudness, decibels, within: 0.05))
        #expect(isNear(found.rms, decibels - 10 * log10(2), within: 1e-3))
        #expect(isNear(found.peak, pow(10, decibels / 20), within: 1e-6))
        #expect(found.truePeak == nil)
    }

    @Test func quietStretchesAreGatedOut() {
        // Cases 3 and 4 of Tech 3341: tones at -36, -23 and -36, and with -72 around them.
        let loud = sine(1000, decibels: -23, seconds: 60)
        let soft = sine(1000, decibels: -36, seconds: 10)
        let faint = sine(1000, decibels: -72, seconds: 10)
        let third = soft + loud + soft
        let fourth = faint + soft + loud + soft + faint
        #expect(isNear(levels([third, third]).loudness, -23, within: 0.1))
        #expect(isNear(levels([fourth, fourth]).loudness, -23, within: 0.1))
    }

    @Test func blocksWithinTheRelativeGateCount() {
        // Case 5: 20 s at -26, 20.1 s at -20, 20 s at -26, together -23.
        let soft = sine(1000, decibels: -26, seconds: 20)
        let sound = soft + sine(1000, decibels: -20, seconds: 20.1) + soft
        #expect(isNear(levels([sound, sound]).loudness, -23, within: 0.1))
    }

    @Test func surroundsWeighMoreAndLowFrequenciesNothing() {
        // Case 6: -28 at the front, -24 in the centre, -30 behind.
        let front = sine(1000, decibels: -28, seconds: 20)
        let centre = sine(1000, decibels: -24, seconds: 20)
        let behind = sine(1000, decibels: -30, seconds: 20)
        let effects = sine(50, decibels: -3, seconds: 20)
        let sound = [front, front, centre, effects, behind, behind]
        #expect(isNear(levels(sound).loudness, -23, within: 0.1))
    }

    @Test func oneChannelIsThreeDecibelsLessThanTwo() {
        let tone = sine(1000, decibels: -20, seconds: 2)
        #expect(isNear(levels([tone]).loudness, -23, within: 0.05))
    }

    @Test func silenceAndShortSoundsHaveNoLoudness() {
        let silence = levels([[Float](repeating: 0, count: 96_000)])
        #expect(silence == Levels(peak: 0, rms: nil, loudness: nil))
        let short = levels([sine(1000, decibels: -6, seconds: 0.399)])
        #expect(short.loudness == nil)
        #expect(isNear(short.rms, -6 - 10 * log10(2), within: 0.01))
        #expect(levels([sine(1000, decibels: -6, seconds: 0.4)]).loudness != nil)
        #expect(levels([[]]) == Levels(peak: 0, rms: nil, loudness: nil))
    }

    @Test func thePeakBetweenTheSamplesIsFound() {
        // Case 15: a quarter of the rate, sampled 45 degrees off its crests.
        let tone = (0..<48_000).map { Float(0.5 * sin(Double.pi * (Double($0) / 2 + 0.25))) }
        let found = levels([tone, tone], truePeak: true)
        #expect(isNear(found.peak, 0.5 * sin(Double.pi / 4), within: 1e-6))
        #expect(isNear(found.truePeak, 20 * log10(0.5), within: 0.2))
        #expect(levels([[0, 0]], truePeak: true).truePeak == nil)
    }

    @Test(arguments: [1, 7, 4410, 10_000])
    func theSizeOfTheBlocksChangesNothing(size: Int) {
        let left = sine(313, decibels: -7, seconds: 1.37, rate: 44_100)
        let right = sine(1700, decibels: -17, seconds: 1.37, rate: 44_100)
        let whole = levels([left, right], rate: 44_100)
        let meter = LevelMeter(sampleRate: 44_100, channels: 2)
        for start in stride(from: 0, to: left.count, by: size) {
            let end = min(left.count, start + size)
            meter.add([Array(left[start..<end]), Array(right[start..<end])])
        }
        #expect(meter.levels == whole)
        let scaled = LevelMeter(sampleRate: 44_100, channels: 2)
        let doubles = [left, right].map { $0.map { Double($0) * 32_768 } }
        scaled.add(doubles, count: left.count, factor: 1 / 32_768)
        #expect(scaled.levels == whole)
    }

    @Test func levelsTravelAsJSON() throws {
        let levels = Levels(peak: 0.5, rms: -12.25, loudness: nil, truePeak: -6)
        let data = try JSONEncoder().encode(levels)
        #expect(try JSONDecoder().decode(Levels.self, from: data) == levels)
        #expect(String(decoding: data, as: UTF8.self).contains("\"true_peak\":-6"))
    }
}
