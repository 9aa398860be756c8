/// Resizes by separable interpolation, as ONNX defines it.
///
/// Each axis becomes a table of a few input positions and weights per output position; axes that
/// don't change are skipped, and the others are done one after the other.
package final class Resize: Sendable {
    package let shape: ResizeShape
    /// Floats of scratch memory that a run needs.
    package let workspaceFloats: Int
    private let passes: [ResizePass]

    package init(_ shape: ResizeShape) {
        self.shape = shape
        var sizes = shape.input
        var passes: [ResizePass] = []
        var largest = 0
        for axis in sizes.indices {
            let table = ResizeTable(shape, axis: axis)
            guard !table.isIdentity else { continue }
            let outer = sizes[..<axis].reduce(1, *)
            let inner = sizes[(axis + 1)...].reduce(1, *)
            passes.append(ResizePass(outer: outer, inner: inner, table: table))
            sizes[axis] = shape.output[axis]
            largest = max(largest, sizes.reduce(1, *))
        }
        self.passes = passes
        workspaceFloats = passes.count > 1 ? 2 * largest : 0
    }

    /// - Parameters:
    ///   - input: Dense, sizes as in the shape.
    ///   - output: Dense; must not overlap the input.
    ///   - workspace: `workspaceFloats` floats, 64-byte aligned, contents arbitrary.
    package func run(
        input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>,
        workspace: UnsafeMutablePointer<Float>, pool: WorkerPool
    ) {
        guard !passes.isEmpty else {
            unsafe output.update(from: input, count: shape.input.reduce(1, *))
            return
        }
        var source = unsafe input
        for (index, pass) in passes.enumerated() {
            let last = index == passes.count - 1
            let half = workspaceFloats / 2
            let target = unsafe last ? output : workspace + (index % 2) * half
            unsafe pass.run(from: source, to: target, pool: pool)
            unsafe source = UnsafePointer(target)
        }
    }
}

/// Interpolation along one axis: outer (old size) inner to outer (new size) inner.
struct ResizePass: Sendable {
    let outer: Int
    let inner: Int
    let table: ResizeTable

    func run(
        from source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, pool: WorkerPool
    ) {
        let taps = table.taps
        pool.run(count: outer) { block, _ in
            let from = unsafe source + block * table.inputSize * inner
            let to = unsafe target + block * table.outputSize * inner
            for at in 0..<table.outputSize {
                let row = unsafe to + at * inner
                if table.outside[at] {
                    for i in 0..<inner { unsafe row[i] = table.extrapolation }
                    continue
                }
                for tap in at * taps..<(at + 1) * taps {
                    let weight = table.weights[tap]
                    let line = unsafe from + table.positions[tap] * inner
                    if tap == at * taps {
                        for i in 0..<inner { unsafe row[i] = weight * line[i] }
                    } else if weight != 0 {
                        for i in 0..<inner { unsafe row[i] += weight * line[i] }
                    }
                }
            }
        }
    }
}
