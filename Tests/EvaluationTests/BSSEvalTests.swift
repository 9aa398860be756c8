import Foundation
import Inference
import TestSupport
import Testing

@testable import Evaluation

struct BSSEvalTests {
    private let pool = WorkerPool(threads: 2)

    /// Noise, `[source][channel][sample]`.
    private func sounds(
        _ sources: Int, _ channels: Int, _ length: Int, seed: UInt64 = 1
    ) -> [[[Double]]] {
        (0..<sources).map { source in
            (0..<channels).map { channel in
                let number = seed + UInt64(7 * source + channel)
                return noise(length: length, seed: number).map { Double($0) }
            }
        }
    }

    /// Each sound with a share of the next one, an echo and a little noise.
    private func spoiled(_ sounds: [[[Double]]], by amount: Double = 0.3) -> [[[Double]]] {
        sounds.indices.map { source in
            sounds[source].indices.map { channel in
                let own = sounds[source][channel]
                let next = sounds[(source + 1) % sounds.count][channel]
                let hiss = noise(length: own.count, seed: UInt64(90 + source))
                return own.indices.map { n in
                    own[n] + amount * next[n] + (n >= 2 ? amount * 0.4 * own[n - 2] : 0)
                        + amount * 0.1 * Double(hiss[n])
                }
            }
        }
    }

    private func measure(
        _ references: [[[Double]]], _ estimates: [[[Double]]], rate: Double = 8000, taps: Int = 32,
        threads: WorkerPool? = nil
    ) throws -> BSSEval.Outcome {
        try BSSEval.measure(
            SignalsInMemory(references: references, estimates: estimates, sampleRate: rate),
            taps: taps, pool: threads ?? pool)
    }

    @Test(arguments: [(2, 2, 5), (3, 1, 4), (2, 1, 1)])
    func ratiosAreThoseOfTheDefinition(sources: Int, channels: Int, taps: Int) throws {
        let references = sounds(sources, channels, 470)
        let estimates = spoiled(references)
        let outcome = try measure(references, estimates, rate: 150, taps: taps)
        let expected = Definition(references: references, estimates: estimates, taps: taps)
            .ratios(window: 150)
        #expect(outcome.fault == nil)
        #expect(expected.count == 3)
        for source in 0..<sources {
            #expect(outcome.stems[source].windows.count == 3)
            for (found, row) in zip(outcome.stems[source].windows, expected) {
                let found = try #require(found)
                for ratio in StemSummary.order {
                    #expect(abs(found[keyPath: ratio] - row[source][keyPath: ratio]) < 1e-6)
                }
            }
        }
    }

    @Test func aTrackOfSeveralPiecesIsWhatItsSamplesAre() throws {
        // Longer than one transform of the correlations; the ends of pieces must not show.
        let references = sounds(2, 1, 40_000)
        let estimates = spoiled(references)
        let outcome = try measure(references, estimates, rate: 40_000, taps: 3)
        let expected = Definition(references: references, estimates: estimates, taps: 3)
            .ratios(window: 40_000)
        for source in 0..<2 {
            let found = try #require(outcome.stems[source].windows.first ?? nil)
            for ratio in StemSummary.order {
                #expect(abs(found[keyPath: ratio] - expected[0][source][keyPath: ratio]) < 1e-6)
            }
        }
    }

