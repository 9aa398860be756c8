/// Runs recurrent layers as ONNX defines them.
///
/// `BLAS.load()` must have succeeded. The products with the input are one large matrix product for all steps; each step then adds the
/// product with the state, for all sequences of the batch at once. Directions run side by side.
package enum Recurrent {
    /// Floats of scratch memory that a run needs.
    package static func workspaceFloats(_ shape: RecurrentShape) -> Int {
        let rows = shape.batch * shape.hiddenSize
        let gates = shape.cell.gates * rows
        // Gate sums of all steps; sums of a step; h, c and a helper of one state's size.
        return shape.direction.count * (shape.steps * gates + gates + 3 * rows)
    }

    /// Runs the layer.
    ///
    /// - Parameter workspace: `workspaceFloats` floats, 64-byte aligned, contents arbitrary.
    package static func run(
        shape: RecurrentShape, operands: RecurrentOperands,
        workspace: UnsafeMutablePointer<Float>, pool: WorkerPool
    ) {
        let share = workspaceFloats(shape) / shape.direction.count
        for direction in 0..<shape.direction.count {
            let run = unsafe RecurrentRun(
                shape: shape, operands: operands, direction: direction,
                workspace: workspace + direction * share)
            unsafe run.projectInput(pool: pool)
        }
        pool.run(count: shape.direction.count) { direction, _ in
            let run = unsafe RecurrentRun(
                shape: shape, operands: operands, direction: direction,
                workspace: workspace + direction * share)
            unsafe run.walk()
        }
    }
}

/// One direction of one run.
@unsafe
struct RecurrentRun {
    let shape: RecurrentShape
    let operands: RecurrentOperands
    let direction: Int
    /// Gate sums of the input: S B (G H), or B S (G H) where the batch comes first.
    let projected: UnsafeMutablePointer<Float>
    /// Gate sums of one step: B (G H).
    let sums: UnsafeMutablePointer<Float>
    /// B H each.
    let h: UnsafeMutablePointer<Float>
    let c: UnsafeMutablePointer<Float>
    let spare: UnsafeMutablePointer<Float>
    /// Where this direction's functions begin in the shape's list.
    let firstActivation: Int

    init(
        shape: RecurrentShape, operands: RecurrentOperands, direction: Int,
        workspace: UnsafeMutablePointer<Float>
    ) {
        unsafe self.shape = shape
        unsafe self.operands = operands
        unsafe self.direction = direction
        let rows = shape.batch * shape.hiddenSize
        let gates = shape.cell.gates * rows
        unsafe projected = workspace
        unsafe sums = workspace + shape.steps * gates
        unsafe h = sums + gates
        unsafe c = h + rows
        unsafe spare = c + rows
        let perSet = shape.activations.count / shape.direction.count
        unsafe firstActivation = direction * perSet
    }

    /// One of this direction's functions.
    func activation(_ index: Int) -> Activation {
        unsafe shape.activations[firstActivation + index]
    }

    var width: Int { unsafe shape.cell.gates * shape.hiddenSize }

    /// The products of the input with the weights, for all steps, plus the input's bias.
    func projectInput(pool: WorkerPool) {
        unsafe Product.run(
            transposeB: true, m: shape.steps * shape.batch, n: width, k: shape.inputSize,
            a: operands.x, lda: shape.inputSize,
            b: operands.weights + direction * width * shape.inputSize, ldb: shape.inputSize,
            c: projected, ldc: width,
            epilogue: .init(columnBias: operands.bias.map { unsafe $0 + direction * 2 * width }),
            pool: pool)
    }

    func walk() {
        let size = unsafe shape.hiddenSize
        let backward = unsafe shape.direction == .reverse || direction == 1
        for b in unsafe 0..<shape.batch {
            for j in 0..<size {
                let at = unsafe stateAt(b) + j
                unsafe h[b * size + j] = operands.initialH?[at] ?? 0
                unsafe c[b * size + j] = operands.initialC?[at] ?? 0
            }
        }
        if let y = unsafe operands.y {
            for step in unsafe 0..<shape.steps {
                for b in unsafe 0..<shape.batch {
                    let from = unsafe y + outputAt(step, b)
                    for j in 0..<size { unsafe from[j] = 0 }
                }
            }
        }
        for step in unsafe 0..<shape.steps {
            unsafe recurrentSums()
            for b in unsafe 0..<shape.batch {
                let length = unsafe operands.lengths.map { unsafe Int($0[b]) } ?? shape.steps
                guard step < length else { continue }
                let time = backward ? length - 1 - step : step
                unsafe advance(sequence: b, time: time)
                guard let y = unsafe operands.y else { continue }
                let to = unsafe y + outputAt(time, b)
                for j in 0..<size { unsafe to[j] = h[b * size + j] }
            }
        }
        for b in unsafe 0..<shape.batch {
            for j in 0..<size {
                let at = unsafe stateAt(b) + j
                unsafe operands.lastH?[at] = h[b * size + j]
                unsafe operands.lastC?[at] = c[b * size + j]
            }
        }
    }

    private func stateAt(_ b: Int) -> Int {
        let row =
            unsafe shape.batchFirst
            ? b * shape.direction.count + direction : direction * shape.batch + b
        return unsafe row * shape.hiddenSize
    }

    private func outputAt(_ step: Int, _ b: Int) -> Int {
        let directions = unsafe shape.direction.count
        let row =
            unsafe shape.batchFirst
            ? (b * shape.steps + step) * directions + direction
            : (step * directions + direction) * shape.batch + b
        return unsafe row * shape.hiddenSize
    }

    func projectedRow(time: Int, sequence: Int) -> UnsafeMutablePointer<Float> {
        let row =
            unsafe shape.batchFirst
            ? sequence * shape.steps + time : time * shape.batch + sequence
        return unsafe projected + row * width
    }

    var recurrentBias: UnsafePointer<Float>? {
        unsafe operands.bias.map { unsafe $0 + (2 * direction + 1) * width }
    }

    var recurrentMatrix: UnsafePointer<Float> {
        unsafe operands.recurrentWeights + direction * width * shape.hiddenSize
    }

    /// The products of the state with the recurrent weights plus their bias, all gates.
    private func recurrentSums() {
        let size = unsafe shape.hiddenSize
        unsafe BLAS.sgemm(
            transposeB: true, m: shape.batch, n: width, k: size, a: h, lda: size,
            b: recurrentMatrix, ldb: size, c: sums, ldc: width)
        guard let bias = unsafe recurrentBias else { return }
        for b in unsafe 0..<shape.batch {
            for j in unsafe 0..<width { unsafe sums[b * width + j] += bias[j] }
        }
    }
}
