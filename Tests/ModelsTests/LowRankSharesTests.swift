import Foundation
import Inference
import Signal
import TestSupport
import Testing

@testable import Models

struct LowRankSharesTests {
    private static let (frames, bins) = (120, 16)
    /// Such that sixteen bins are the lows.
    private static let spacing = 345.0 / 16

    private func layout(stems: Int) -> TensorLayout {
        TensorLayout(axes: [.batch, .stem, .channel, .frame, .bin]) { axis in
            switch axis {
            case .batch: 1
            case .stem: stems
            case .channel: 2
            case .frame: Self.frames
            case .bin: Self.bins
            }
        }
    }

    /// A mixture of these magnitudes `[frame][bin]`, all of them on the left.
    private func mixture(_ magnitudes: [[Double]]) -> Spectrogram {
        var mixture = Spectrogram(channels: 2, frames: Self.frames, bins: Self.bins)
        for frame in 0..<Self.frames {
            let first = mixture.range(channel: 0, frame: frame).lowerBound
            for bin in 0..<Self.bins {
                let turn = Double(frame * 7 + bin * 3)
                mixture.values[first + bin] = SIMD2(
                    Float(magnitudes[frame][bin] * cos(turn)),
                    Float(magnitudes[frame][bin] * sin(turn)))
            }
        }
        return mixture
    }

    /// The shares found, `[stem][frame][bin]`, where the masks are these on both channels.
    private func found(_ magnitudes: [[Double]], masks: [[[Double]]]) -> [[[Double]]] {
        let stems = masks.count
        var shares = LowRankShares(
            stems: stems, bins: Self.bins, frames: Self.frames, spacing: Self.spacing,
            pool: WorkerPool(threads: 2))
        #expect(shares.chunks == 2)
        let values = masks.flatMap { stem in (0..<2).flatMap { _ in stem.joined() } }
        shares.take(
            mixture(magnitudes), masks: values.map(Float.init).span, layout: layout(stems: stems))
        var result = masks
        var some = [SIMD8<Float>](repeating: .zero, count: stems)
        for frame in 0..<Self.frames {
            for chunk in 0..<2 {
                shares.share(frame: frame, chunk: chunk, among: &some)
                for stem in 0..<stems {
                    for index in 0..<8 {
                        result[stem][frame][8 * chunk + index] = Double(some[stem][index])
                    }
                }
            }
        }
        return result
    }

    /// Multiplicative updates as the paper has them: V ~ H W, H `[frame][spectrum]`.
    private func update(
        _ v: [[Double]], _ h: inout [[Double]], _ w: inout [[Double]], rounds: Int
    ) {
        let count = w.count
        func ratios() -> [[Double]] {
            v.indices.map { frame in
                v[frame].indices.map { bin in
                    v[frame][bin] / (0..<count).reduce(0) { $0 + h[frame][$1] * w[$1][bin] }
                }
            }
        }
        for _ in 0..<rounds {
            var ratio = ratios()
            for frame in h.indices {
                for k in 0..<count {
                    let sum = zip(ratio[frame], w[k]).reduce(0) { $0 + $1.0 * $1.1 }
                    h[frame][k] *= sum / w[k].reduce(0, +)
                }
            }
            ratio = ratios()
            for k in 0..<count {
                let whole = h.reduce(0) { $0 + $1[k] }
                for bin in w[k].indices {
                    w[k][bin] *=
                        h.indices.reduce(0) { $0 + h[$1][k] * ratio[$1][bin] } / whole
                }
            }
        }
    }

    private func expected(_ magnitudes: [[Double]], masks: [[[Double]]]) -> [[[Double]]] {
        let (stems, count, bins) = (masks.count, 6, Self.bins)
        let mean = magnitudes.joined().reduce(0, +) / Double(Self.frames * bins)
        let levels = magnitudes.map { $0.map { $0 / mean } }
        var (allH, allW) = ([[Double]](repeating: [], count: Self.frames), [[Double]]())
        for stem in 0..<stems {
            var h = [[Double]](repeating: Array(repeating: 1, count: count), count: Self.frames)
            var w: [[Double]] = []
            for k in 1...count {
                w.append(
                    (0..<bins).map { bin -> Double in
                        let angle = Double(k) * (Double(bin) + 0.5) * Double.pi / Double(bins)
                        return 1 + 0.5 * cos(angle)
                    })
            }
            let v = levels.indices.map { frame in
                (0..<bins).map { masks[stem][frame][$0] * levels[frame][$0] + 1e-6 }
            }
            update(v, &h, &w, rounds: 20)
            allW += w
            for frame in 0..<Self.frames { allH[frame] += h[frame] }
        }
        update(levels.map { $0.map { $0 + 1e-6 } }, &allH, &allW, rounds: 4)
        var result = masks
        for frame in 0..<Self.frames {
            for bin in 0..<bins {
                let parts = (0..<stems).map { stem in
                    (stem * count..<(stem + 1) * count).reduce(0) {
                        $0 + allH[frame][$1] * allW[$1][bin]
                    }
                }
                let whole = parts.reduce(0, +)
                let shares = (0..<stems).map { stem in
                    let share = masks[stem][frame][bin]
                    return share * pow((parts[stem] / whole + 1e-3) / (share + 1e-3), 0.7)
                }
                let sum = shares.reduce(0, +)
                for stem in 0..<stems { result[stem][frame][bin] = shares[stem] / sum }
            }
        }
        return result
    }

