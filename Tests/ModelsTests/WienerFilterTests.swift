import Inference
import Signal
import Testing

@testable import Models

struct WienerFilterTests {
    private static let (stems, bins, frames) = (3, 5, 12)

    private func spectrogram(frames: Int, from first: Int, of whole: Spectrogram) -> Spectrogram {
        var part = Spectrogram(channels: 2, frames: frames, bins: whole.bins)
        for channel in 0..<2 {
            for frame in 0..<frames {
                let source = whole.range(channel: channel, frame: first + frame)
                let target = part.range(channel: channel, frame: frame)
                for bin in 0..<whole.bins {
                    part.values[target.lowerBound + bin] =
                        whole.values[source.lowerBound + bin]
                }
            }
        }
        return part
    }

    /// Some of the frames of `[frame, channel, stem, bin]`.
    private func part(_ values: [SIMD2<Float>], _ frames: Range<Int>) -> [SIMD2<Float>] {
        let length = 2 * Self.stems * Self.bins
        return Array(values[frames.lowerBound * length..<frames.upperBound * length])
    }

    private func noise(_ count: Int, seed: UInt64) -> [SIMD2<Float>] {
        var state = seed
        func next() -> Float {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(state >> 40) / Float(1 << 23) - 1
        }
        return (0..<count).map { _ in SIMD2(next(), next()) }
    }

    /// A track in segments is filtered as it would be in one piece; levels above and below that at
    /// which values are scaled.
    @Test(arguments: [1, 2, 3], [Float(0.5), 80])
    func aTrackInSegmentsIsFilteredAsAWhole(iterations: Int, level: Float) {
        let (bins, frames, context) = (Self.bins, Self.frames, 2)
        let kept = context..<frames - context
        let length = 3 * kept.count
        // More bins than the filter's; zeros before and after the track.
        var mixture = Spectrogram(channels: 2, frames: length + 2 * context, bins: bins + 2)
        let sound = noise(mixture.values.count, seed: 1)
        for channel in 0..<2 {
            for frame in context..<context + length {
                for index in mixture.range(channel: channel, frame: frame) {
                    mixture.values[index] = level * sound[index]
                }
            }
        }
        let all = mixture.frames
        var estimates = noise(2 * Self.stems * all * bins, seed: 2)
        for index in estimates.indices {
            let (row, bin) = (index / bins / Self.stems, index % bins)
            let start = mixture.range(channel: row % 2, frame: row / 2).lowerBound
            estimates[index] = mixture.values[start + bin] * abs(estimates[index].x)
        }
        var hearing = TrackHearing()
        let small = WienerFilter(
            stems: Self.stems, frames: frames, bins: bins, epsilon: 1e-7,
            pool: WorkerPool(threads: 2))
        var found: [[SIMD2<Float>]] = []
        for pass in 0...iterations {
            hearing.begin(pass: pass)
            found = []
            for first in stride(from: 0, to: length, by: kept.count) {
                var segment = part(estimates, first..<first + frames)
                hearing.take(
                    &segment, of: spectrogram(frames: frames, from: first, of: mixture), pair: 0,
                    counted: kept, by: small, isLast: { $0 == iterations })
                found.append(part(segment, kept))
            }
        }
        let large = WienerFilter(
            stems: Self.stems, frames: all, bins: bins, epsilon: 1e-7, pool: WorkerPool(threads: 1))
        large.refine(&estimates, mixture: mixture, iterations: iterations)
        for (segment, values) in found.enumerated() {
            let first = context + segment * kept.count
            let expected = part(estimates, first..<first + kept.count)
            #expect(values.count == expected.count)
            for (a, b) in zip(values, expected) {
                let difference = a - b
                #expect(abs(difference.x) < 2e-5 * level && abs(difference.y) < 2e-5 * level)
            }
        }
    }

    @Test func whatNoNetHearsIsNoStems() {
        let filter = ModelCard.Masks.Wiener(
            iterations: 1, ratio: 1, epsilon: 1e-7, isOverTrack: false)
        var values: [Float] = [3, 0, 1e-9, 0.5, 1, 0, 0, -2]
        var span = values.mutableSpan
        filter.share(&span, places: stride(from: 0, to: 8, by: 4), bins: 4, exponent: 1)
        #expect(abs(values[0] - 0.75) < 1e-6 && abs(values[4] - 0.25) < 1e-6)
        #expect(values[1] == 0 && values[5] == 0)
        #expect(abs(values[2] - 0.0099) < 1e-5 && values[6] == 0)
        #expect(abs(values[3] - 1) < 1e-6 && values[7] == 0)
    }
}
