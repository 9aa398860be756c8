/// Runs recurrent layers as ONNX defines them.
///
/// `BLAS.load()` must have succeeded. The products with the input are one large matrix product for
/// all steps; each step then adds the product with the state, for all sequences of the batch at
/// once. Directions run side by side.
package enum Recurrent {
    /// Floats of scratch memory that a run needs.
    package static func workspaceFloats(_ shape: RecurrentShape) -> Int {
        let rows = shape.batch * shape.hiddenSize
        let weights = RecurrentWeights(shape)
        // Gate sums of all steps; those of a step; h, c and a helper of one state's size, and the
        // state packed; all on the boundaries that vectors like best.
        let states = 4 * weights.kernels.roundUp(rows)
        let projected = weights.kernels.roundUp(shape.steps * shape.cell.gates * rows)
        return shape.direction.count
            * (projected + shape.batch * weights.rowFloats + states + weights.floatCount)
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
    /// Gate sums of one step: B G (H, padded).
    let sums: UnsafeMutablePointer<Float>
    /// B H each.
    let h: UnsafeMutablePointer<Float>
    let c: UnsafeMutablePointer<Float>
    let spare: UnsafeMutablePointer<Float>
    /// The state in panels.
    let packedState: UnsafeMutablePointer<Float>
    let weights: RecurrentWeights
    let packedWeights: UnsafeMutablePointer<Float>
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
        let weights = RecurrentWeights(shape)
        let kernels = weights.kernels
        let state = kernels.roundUp(rows)
        unsafe self.weights = weights
        unsafe projected = workspace
        unsafe sums = projected + kernels.roundUp(shape.steps * shape.cell.gates * rows)
        unsafe h = sums + shape.batch * weights.rowFloats
        unsafe c = h + state
        unsafe spare = c + state
        unsafe packedState = spare + state
        unsafe packedWeights = packedState + state
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
        unsafe weights.pack(
            operands.recurrentWeights + direction * width * size, to: packedWeights)
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

    /// The products of the state with the recurrent weights plus their bias, all gates.
    private func recurrentSums() {
        let size = unsafe shape.hiddenSize
        unsafe weights.kernels.packRows(h, lda: size, m: shape.batch, k: size, to: packedState)
        for gate in unsafe 0..<shape.cell.gates {
            unsafe weights.multiply(
                packedState, rows: shape.batch, gate: gate, packed: packedWeights,
                sums: sums + gate * weights.gateFloats)
            guard let bias = unsafe recurrentBias else { continue }
            for b in unsafe 0..<shape.batch {
                let row = unsafe sums + b * weights.rowFloats + gate * weights.gateFloats
                for j in 0..<size { unsafe row[j] += bias[gate * size + j] }
            }
        }
    }
}
