/// Elementwise functions of up to three broadcast inputs written as closures: for whole numbers,
/// comparisons and rare functions, where speed is not the point. Closures get 0 for inputs that
/// are not there.
extension Lowering {
    /// Whole numbers in, whole numbers out, wrapped to the output's type.
    static func integers(
        _ output: TensorType, _ inputs: [TensorType],
        _ body: @escaping (Int64, Int64, Int64) -> Int64
    ) -> Lowering {
        let type = output.elementType
        return generic(output, inputs) { operands, count, a, b, c, index in
            let result = unsafe body(
                operands.integers(0)[a], count > 1 ? operands.integers(1)[b] : 0,
                count > 2 ? operands.integers(2)[c] : 0)
            unsafe operands.integerOutput()[index] = type.wrap(result)
        }
    }

    /// Floats in, floats out.
    static func floats(
        _ output: TensorType, _ inputs: [TensorType],
        _ body: @escaping (Float, Float, Float) -> Float
    ) -> Lowering {
        generic(output, inputs) { operands, count, a, b, c, index in
            unsafe operands.output()[index] = body(
                operands.input(0)[a], count > 1 ? operands.input(1)[b] : 0,
                count > 2 ? operands.input(2)[c] : 0)
        }
    }

    /// Floats in, whole numbers or truth values out.
    static func tests(
        _ output: TensorType, _ inputs: [TensorType],
        _ body: @escaping (Float, Float) -> Bool
    ) -> Lowering {
        generic(output, inputs) { operands, count, a, b, _, index in
            let holds = unsafe body(
                operands.input(0)[a], count > 1 ? operands.input(1)[b] : 0)
            unsafe operands.integerOutput()[index] = holds ? 1 : 0
        }
    }

    /// Anything that is computed element by element from at most three broadcast inputs.
    ///
    /// - Parameter body: Gets the number of inputs, an offset into each of the three, and the
    ///   output's index.
    /// - Precondition: every input's shape broadcasts to the output's.
    static func generic(
        _ output: TensorType, _ inputs: [TensorType],
        _ body: @escaping (Operands, _ count: Int, Int, Int, Int, _ index: Int) -> Void
    ) -> Lowering {
        precondition((1...3).contains(inputs.count))
        let loops = JointLoops(
            shape: output.shape,
            strides: inputs.map { Shapes.strides($0.shape, broadcastTo: output.shape) })
        let depth = loops.sizes.count
        let arrays = inputs.count
        let count = output.count
        let grain = 4096
        return Lowering([output], operations: count) { _ in
            Kernel("elementwise") { operands in
                operands.pool.run(count: (count + grain - 1) / grain) { piece, _ in
                    for index in piece * grain..<min(count, (piece + 1) * grain) {
                        body(
                            operands, arrays, loops.offset(0, at: index, depth: depth),
                            arrays > 1 ? loops.offset(1, at: index, depth: depth) : 0,
                            arrays > 2 ? loops.offset(2, at: index, depth: depth) : 0, index)
                    }
                }
            }
        }
    }
}
