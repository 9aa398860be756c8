extension Lowering {
    /// A float program over broadcast inputs.
    ///
    /// - Parameter elementType: The output's; the first input's where none is given.
    /// - Returns: nil where the shapes do not fit.
    static func elementwise(
        _ program: ElementwiseProgram, _ inputs: [TensorType], as elementType: ElementType? = nil
    ) -> Lowering? {
        guard let shape = Shapes.broadcast(inputs.map(\.shape)) else { return nil }
        let type = TensorType(shape, elementType ?? inputs.first?.elementType ?? .float)
        let shapes = inputs.map(\.shape)
        // A shift is read after part of the output has been written.
        let fixed = program.steps.compactMap { step -> ElementwiseProgram.Source? in
            if case .scaleShift(_, let shift) = step.operation { shift } else { nil }
        }
        var lowering = Lowering(
            [type],
            reusable: shapes.indices.filter { shapes[$0] == shape && !fixed.contains(.input($0)) },
            operations: program.steps.count * type.count
        ) { request in
            let kernel = ElementwiseKernel(
                program, inputs: shapes, shape: shape, threads: request.threads)
            return Kernel(
                "\(program.steps.count) elementwise", workspaceFloats: kernel.workspaceFloats,
                run: kernel.run)
        }
        lowering.program = program
        lowering.programInputs = inputs.count
        return lowering
    }
}
