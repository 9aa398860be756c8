import Reports
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

struct PresenceTests {
    private static let rate = 8000

    private func tone(_ frequency: Double, _ amplitude: Float, seconds: Double) -> [Float] {
        (0..<Int(seconds * Double(Self.rate))).map {
            amplitude * Float(sin(2 * .pi * frequency * Double($0) / Double(Self.rate)))
        }
    }

    private func measure(
        _ stems: [[Float]], block: Int = 1000
    ) -> (figures: [StemPresence], stretches: [[Bool]]) {
        var meter = PresenceMeter(stems: stems.count, channels: 1, sampleRate: Self.rate)
        let mixture = stems[0].indices.map { n in stems.reduce(0) { $0 + $1[n] } }
        for start in stride(from: 0, to: mixture.count, by: block) {
            let range = start..<min(start + block, mixture.count)
            meter.push(mixture: [Array(mixture[range])], stems: stems.map { [Array($0[range])] })
        }
        return (meter.finish(), meter.activeStretches)
    }

    @Test(arguments: [1, 333, 100_000])
    func activityIsTheShareOfTheTimeInWhichTheStemIsThere(block: Int) {
        let whole = tone(200, 0.5, seconds: 8)
        // Half of the time, and 30 dB below for the rest.
        let half = tone(500, 0.5, seconds: 4) + tone(500, 0.5 * 0.0316, seconds: 4)
        let faint = tone(900, 0.5e-4, seconds: 8)
        let (figures, stretches) = measure([whole, half, faint], block: block)
        #expect(figures.map(\.activity) == [1, 0.5, 0])
        #expect(
            stretches[1] == Array(repeating: true, count: 10) + Array(repeating: false, count: 10))
    }

    @Test func silenceCountsForNoStem() {
        let silence = [Float](repeating: 0, count: 4 * Self.rate)
        let (figures, _) = measure([tone(200, 0.5, seconds: 4) + silence, silence + silence])
        #expect(figures[0].activity == 1 && figures[1].activity == 0)
        let (nothing, _) = measure([silence, silence])
        #expect(nothing[0] == StemPresence(activity: 0, certainty: 1, presence: 0))
    }

    /// Stems that share no frequency come of masks of 0 and 1; copies of the mixture of one mask
    /// everywhere, for which the formula gives (1 - 2 m)^2.
    @Test(arguments: [0.5, 0.25, 0.9])
    func certaintyIsTheDistanceOfTheMasksFromOneHalf(mask: Float) {
        let (sure, _) = measure([tone(200, 0.5, seconds: 4), tone(500, 0.3, seconds: 4)])
        #expect(sure.allSatisfy { $0.certainty > 0.9999 })
        let mixture = tone(200, 0.5, seconds: 4)
        let (unsure, _) = measure([mixture.map { mask * $0 }, mixture.map { (1 - mask) * $0 }])
        let expected = Double((1 - 2 * mask) * (1 - 2 * mask))
        #expect(unsure.allSatisfy { abs($0.certainty - expected) < 1e-5 })
    }

    @Test func whatLeaksIsNotActive() {
        let mixture = tone(200, 0.5, seconds: 4)
        let (figures, _) = measure([mixture.map { 0.3 * $0 }, mixture.map { 0.7 * $0 }])
        #expect(figures.map(\.activity) == [0, 1])
        #expect(abs(figures[0].presence - 0.3) < 1e-5 && abs(figures[1].presence - 0.7) < 1e-5)
    }

    /// Masks of 0 and 1 on half of the sound, of a tenth on the other half.
    @Test func presenceIsTheMeanMaskWeightedWithWhatItLetsThrough() {
        let stem = tone(500, 0.4, seconds: 4) + tone(500, 0.04, seconds: 4)
        let rest = tone(200, 0.4, seconds: 4) + tone(500, 0.36, seconds: 4)
        let (figures, _) = measure([stem, rest])
        // (1 + 0.01) / (1 + 0.1)
        #expect(abs(figures[0].presence - 1.01 / 1.1) < 1e-3)
    }

    @Test func absurdSamplesGiveFigures() {
        let huge = [Float](repeating: 3e38, count: 5000)
        let (figures, _) = measure([huge, huge])
        #expect(figures.allSatisfy { 0...1 ~= $0.activity && 0...1 ~= $0.certainty })
        #expect(figures.allSatisfy { 0...1 ~= $0.presence })
    }
}