    @Test func whatIsWrongShowsInItsOwnRatio() throws {
        let references = sounds(2, 2, 32_000)
        let hiss = sounds(2, 2, 32_000, seed: 500)
        func mixed(_ make: (Int, Int, Int) -> Double) -> [[[Double]]] {
            references.indices.map { source in
                (0..<2).map { channel in
                    (0..<32_000).map { references[source][channel][$0] + make(source, channel, $0) }
                }
            }
        }
        // A tenth of the other source: 20 dB of interference, no artifacts.
        let leaking = try measure(
            references, mixed { source, channel, n in 0.1 * references[1 - source][channel][n] })
        let leak = leaking.stems[0]
        #expect(abs((leak.median(\.sir) ?? 0) - 20) < 0.6)
        #expect((leak.median(\.sar) ?? 0) > 60)
        // Noise of a tenth: 20 dB of artifacts, little interference.
        let noisy = try measure(references, mixed { 0.1 * hiss[$0][$1][$2] })
        let noise = noisy.stems[0]
        #expect(abs((noise.median(\.sar) ?? 0) - 20) < 0.6)
        #expect((noise.median(\.sir) ?? 0) > 35)
        #expect(abs((noise.trackSDR ?? 0) - 20) < 0.6)
        // An echo: spatial distortion alone, but for what it carries over from window to window.
        let echoing = try measure(
            references,
            mixed { source, channel, n in n < 7 ? 0 : 0.1 * references[source][channel][n - 7] })
        let echo = echoing.stems[0]
        #expect(abs((echo.median(\.isr) ?? 0) - 20) < 0.6)
        #expect((echo.median(\.sar) ?? 0) > 45 && (echo.median(\.sir) ?? 0) > 60)
    }

    @Test func aPerfectEstimateHasNothingWrong() throws {
        let references = sounds(3, 2, 20_000)
        let outcome = try measure(references, references)
        for stem in outcome.stems {
            #expect(stem.median(\.sdr) == .infinity)
            #expect((stem.median(\.sir) ?? 0) > 150)
            #expect(stem.trackSDR == .infinity)
            #expect(stem.trackSISDR == .infinity)
        }
    }

    @Test(arguments: [0.001, 0.5, 3, -2])
    func scalingLeavesSISDRAsItIs(scale: Double) throws {
        let references = sounds(2, 1, 9000)
        let estimates = spoiled(references)
        let scaled = estimates.map { $0.map { $0.map { $0 * scale } } }
        let plain = try measure(references, estimates).stems
        let other = try measure(references, scaled).stems
        for (a, b) in zip(plain, other) {
            #expect(abs((a.trackSISDR ?? 0) - (b.trackSISDR ?? 1)) < 1e-7)
            #expect(abs((a.trackSDR ?? 0) - (b.trackSDR ?? 0)) > 0.5)
        }
    }

    @Test func resultsAreTheSameBitsForEveryNumberOfThreads() throws {
        let references = sounds(4, 2, 30_000)
        let estimates = spoiled(references)
        let one = try measure(references, estimates, threads: WorkerPool(threads: 1))
        let three = try measure(references, estimates, threads: WorkerPool(threads: 3))
        #expect(one.stems == three.stems)
    }

    @Test func silentWindowsHaveNoRatiosAndSilentTracksNone() throws {
        var references = sounds(2, 2, 24_000)
        var estimates = spoiled(references)
        for channel in 0..<2 {
            for n in 8000..<16_000 { references[1][channel][n] = 0 }
        }
        let outcome = try measure(references, estimates)
        for stem in outcome.stems {
            #expect(stem.windows.map { $0 == nil } == [false, true, false])
        }
        // Opposite channels count as silence, since museval adds them up.
        estimates[0][1] = estimates[0][0].map { -$0 }
        let opposite = try measure(references, estimates)
        #expect(opposite.fault == .silentEstimate(0))
        references[1] = references[1].map { $0.map { _ in 0 } }
        let silent = try measure(references, estimates)
        #expect(silent.fault == .silentReference(1))
        #expect(silent.stems[0].windows.isEmpty)
        #expect(silent.stems[0].trackSDR != nil && silent.stems[1].trackSDR == nil)
        let single = try measure([references[0]], [references[0]])
        #expect(single.fault == .oneSource)
        #expect(single.stems[0].trackSDR == .infinity)
    }

    @Test func mediansLeaveOutWhatIsNoNumber() {
        func scores(_ values: [Double?]) -> StemScores {
            StemScores(
                windows: values.map { $0.map { WindowRatios(sdr: $0, isr: 0, sir: 0, sar: 0) } })
        }
        #expect(scores([1, nil, 5, .infinity, 2]).median(\.sdr) == 2)
        #expect(scores([1, 2]).median(\.sdr) == 1.5)
        #expect(scores([.infinity, nil]).median(\.sdr) == .infinity)
        #expect(scores([nil]).median(\.sdr) == nil)
        #expect(scores([]).median(\.sdr) == nil)
    }
}
