import AudioIO
import Testing

@Suite struct ResamplerTests {
    struct Rates: Sendable, CustomTestStringConvertible {
        var from: Int
        var to: Int
        var testDescription: String { "\(from) to \(to)" }
    }

    static let rates = [
        Rates(from: 44_100, to: 48_000), Rates(from: 48_000, to: 44_100),
        Rates(from: 44_100, to: 96_000), Rates(from: 96_000, to: 44_100),
        Rates(from: 44_100, to: 8_000), Rates(from: 8_000, to: 44_100),
        Rates(from: 192_000, to: 44_100), Rates(from: 44_100, to: 44_099),
        Rates(from: 11_025, to: 44_100),
    ]

    static func resample(
        _ input: [[Float]], from: Int, to: Int, blocks: [Int] = [4096]
    ) -> [[Float]] {
        let resampler = Resampler(from: from, to: to, channels: input.count)
        var output = [[Float]](repeating: [], count: input.count)
        var start = 0
        var turn = 0
        while start < input[0].count {
            let end = min(input[0].count, start + blocks[turn % blocks.count])
            resampler.process(input.map { Array($0[start..<end]) }, into: &output)
            start = end
            turn += 1
        }
        resampler.finish(into: &output)
        return output
    }

    /// A tone under a smooth rise and fall, so that nothing rings at the ends; `t` in seconds.
    static func burst(_ frequency: Double, at t: Double, seconds: Double) -> Double {
        guard 0...seconds ~= t else { return 0 }
        let envelope = Sine.of(turns: t / seconds / 2)
        return 0.5 * envelope * envelope * envelope * envelope * Sine.of(turns: frequency * t)
    }

    @Test(arguments: rates, [0.02, 0.2, 0.45])
    func aToneArrivesUnchangedAndInTime(_ rates: Rates, share: Double) {
        let frequency = share * Double(min(rates.from, rates.to))
        let count = rates.from * 6 / 10
        let input = (0..<count).map {
            Float(Self.burst(frequency, at: Double($0) / Double(rates.from), seconds: 0.6))
        }
        let output = Self.resample([input], from: rates.from, to: rates.to)[0]
        let length = Int((Double(count) * Double(rates.to) / Double(rates.from)).rounded())
        #expect(output.count == length)
        var worst = 0.0
        for (index, value) in output.enumerated() {
            let wanted = Self.burst(frequency, at: Double(index) / Double(rates.to), seconds: 0.6)
            worst = max(worst, abs(Double(value) - wanted))
        }
        // -100 dB of a tone that peaks at 0.5; an error of one sample in time would give -20 dB.
        #expect(worst < 0.5e-5, "\(worst)")
    }

    @Test(arguments: [48_000, 96_000, 192_000, 32_000])
    func thereAndBackIsWhereItWas(rate: Int) {
        let count = 44_100
        let input = (0..<count).map {
            Float(Self.burst(Double(min(rate, 44_100)) * 0.3, at: Double($0) / 44_100, seconds: 1))
        }
        let there = Self.resample([input], from: 44_100, to: rate)
        let back = Self.resample(there, from: rate, to: 44_100)[0]
        #expect(back.count == count)
        let worst = zip(back, input).map { abs($0 - $1) }.max() ?? 1
        #expect(worst < 0.5e-5, "\(worst)")
    }

    @Test(arguments: rates)
    func theSizeOfBlocksChangesNoBit(_ rates: Rates) {
        let input = Signals.floats(peak: 1, channels: 3, count: 30_011)
        let whole = Self.resample(input, from: rates.from, to: rates.to, blocks: [30_011])
        for blocks in [[1, 2, 3000], [4096], [5000, 1], [777]] {
            #expect(
                Self.resample(input, from: rates.from, to: rates.to, blocks: blocks) == whole)
        }
    }

    @Test(arguments: rates, [1, 2, 3, 100, 44_101])
    func theLengthIsKnownBeforehand(_ rates: Rates, count: Int) {
        let input = Signals.floats(peak: 1, channels: 1, count: count)
        let output = Self.resample(input, from: rates.from, to: rates.to)
        #expect(output[0].count == Resampler.length(of: count, from: rates.from, to: rates.to))
        let exact = Double(count) * Double(rates.to) / Double(rates.from)
        #expect(abs(Double(output[0].count) - exact) <= 0.5)
    }

    @Test func aLengthCanBeAskedFor() {
        let input = Signals.floats(peak: 1, channels: 2, count: 10_000)
        for wanted in [10_884, 10_885, 12_000] {
            let resampler = Resampler(from: 44_100, to: 48_000, channels: 2)
            var output: [[Float]] = [[], []]
            resampler.process(input, into: &output)
            resampler.finish(into: &output, length: wanted)
            #expect(output.map(\.count) == [wanted, wanted])
        }
    }

    @Test func lengthsOfMonthsDoNotOverflow() {
        let month = 31 * 86_400
        #expect(
            Resampler.length(of: month * 44_100, from: 44_100, to: 48_000) == month * 48_000)
    }

    @Test func equalRatesPassThrough() {
        let input = Signals.floats(peak: 4, channels: 2, count: 10_000)
        #expect(Self.resample(input, from: 44_100, to: 44_100, blocks: [77]) == input)
    }

    @Test func channelsDoNotMix() {
        let sound = Signals.floats(peak: 1, channels: 1, count: 20_000)[0]
        let silence = [Float](repeating: 0, count: 20_000)
        let pair = Self.resample([silence, sound], from: 48_000, to: 44_100)
        #expect(pair[0].allSatisfy { $0 == 0 })
        #expect(pair[1] == Self.resample([sound], from: 48_000, to: 44_100)[0])
    }
}
