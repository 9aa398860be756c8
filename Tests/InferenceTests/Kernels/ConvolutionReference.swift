/// Sums in Double straight from the definition, to compare the kernels with.
enum ConvolutionReference {
    /// - Returns: N C spatial; `strides` and so on have one entry per spatial axis, at most 3.
    static func convolve(
        input: [Float], batch: Int, channels: Int, size: [Int], weights: [Float], outputs: Int,
        kernel: [Int], strides: [Int], dilations: [Int], padBegin: [Int], padEnd: [Int],
        groups: Int, bias: [Float]?
    ) -> [Double] {
        let out = size.indices.map {
            (size[$0] + padBegin[$0] + padEnd[$0] - dilations[$0] * (kernel[$0] - 1) - 1)
                / strides[$0] + 1
        }
        var result: [Double] = []
        for n in 0..<batch {
            for m in 0..<outputs {
                let group = m / (outputs / groups)
                for place in positions(out) {
                    var sum = Double(bias?[m] ?? 0)
                    for c in 0..<channels / groups {
                        for tap in positions(kernel) {
                            let at = place.indices.map {
                                place[$0] * strides[$0] + tap[$0] * dilations[$0] - padBegin[$0]
                            }
                            guard zip(at, size).allSatisfy({ $0 >= 0 && $0 < $1 }) else { continue }
                            let plane = n * channels + group * (channels / groups) + c
                            sum +=
                                Double(input[index(at, size, plane)])
                                * Double(weights[index(tap, kernel, m * (channels / groups) + c)])
                        }
                    }
                    result.append(sum)
                }
            }
        }
        return result
    }

    /// The transposed convolution: every input value scatters the kernel. Weights I O spatial.
    static func scatter(
        input: [Float], batch: Int, channels: Int, size: [Int], weights: [Float], outputs: Int,
        kernel: [Int], strides: [Int], dilations: [Int], padBegin: [Int], out: [Int],
        groups: Int, bias: [Float]?
    ) -> [Double] {
        let plane = out.reduce(1, *)
        let perGroup = outputs / groups
        var result = (0..<batch * outputs * plane).map { Double(bias?[$0 / plane % outputs] ?? 0) }
        for n in 0..<batch {
            for c in 0..<channels {
                let group = c / (channels / groups)
                for place in positions(size) {
                    let value = Double(input[index(place, size, n * channels + c)])
                    for m in 0..<perGroup {
                        for tap in positions(kernel) {
                            let at = place.indices.map {
                                place[$0] * strides[$0] + tap[$0] * dilations[$0] - padBegin[$0]
                            }
                            guard zip(at, out).allSatisfy({ $0 >= 0 && $0 < $1 }) else { continue }
                            result[index(at, out, n * outputs + group * perGroup + m)] +=
                                value * Double(weights[index(tap, kernel, c * perGroup + m)])
                        }
                    }
                }
            }
        }
        return result
    }

    /// All positions in a box, the last axis fastest.
    static func positions(_ size: [Int]) -> [[Int]] {
        var all: [[Int]] = [[]]
        for extent in size { all = all.flatMap { start in (0..<extent).map { start + [$0] } } }
        return all
    }

    private static func index(_ place: [Int], _ size: [Int], _ outer: Int) -> Int {
        zip(place, size).reduce(outer) { $0 * $1.1 + $1.0 }
    }
}
