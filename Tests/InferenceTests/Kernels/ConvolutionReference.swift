/// Sums in Double straight from the definition, to compare the kernels with.
enum ConvolutionReference {
    /// The three spatial axes of a shape, missing ones in front filled up.
    private static func three(_ list: [Int], _ filler: Int) -> [Int] {
        Array(repeating: filler, count: 3 - list.count) + list
    }

    /// - Returns: N C spatial; `strides` and so on have one entry per spatial axis, at most 3.
    static func convolve(
        input: [Float], batch: Int, channels: Int, size: [Int], weights: [Float], outputs: Int,
        kernel: [Int], strides: [Int], dilations: [Int], padBegin: [Int], padEnd: [Int],
        groups: Int, bias: [Float]?
    ) -> [Double] {
        let (size, kernel) = (three(size, 1), three(kernel, 1))
        let (strides, dilations) = (three(strides, 1), three(dilations, 1))
        let (begin, end) = (three(padBegin, 0), three(padEnd, 0))
        let out = (0..<3).map { axis in
            let reach = dilations[axis] * (kernel[axis] - 1) + 1
            let room = size[axis] + begin[axis] + end[axis] - reach
            return room / strides[axis] + 1
        }
        let perGroup = channels / groups
        var result: [Double] = []
        for n in 0..<batch {
            for m in 0..<outputs {
                let first = n * channels + m / (outputs / groups) * perGroup
                each(out) { z, y, x in
                    var sum = Double(bias?[m] ?? 0)
                    var tap = m * perGroup * kernel[0] * kernel[1] * kernel[2]
                    for c in 0..<perGroup {
                        each(kernel) { kz, ky, kx in
                            defer { tap += 1 }
                            let iz = z * strides[0] + kz * dilations[0] - begin[0]
                            let iy = y * strides[1] + ky * dilations[1] - begin[1]
                            let ix = x * strides[2] + kx * dilations[2] - begin[2]
                            guard iz >= 0, iz < size[0], iy >= 0, iy < size[1], ix >= 0,
                                ix < size[2]
                            else { return }
                            let row = ((first + c) * size[0] + iz) * size[1] + iy
                            sum += Double(input[row * size[2] + ix]) * Double(weights[tap])
                        }
                    }
                    result.append(sum)
                }
            }
        }
        return result
    }

    /// The transposed convolution: every input value scatters the kernel, weights I O spatial.
    static func scatter(
        input: [Float], batch: Int, channels: Int, size: [Int], weights: [Float], outputs: Int,
        kernel: [Int], strides: [Int], dilations: [Int], padBegin: [Int], out: [Int],
        groups: Int, bias: [Float]?
    ) -> [Double] {
        let (size, kernel, out) = (three(size, 1), three(kernel, 1), three(out, 1))
        let (strides, dilations) = (three(strides, 1), three(dilations, 1))
        let begin = three(padBegin, 0)
        let plane = out[0] * out[1] * out[2]
        let perGroup = outputs / groups
        var result = (0..<batch * outputs * plane).map { Double(bias?[$0 / plane % outputs] ?? 0) }
        var at = 0
        for n in 0..<batch {
            for c in 0..<channels {
                let first = n * outputs + c / (channels / groups) * perGroup
                each(size) { z, y, x in
                    let value = Double(input[at])
                    at += 1
                    var tap = c * perGroup * kernel[0] * kernel[1] * kernel[2]
                    for m in 0..<perGroup {
                        each(kernel) { kz, ky, kx in
                            defer { tap += 1 }
                            let oz = z * strides[0] + kz * dilations[0] - begin[0]
                            let oy = y * strides[1] + ky * dilations[1] - begin[1]
                            let ox = x * strides[2] + kx * dilations[2] - begin[2]
                            guard oz >= 0, oz < out[0], oy >= 0, oy < out[1], ox >= 0, ox < out[2]
                            else { return }
                            let row = ((first + m) * out[0] + oz) * out[1] + oy
                            result[row * out[2] + ox] += value * Double(weights[tap])
                        }
                    }
                }
            }
        }
        return result
    }

    /// Calls `body` for all positions in a box, the last axis fastest.
    @inline(__always)
    private static func each(_ size: [Int], _ body: (Int, Int, Int) -> Void) {
        for z in 0..<size[0] {
            for y in 0..<size[1] {
                for x in 0..<size[2] { body(z, y, x) }
            }
        }
    }
}
