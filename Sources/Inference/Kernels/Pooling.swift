/// Sizes of a pooling over 1 to 3 spatial axes; input and output are N C spatial, the last axis dense.
package struct PoolingShape: Equatable, Sendable {
    /// Batch times channels: planes that don't see each other.
    package let planes: Int
    package let input: [Int]
    package let kernel: [Int]
    package let strides: [Int]
    package let dilations: [Int]
    package let padBegin: [Int]
    package let padEnd: [Int]
    /// Spatial sizes of the output.
    package let output: [Int]

    /// - Parameter ceilMode: Whether a last window that begins inside the input or its first padding
    ///   but ends beyond the last padding counts.
    /// - Precondition: all spatial lists have the same length, 1 to 3; the padded input holds the
    ///   dilated kernel, or `ceilMode` is set.
    package init(
        planes: Int, input: [Int], kernel: [Int], strides: [Int], dilations: [Int],
        padBegin: [Int], padEnd: [Int], ceilMode: Bool = false
    ) {
        precondition((1...3).contains(input.count), "a pooling has 1 to 3 spatial axes")
        precondition(
            [kernel, strides, dilations, padBegin, padEnd].allSatisfy { $0.count == input.count })
        self.planes = planes
        self.input = input
        self.kernel = kernel
        self.strides = strides
        self.dilations = dilations
        self.padBegin = padBegin
        self.padEnd = padEnd
        output = input.indices.map { axis in
            let room =
                input[axis] + padBegin[axis] + padEnd[axis]
                - (dilations[axis] * (kernel[axis] - 1) + 1)
            precondition(room >= 0 || ceilMode, "the padded input holds the dilated kernel")
            let steps = ceilMode ? (room + strides[axis] - 1) / strides[axis] : room / strides[axis]
            // A window that begins in the last padding would see nothing of the input.
            let beyond = ceilMode && steps * strides[axis] >= input[axis] + padBegin[axis]
            return max(steps + (beyond ? 0 : 1), 1)
        }
    }

    /// Floats in the output.
    package var outputCount: Int { output.reduce(planes, *) }
}

/// Poolings over windows of each plane.
package enum Pooling {
    /// The largest value of each window.
    ///
    /// - Parameter indices: Gets, where given, the position of that value in the whole input, the
    ///   first of equals; `columnMajor` counts the spatial axes within a plane with the first one
    ///   fastest.
    package static func max(
        shape: PoolingShape, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>,
        indices: UnsafeMutablePointer<Int64>? = nil, columnMajor: Bool = false, pool: WorkerPool
    ) {
        unsafe PoolingWindows(shape).run(input: input, output: output, pool: pool) { window in
            var best = -Float.infinity
            var place = -1
            unsafe window.visit { value, at in
                if value > best || place < 0 || value.isNaN {
                    best = value
                    place = at
                }
            }
            if let indices = unsafe indices {
                let at = unsafe columnMajor ? window.columnMajor(place) : place
                unsafe indices[window.index] = Int64(window.plane * window.planeCount + at)
            }
            return best
        }
    }

    /// The mean of each window.
    ///
    /// - Parameter countPadding: Whether padding counts as zeros that are part of the window; what
    ///   lies beyond the last padding never counts.
    package static func average(
        shape: PoolingShape, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>,
        countPadding: Bool, pool: WorkerPool
    ) {
        unsafe PoolingWindows(shape).run(input: input, output: output, pool: pool) { window in
            var sum: Float = 0
            var count = 0
            unsafe window.visit { value, _ in
                sum += value
                count += 1
            }
            return unsafe sum / Float(Swift.max(countPadding ? window.paddedCount : count, 1))
        }
    }

    /// The p-norm of each window: the p-th root of the sum of |x| to the power of p.
    package static func norm(
        shape: PoolingShape, p: Int, input: UnsafePointer<Float>,
        output: UnsafeMutablePointer<Float>, pool: WorkerPool
    ) {
        unsafe PoolingWindows(shape).run(input: input, output: output, pool: pool) { window in
            var sum: Float = 0
            unsafe window.visit { value, _ in
                var power = Swift.abs(value)
                for _ in 1..<Swift.max(p, 1) { power *= Swift.abs(value) }
                sum += power
            }
            return p == 1 ? sum : p == 2 ? sum.squareRoot() : root(sum, p)
        }
    }

    // Newton's method in Double from above converges for every p and sum that occur.
    private static func root(_ value: Float, _ p: Int) -> Float {
        guard value > 0, value.isFinite else { return value }
        let target = Double(value)
        var x = Swift.max(target, 1)
        for _ in 0..<4096 {
            var power = 1.0
            for _ in 1..<p { power *= x }
            let next = x - (power * x - target) / (Double(p) * power)
            if next >= x { break }
            x = next
        }
        return Float(x)
    }
}