    @Test func sharesAreWhatTheDefinitionGives() {
        let sound = noise(length: 4 * Self.frames * Self.bins, seed: 1).map { Double(abs($0)) }
        func part(_ index: Int) -> [[Double]] {
            (0..<Self.frames).map { frame in
                (0..<Self.bins).map { sound[(index * Self.frames + frame) * Self.bins + $0] }
            }
        }
        var masks = [part(0), part(1), part(2)]
        for frame in 0..<Self.frames {
            for bin in 0..<Self.bins {
                let sum = masks.reduce(0) { $0 + $1[frame][bin] }
                for stem in 0..<3 { masks[stem][frame][bin] /= sum }
            }
        }
        let (shares, wanted) = (found(part(3), masks: masks), expected(part(3), masks: masks))
        for (stem, frames) in shares.enumerated() {
            for (frame, bins) in frames.enumerated() {
                for (bin, share) in bins.enumerated() {
                    #expect(abs(share - wanted[stem][frame][bin]) < 1e-3)
                }
            }
        }
    }

    /// Two sounds that are alike each time, under masks that err by chance.
    @Test func whatSoundsAlikeIsKnownAgain() {
        func shape(_ centre: Double) -> [Double] {
            (0..<Self.bins).map { exp(-pow((Double($0) - centre) / 3, 2)) + 0.01 }
        }
        let (low, high) = (shape(3), shape(9))
        let errors = noise(length: Self.frames * Self.bins, seed: 5)
        var (magnitudes, truth, mask) = ([[Double]](), [[Double]](), [[Double]]())
        for frame in 0..<Self.frames {
            let (a, b) = (1 + sin(Double(frame)), 1 + cos(Double(2 * frame)))
            magnitudes.append((0..<Self.bins).map { a * low[$0] + b * high[$0] })
            truth.append((0..<Self.bins).map { a * low[$0] / (a * low[$0] + b * high[$0]) })
            mask.append(
                (0..<Self.bins).map { bin in
                    let error = 0.5 * Double(errors[frame * Self.bins + bin])
                    return min(1, max(0, truth[frame][bin] + error))
                })
        }
        let shares = found(magnitudes, masks: [mask, mask.map { $0.map { 1 - $0 } }])
        var (before, after) = (0.0, 0.0)
        for frame in 0..<Self.frames {
            for bin in 0..<Self.bins {
                let level = magnitudes[frame][bin]
                before += pow((mask[frame][bin] - truth[frame][bin]) * level, 2)
                after += pow((shares[0][frame][bin] - truth[frame][bin]) * level, 2)
            }
        }
        #expect(after < 0.5 * before)
    }

    /// One loud frame among silent ones, one loud bin among silent ones, stems that have all or nothing.
    @Test func extremesAreShared() {
        var magnitudes = [[Double]](
            repeating: Array(repeating: 0, count: Self.bins), count: Self.frames)
        magnitudes[7] = Array(repeating: 1e6, count: Self.bins)
        for frame in 40..<50 { magnitudes[frame][3] = 1e12 }
        let all = magnitudes.map { $0.map { _ in 1.0 } }
        let none = magnitudes.map { $0.map { _ in 0.0 } }
        let shares = found(magnitudes, masks: [all, none, none])
        for frame in 0..<Self.frames {
            for bin in 0..<Self.bins {
                let sum = shares.reduce(0) { $0 + $1[frame][bin] }
                #expect(abs(sum - 1) < 1e-5)
            }
        }
    }

    @Test func silenceIsShared() {
        let silence = [[Double]](
            repeating: Array(repeating: 0, count: Self.bins), count: Self.frames)
        let half = silence.map { $0.map { _ in 0.5 } }
        for share in found(silence, masks: [half, half]).joined().joined() {
            #expect(abs(share - 0.5) < 1e-6)
        }
    }
}
