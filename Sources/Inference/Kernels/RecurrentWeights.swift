/// The layout in which the weights of a recurrence are read at every step: once, in order.
///
/// Gate, block of a few vectors of outputs, input, output within the block. The packing costs about
/// as much as a few steps, and a step is then bound by reading the weights alone.
struct RecurrentWeights: Sendable {
    let kernels = TileKernels.best
    /// Floats of a gate's sums, its outputs padded to whole blocks.
    let gateFloats: Int
    /// Floats of all gates' sums of one sequence.
    let rowFloats: Int
    /// Floats of the packed weights, and behind them the tables that the inner loop goes by.
    let floatCount: Int
    private let size: Int
    private let gates: Int
    private let blockFloats: Int

    private static let blockVectors = 3

    init(_ shape: RecurrentShape) {
        size = shape.hiddenSize
        gates = shape.cell.gates
        blockFloats = Self.blockVectors * kernels.lanes
        gateFloats = (size + blockFloats - 1) / blockFloats * blockFloats
        rowFloats = gates * gateFloats
        floatCount =
            gates * gateFloats * size + kernels.roundUp(size) + kernels.roundUp(Self.blockVectors)
    }

    /// Packs the weights of one direction, gate output input.
    func pack(_ weights: UnsafePointer<Float>, to packed: UnsafeMutablePointer<Float>) {
        for gate in 0..<gates {
            for output in 0..<gateFloats {
                let (block, lane) = output.quotientAndRemainder(dividingBy: blockFloats)
                let to =
                    unsafe packed + (gate * gateFloats + block * blockFloats) * size + lane
                let from = unsafe weights + (gate * size + min(output, size - 1)) * size
                for input in 0..<size {
                    unsafe to[input * blockFloats] = output < size ? from[input] : 0
                }
            }
        }
        let (offsets, starts) = unsafe tables(packed)
        for input in 0..<size { unsafe offsets[input] = Int32(input * blockFloats) }
        for vector in 0..<Self.blockVectors {
            unsafe starts[vector] = Int32(vector * kernels.lanes)
        }
    }

    /// Sums of one gate for some sequences: row after row, `rowFloats` apart.
    ///
    /// - Parameter state: Inputs of the recurrence, in panels.
    func multiply(
        _ state: UnsafePointer<Float>, rows: Int, gate: Int,
        packed: UnsafeMutablePointer<Float>, sums: UnsafeMutablePointer<Float>
    ) {
        let (offsets, starts) = unsafe tables(packed)
        for block in stride(from: 0, to: gateFloats, by: blockFloats) {
            unsafe kernels.product(
                m: rows, k: size, vectors: Self.blockVectors, a: state,
                b: packed + (gate * gateFloats + block) * size, offsets: offsets, starts: starts,
                c: sums + block, ldc: rowFloats, accumulate: false)
        }
    }

    private func tables(
        _ packed: UnsafeMutablePointer<Float>
    ) -> (UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int32>) {
        // Floats and these integers have the same size.
        let start = unsafe UnsafeMutableRawPointer(packed + gates * gateFloats * size)
        let offsets = unsafe start.assumingMemoryBound(to: Int32.self)
        return unsafe (offsets, offsets + kernels.roundUp(size))
    }
}
