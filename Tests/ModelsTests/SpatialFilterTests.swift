import Foundation
import Inference
import Signal
import TestSupport
import Testing

@testable import Models

struct SpatialFilterTests {
    /// Masks of some stems and a mixture.
    private struct Case {
        let (stems, frames, bins): (Int, Int, Int)
        var mixture: Spectrogram
        /// `[stem, channel, frame, bin]`.
        var masks: [Float]

        /// Noise, each frame of it as loud as the one before or less.
        init(stems: Int, frames: Int, bins: Int, seed: UInt64) {
            (self.stems, self.frames, self.bins) = (stems, frames, bins)
            mixture = Spectrogram(channels: 2, frames: frames, bins: bins + 1)
            let count = mixture.values.count
            let sound = noise(length: 2 * count, seed: seed)
            for index in 0..<count {
                mixture.values[index] = SIMD2(sound[2 * index], sound[2 * index + 1])
            }
            let rows = 2 * frames * bins
            masks = noise(length: stems * rows, seed: seed + 1).map { abs($0) }
            for row in 0..<rows {
                let sum = (0..<stems).reduce(Float(0)) { $0 + masks[$1 * rows + row] }
                for stem in 0..<stems { masks[stem * rows + row] /= sum }
            }
        }

        var layout: TensorLayout {
            TensorLayout(axes: [.batch, .stem, .channel, .frame, .bin]) { axis in
                switch axis {
                case .batch: 1
                case .stem: stems
                case .channel: 2
                case .frame: frames
                case .bin: bins
                }
            }
        }

        func value(_ channel: Int, _ frame: Int, _ bin: Int) -> SIMD2<Float> {
            mixture.values[mixture.range(channel: channel, frame: frame).lowerBound + bin]
        }

        /// The filter's stems of the frames kept, `[stem][channel][frame][bin]`.
        func filtered(kept: Range<Int>, threads: Int = 2, weight: Float = 1, adding: Bool = false)
            -> [[[[SIMD2<Float>]]]]
        {
            var filter = SpatialFilter(
                stems: stems, bins: bins, frames: frames, spacing: 1000, kept: kept,
                pool: WorkerPool(threads: threads))
            filter.take(mixture, masks: masks.span, layout: layout)
            return (0..<stems).map { stem in
                (0..<2).map { channel in
                    kept.map { frame in
                        var sum = [SIMD2<Float>](repeating: SIMD2(1, -2), count: bins)
                        var span = sum.mutableSpan
                        filter.put(
                            stem: stem, channel: channel, frame: frame, weight: weight,
                            adding: adding, to: &span)
                        return sum
                    }
                }
            }
        }

        /// Shares of the mixture's power, `[stem]`.
        func shares(_ frame: Int, _ bin: Int) -> [Double] {
            let powers = (0..<stems).map { stem in
                (0..<2).reduce(0.0) { sum, channel in
                    let value = SIMD2<Double>(value(channel, frame, bin))
                    let mask = masks[((stem * 2 + channel) * frames + frame) * bins + bin]
                    return sum + Double(mask) * (value * value).sum()
                }
            }
            let whole = powers.reduce(0, +)
            return powers.map { $0 / whole }
        }

        /// What the definition gives, as written in the filter's description: R as (R11, R22, Re R12,
        /// Im R12), by the rule for the inverse of a matrix of two rows.
        func expected(stem: Int, frame: Int, bin: Int) -> [SIMD2<Double>] {
            func product(_ a: SIMD2<Double>, _ b: SIMD2<Double>) -> SIMD2<Double> {
                SIMD2(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x)
            }
            let covariances = (0..<stems).map { stem -> SIMD4<Double> in
                var sum = SIMD4<Double>.zero
                for frame in stride(from: 0, to: frames, by: 2) {
                    let weight = pow(shares(frame, bin)[stem], 2)
                    let l = SIMD2<Double>(value(0, frame, bin))
                    let r = SIMD2<Double>(value(1, frame, bin))
                    let cross = product(l, SIMD2(r.x, -r.y))
                    sum += weight * SIMD4((l * l).sum(), (r * r).sum(), cross.x, cross.y)
                }
                return sum * (2 * 0.999 / (sum.x + sum.y)) + SIMD4(0.001, 0.001, 0, 0)
            }
            let parts = shares(frame, bin)
            let sum = zip(parts, covariances).reduce(SIMD4<Double>.zero) { $0 + $1.0 * $1.1 }
            let determinant = sum.x * sum.y - sum.z * sum.z - sum.w * sum.w
            let l = SIMD2<Double>(value(0, frame, bin)) / determinant
            let r = SIMD2<Double>(value(1, frame, bin)) / determinant
            let cross = SIMD2(sum.z, sum.w)
            let first = sum.y * l - product(cross, r)
            let second = sum.x * r - product(SIMD2(cross.x, -cross.y), l)
            let own = covariances[stem]
            let between = SIMD2(own.z, own.w)
            return [
                parts[stem] * (own.x * first + product(between, second)),
                parts[stem] * (product(SIMD2(between.x, -between.y), first) + own.y * second),
            ]
        }
    }