/// One window of a pooling.
@unsafe
struct PoolingWindow {
    let shape: PoolingShape
    let source: UnsafePointer<Float>
    let plane: Int
    /// Place of the result in the whole output.
    let index: Int
    let start: (Int, Int, Int)
    let size: (Int, Int, Int)
    let kernel: (Int, Int, Int)
    let dilation: (Int, Int, Int)
    let limit: (Int, Int, Int)

    var planeCount: Int { unsafe size.0 * size.1 * size.2 }

    /// Calls `body` with each value of the window that lies in the input, in storage order.
    @inline(__always)
    func visit(_ body: (Float, Int) -> Void) {
        for kz in unsafe 0..<kernel.0 {
            let z = unsafe start.0 + kz * dilation.0
            guard z >= 0, unsafe z < size.0 else { continue }
            for ky in unsafe 0..<kernel.1 {
                let y = unsafe start.1 + ky * dilation.1
                guard y >= 0, unsafe y < size.1 else { continue }
                for kx in unsafe 0..<kernel.2 {
                    let x = unsafe start.2 + kx * dilation.2
                    guard x >= 0, unsafe x < size.2 else { continue }
                    let at = unsafe (z * size.1 + y) * size.2 + x
                    unsafe body(source[at], at)
                }
            }
        }
    }

    /// Values of the window that lie in the input or its padding.
    var paddedCount: Int {
        func along(_ start: Int, _ kernel: Int, _ dilation: Int, _ limit: Int) -> Int {
            (0..<kernel).count { start + $0 * dilation < limit }
        }
        return unsafe along(start.0, kernel.0, dilation.0, limit.0)
            * along(start.1, kernel.1, dilation.1, limit.1)
            * along(start.2, kernel.2, dilation.2, limit.2)
    }

    /// A position within the plane, counted with the first spatial axis fastest.
    func columnMajor(_ at: Int) -> Int {
        let x = unsafe at % size.2
        let y = unsafe at / size.2 % size.1
        let z = unsafe at / size.2 / size.1
        return unsafe (x * size.1 + y) * size.0 + z
    }
}

/// Walks all windows of a pooling.
struct PoolingWindows {
    let shape: PoolingShape

    init(_ shape: PoolingShape) { self.shape = shape }

    @inline(__always)
    func run(
        input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, pool: WorkerPool,
        _ body: (PoolingWindow) -> Float
    ) {
        func axes(_ list: [Int], _ filler: Int) -> (Int, Int, Int) {
            // Missing axes come first. No array is made: this runs in every run.
            func at(_ axis: Int) -> Int {
                let index = axis - (3 - list.count)
                return index < 0 ? filler : list[index]
            }
            return (at(0), at(1), at(2))
        }
        let size = axes(shape.input, 1)
        let out = axes(shape.output, 1)
        let strides = axes(shape.strides, 1)
        let begin = axes(shape.padBegin, 0)
        let end = axes(shape.padEnd, 0)
        let kernel = axes(shape.kernel, 1)
        let dilation = axes(shape.dilations, 1)
        let plane = size.0 * size.1 * size.2
        pool.run(count: shape.planes) { piece, _ in
            var index = piece * out.0 * out.1 * out.2
            for z in 0..<out.0 {
                for y in 0..<out.1 {
                    for x in 0..<out.2 {
                        let window = unsafe PoolingWindow(
                            shape: shape, source: input + piece * plane, plane: piece, index: index,
                            start: (
                                z * strides.0 - begin.0, y * strides.1 - begin.1,
                                x * strides.2 - begin.2
                            ), size: size, kernel: kernel, dilation: dilation,
                            limit: (size.0 + end.0, size.1 + end.1, size.2 + end.2))
                        unsafe output[index] = body(window)
                        index += 1
                    }
                }
            }
        }
    }
}
