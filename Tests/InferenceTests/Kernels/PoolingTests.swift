import Inference
import Testing

/// A pooling to try.
struct PoolingCase: CustomTestStringConvertible, Sendable {
    var planes = 2
    var size: [Int]
    var kernel: [Int]
    var strides: [Int]?
    var dilations: [Int]?
    var begin: [Int]?
    var end: [Int]?
    var ceilMode = false

    var shape: PoolingShape {
        let ones = size.map { _ in 1 }
        let zeros = size.map { _ in 0 }
        return PoolingShape(
            planes: planes, input: size, kernel: kernel, strides: strides ?? ones,
            dilations: dilations ?? ones, padBegin: begin ?? zeros, padEnd: end ?? begin ?? zeros,
            ceilMode: ceilMode)
    }

    var testDescription: String { "\(size) k\(kernel) s\(strides ?? []) ceil \(ceilMode)" }

    static let all: [PoolingCase] = [
        .init(size: [1, 1], kernel: [1, 1]),
        .init(planes: 3, size: [8, 20], kernel: [2, 2], strides: [2, 2]),
        .init(size: [9, 21], kernel: [2, 2], strides: [2, 2]),
        .init(size: [9, 21], kernel: [2, 2], strides: [2, 2], ceilMode: true),
        .init(size: [17, 40], kernel: [3, 3], strides: [2, 2], begin: [1, 1]),
        .init(size: [17, 41], kernel: [3, 4], strides: [1, 3], begin: [0, 2], end: [2, 1]),
        .init(size: [13, 12], kernel: [3, 3], dilations: [2, 3]),
        .init(size: [10, 10], kernel: [3, 3], strides: [3, 3], begin: [1, 1], ceilMode: true),
        .init(size: [50], kernel: [5], strides: [2], begin: [2]),
        .init(size: [4, 5, 6], kernel: [2, 3, 2], strides: [2, 1, 2], begin: [0, 1, 0]),
        .init(size: [7, 33], kernel: [1, 4], strides: [1, 4]),
        .init(size: [64, 3], kernel: [4, 1], strides: [4, 1]),
    ]
}

@Suite struct PoolingTests {
    /// For each result, the values of its window and their places, and the count with padding.
    private func windows(_ test: PoolingCase, _ x: [Float]) -> [([Float], [Int], Int)] {
        let shape = test.shape
        func three(_ list: [Int], _ filler: Int) -> [Int] {
            Array(repeating: filler, count: 3 - list.count) + list
        }
        let (size, out) = (three(shape.input, 1), three(shape.output, 1))
        let (kernel, stride) = (three(shape.kernel, 1), three(shape.strides, 1))
        let (spread, begin) = (three(shape.dilations, 1), three(shape.padBegin, 0))
        let end = three(shape.padEnd, 0)
        var all: [([Float], [Int], Int)] = []
        for plane in 0..<shape.planes {
            for at in 0..<out[0] * out[1] * out[2] {
                let place = [at / out[2] / out[1], at / out[2] % out[1], at % out[2]]
                var (values, places, padded): ([Float], [Int], Int) = ([], [], 0)
                for tap in 0..<kernel[0] * kernel[1] * kernel[2] {
                    let k = [
                        tap / kernel[2] / kernel[1], tap / kernel[2] % kernel[1], tap % kernel[2],
                    ]
                    let p = (0..<3).map { place[$0] * stride[$0] + k[$0] * spread[$0] - begin[$0] }
                    if (0..<3).allSatisfy({ p[$0] < size[$0] + end[$0] }) { padded += 1 }
                    guard (0..<3).allSatisfy({ p[$0] >= 0 && p[$0] < size[$0] }) else { continue }
                    let index = ((plane * size[0] + p[0]) * size[1] + p[1]) * size[2] + p[2]
                    values.append(x[index])
                    places.append(index)
                }
                all.append((values, places, padded))
            }
        }
        return all
    }

    @Test(arguments: PoolingCase.all, [1, 3])
    func poolingsMatchTheirDefinitions(_ test: PoolingCase, _ threads: Int) {
        let shape = test.shape
        // Few values, so that equal ones occur and the first of them must be named.
        let x = noise(shape.planes * test.size.reduce(1, *), seed: 1).map { ($0 * 4).rounded() / 4 }
        let expected = windows(test, x)
        let pool = WorkerPool(threads: threads)
        let input = Floats(x)
        let y = Floats(count: shape.outputCount)
        var indices = [Int64](repeating: -1, count: shape.outputCount)
        unsafe indices.withUnsafeMutableBufferPointer { indices in
            unsafe Pooling.max(
                shape: shape, input: input.pointer, output: y.pointer,
                indices: indices.baseAddress, pool: pool)
        }
        #expect(y.values == expected.map { $0.0.max() ?? -.infinity })
        #expect(
            indices
                == expected.map { values, places, _ in
                    let best = values.max() ?? 0
                    return Int64(places[values.firstIndex(of: best) ?? 0])
                })
        let plain = Floats(count: shape.outputCount)
        unsafe Pooling.max(shape: shape, input: input.pointer, output: plain.pointer, pool: pool)
        #expect(plain.values == y.values)
        for countPadding in [false, true] {
            unsafe Pooling.average(
                shape: shape, input: input.pointer, output: y.pointer, countPadding: countPadding,
                pool: pool)
            let means = expected.map { values, _, padded in
                let sum = values.reduce(0) { $0 + Double($1) }
                return sum / Double(countPadding ? padded : Swift.max(values.count, 1))
            }
            #expect(worstError(y.values, means) < 1e-6)
        }
        for p in [1, 2, 3] {
            unsafe Pooling.norm(
                shape: shape, p: p, input: input.pointer, output: y.pointer, pool: pool)
            let norms = expected.map { values, _, _ in
                let sum = values.reduce(0) { sum, value in
                    sum + (0..<p).reduce(1.0) { power, _ in power * Double(abs(value)) }
                }
                var root = Swift.max(sum, 1)
                for _ in 0..<200 where sum > 0 {
                    let power = (1..<p).reduce(1.0) { power, _ in power * root }
                    root -= (power * root - sum) / (Double(p) * power)
                }
                return sum == 0 ? 0 : root
            }
            #expect(worstError(y.values, norms) < 1e-5)
        }
        withExtendedLifetime(input) {}
    }

    @Test func theLargestOfWindowsWithNaNIsNaN() {
        let shape = PoolingCase(planes: 1, size: [2, 4], kernel: [2, 2], strides: [2, 2]).shape
        let input = Floats([1, .nan, 1, 2, 3, 4, 5, 6])
        let y = Floats(count: 2)
        unsafe Pooling.max(
            shape: shape, input: input.pointer, output: y.pointer, pool: WorkerPool(threads: 1))
        #expect(y.values[0].isNaN && y.values[1] == 6)
        withExtendedLifetime(input) {}
    }

    @Test func columnMajorIndicesCountTheFirstAxisFastest() {
        let shape = PoolingCase(planes: 2, size: [2, 3], kernel: [2, 3]).shape
        let input = Floats([0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 9, 0])
        let y = Floats(count: 2)
        var indices: [Int64] = [0, 0]
        unsafe indices.withUnsafeMutableBufferPointer { indices in
            unsafe Pooling.max(
                shape: shape, input: input.pointer, output: y.pointer,
                indices: indices.baseAddress, columnMajor: true, pool: WorkerPool(threads: 1))
        }
        #expect(indices == [4, 6 + 3])
        withExtendedLifetime(input) {}
    }
}