    /// Bins that fill runs of eight, and that don't.
    @Test(arguments: [8, 13, 150])
    func stemsAreWhatTheDefinitionGives(bins: Int) {
        let (frames, kept) = (9, 2..<7)
        let sound = Case(stems: 3, frames: frames, bins: bins, seed: 1)
        let found = sound.filtered(kept: kept)
        let added = sound.filtered(kept: kept, weight: 0.25, adding: true)
        for stem in 0..<3 {
            for (index, frame) in kept.enumerated() {
                for bin in 0..<bins {
                    let expected = sound.expected(stem: stem, frame: frame, bin: bin)
                    for channel in 0..<2 {
                        let value = SIMD2<Double>(found[stem][channel][index][bin])
                        let difference = value - expected[channel]
                        #expect((difference * difference).sum() < 1e-10)
                        let sum = SIMD2<Double>(added[stem][channel][index][bin])
                        let rest = sum - SIMD2(1, -2) - 0.25 * expected[channel]
                        #expect((rest * rest).sum() < 1e-10)
                    }
                }
            }
        }
    }

    @Test func stemsAddUpToTheMixtureOnAnyNumberOfThreads() {
        var sound = Case(stems: 4, frames: 20, bins: 100, seed: 3)
        // Levels of all kinds, silence, and a bin that is only left.
        for index in sound.mixture.values.indices {
            sound.mixture.values[index] *= pow(10, Float(index % 17) - 12)
        }
        for frame in 0..<20 {
            sound.mixture.values[sound.mixture.range(channel: 1, frame: frame).lowerBound + 5] =
                .zero
            sound.mixture.values[sound.mixture.range(channel: 0, frame: frame).lowerBound + 6] =
                .zero
            sound.mixture.values[sound.mixture.range(channel: 1, frame: frame).lowerBound + 6] =
                .zero
        }
        let found = sound.filtered(kept: 0..<20)
        #expect(sound.filtered(kept: 0..<20, threads: 3) == found)
        #expect(sound.filtered(kept: 0..<20, threads: 1) == found)
        for channel in 0..<2 {
            for frame in 0..<20 {
                for bin in 0..<100 {
                    let sum = (0..<4).reduce(SIMD2<Float>.zero) {
                        $0 + found[$1][channel][frame][bin]
                    }
                    let whole = (0..<2).map { sound.value($0, frame, bin) }
                    let power = whole.reduce(Float(0)) { $0 + ($1 * $1).sum() }
                    let difference = sum - whole[channel]
                    #expect((difference * difference).sum() <= 1e-12 * power)
                }
            }
        }
    }

    /// A sound that is the same on both sides gives no places away.
    @Test func stemsOfMonoAreTheirShares() {
        var sound = Case(stems: 3, frames: 12, bins: 20, seed: 5)
        let half = sound.mixture.values.count / 2
        sound.mixture.values.replaceSubrange(half..., with: sound.mixture.values[..<half])
        let found = sound.filtered(kept: 0..<12)
        for stem in 0..<3 {
            for frame in 0..<12 {
                for bin in 0..<20 {
                    let share = Float(sound.shares(frame, bin)[stem])
                    let expected = share * sound.value(0, frame, bin)
                    for channel in 0..<2 {
                        let difference = found[stem][channel][frame][bin] - expected
                        #expect((difference * difference).sum() < 1e-10)
                    }
                }
            }
        }
    }

    /// Two sources that lie apart and come and go come out better than by masks that hardly tell them
    /// apart.
    @Test func placesTellStemsApart() {
        let (frames, bins) = (200, 16)
        var sound = Case(stems: 2, frames: frames, bins: bins, seed: 7)
        let other = Case(stems: 2, frames: frames, bins: bins, seed: 9)
        var truth: [[[SIMD2<Float>]]] = [[], []]
        for frame in 0..<frames {
            for bin in 0..<bins {
                let a = pow(10, -Float((7 * frame + bin) % 5) / 2) * sound.value(0, frame, bin)
                let b = pow(10, -Float((3 * frame + bin) % 7) / 3) * other.value(0, frame, bin)
                truth[0].append([0.9 * a, 0.3 * a])
                truth[1].append([0.5 * b, 0.7 * b])
                for channel in 0..<2 {
                    let index =
                        sound.mixture.range(channel: channel, frame: frame).lowerBound + bin
                    let (x, y) = (
                        truth[0][truth[0].count - 1][channel], truth[1][truth[1].count - 1][channel]
                    )
                    sound.mixture.values[index] = x + y
                    // Half of what an ideal mask tells.
                    let (p, q) = ((x * x).sum(), (y * y).sum())
                    let rows = 2 * frames * bins
                    let place = (channel * frames + frame) * bins + bin
                    sound.masks[place] = 0.25 + 0.5 * p / (p + q)
                    sound.masks[rows + place] = 1 - sound.masks[place]
                }
            }
        }
        let found = sound.filtered(kept: 0..<frames)
        var (masked, filtered): (Float, Float) = (0, 0)
        for frame in 0..<frames {
            for bin in 0..<bins {
                for channel in 0..<2 {
                    let place = (channel * frames + frame) * bins + bin
                    let true0 = truth[0][frame * bins + bin][channel]
                    let byMask = sound.masks[place] * sound.value(channel, frame, bin) - true0
                    let byFilter = found[0][channel][frame][bin] - true0
                    masked += (byMask * byMask).sum()
                    filtered += (byFilter * byFilter).sum()
                }
            }
        }
        #expect(filtered < 0.5 * masked)
    }
}
