import Foundation

/// Magnitudes as the sum of a few spectra, each so loud in each frame.
///
/// Of eight bins at a time, so that the number of bins is a multiple of eight.
struct NonnegativeFactors {
    typealias Floats = SIMD8<Float>

    /// What divides is kept from being nothing by this: a spectrum may die out altogether.
    static let least: Float = 1e-20

    private let count: Int
    private let frames: Int
    private let chunks: Int
    /// `[spectrum, chunk]`.
    private var spectra: [Floats]
    /// `[frame, spectrum]`.
    private var loudness: [Float]

    /// Spectra that differ from each other, all equally loud everywhere.
    init(count: Int, frames: Int, chunks: Int) {
        (self.count, self.frames, self.chunks) = (count, frames, chunks)
        spectra = Array(repeating: .zero, count: count * chunks)
        let bins = 8 * chunks
        for spectrum in 0..<count {
            for bin in 0..<bins {
                let angle = Double(spectrum + 1) * (Double(bin) + 0.5) * Double.pi / Double(bins)
                spectra[spectrum * chunks + bin / 8][bin % 8] = Float(1 + 0.5 * cos(angle))
            }
        }
        loudness = Array(repeating: 1, count: frames * count)
    }

    /// The spectra of all, in their order.
    init(joining parts: [NonnegativeFactors]) {
        count = parts.reduce(0) { $0 + $1.count }
        frames = parts[0].frames
        chunks = parts[0].chunks
        spectra = parts.flatMap(\.spectra)
        loudness = []
        for frame in 0..<frames {
            for part in parts {
                loudness += part.loudness[frame * part.count..<(frame + 1) * part.count]
            }
        }
    }

    /// Comes nearer to some magnitudes: in each round first how loud the spectra are, then the spectra.
    ///
    /// - Parameter levels: `[frame, chunk]`, above 0.
    mutating func update(_ levels: [Floats], rounds: Int) {
        precondition(levels.count == frames * chunks)
        var ratio = [Floats](repeating: .zero, count: chunks)
        for _ in 0..<rounds {
            let sums = (0..<count).map { spectrum in
                (0..<chunks).reduce(Floats.zero) { $0 + spectra[spectrum * chunks + $1] }.sum()
            }
            var weighted = [Floats](repeating: .zero, count: count * chunks)
            var weights = [Float](repeating: 0, count: count)
            for frame in 0..<frames {
                compare(levels, frame, &ratio)
                for spectrum in 0..<count {
                    var sum = Floats.zero
                    for chunk in 0..<chunks {
                        sum += ratio[chunk] * spectra[spectrum * chunks + chunk]
                    }
                    loudness[frame * count + spectrum] *=
                        sum.sum() / max(sums[spectrum], Self.least)
                }
                compare(levels, frame, &ratio)
                for spectrum in 0..<count {
                    let loud = loudness[frame * count + spectrum]
                    weights[spectrum] += loud
                    for chunk in 0..<chunks {
                        weighted[spectrum * chunks + chunk] += loud * ratio[chunk]
                    }
                }
            }
            for spectrum in 0..<count {
                for chunk in 0..<chunks {
                    let index = spectrum * chunks + chunk
                    spectra[index] *= weighted[index] / max(weights[spectrum], Self.least)
                }
            }
        }
    }

    /// Writes what some of the spectra give, `[frame, chunk]`.
    func write(_ chosen: Range<Int>, to part: inout MutableSpan<Floats>) {
        for frame in 0..<frames {
            for chunk in 0..<chunks {
                var sum = Floats.zero
                for spectrum in chosen {
                    sum += loudness[frame * count + spectrum] * spectra[spectrum * chunks + chunk]
                }
                part[frame * chunks + chunk] = sum
            }
        }
    }

    /// Magnitudes of a frame over what the spectra give, which is kept from being nothing.
    private func compare(_ levels: [Floats], _ frame: Int, _ ratio: inout [Floats]) {
        for chunk in 0..<chunks {
            var sum = Floats(repeating: Self.least)
            for spectrum in 0..<count {
                sum += loudness[frame * count + spectrum] * spectra[spectrum * chunks + chunk]
            }
            ratio[chunk] = levels[frame * chunks + chunk] / sum
        }
    }
}
