/// Convolutions, plain and transposed, with known weights.
enum ConvolutionOperators {
    static let rules: [String: OperatorRule] = ["Conv": conv, "ConvTranspose": transposed]

    /// What both kinds check first.
    private struct Parts {
        let input: TensorType
        let weights: [Float]
        let weightShape: [Int]
        let bias: [Float]?
        let groups: Int
        let fusion: ConvolutionFusion

        init(_ site: Site) throws(GraphError) {
            input = try site.float(0).type
            guard let weights = try site.constant(1), let values = weights.floats else {
                throw site.error(.typeMismatch, "weights")
            }
            guard input.shape.count >= 3, weights.shape.count == input.shape.count,
                weights.shape.allSatisfy({ $0 > 0 }), input.shape.allSatisfy({ $0 > 0 })
            else { throw site.error(.shapeMismatch, "\(input.shape) with \(weights.shape)") }
            self.weights = values
            weightShape = weights.shape
            if let given = try site.constant(2) {
                guard given.shape.count == 1, given.floats != nil else {
                    throw site.error(.shapeMismatch, "bias")
                }
                bias = given.floats
            } else {
                bias = nil
            }
            groups = try site.int("group", default: 1)
            guard groups > 0, input.shape[1] % groups == 0 else {
                throw site.error(.invalidAttribute, "group \(groups)")
            }
            if case .convolution(let fused)? = site.node.fused {
                fusion = fused
            } else {
                fusion = ConvolutionFusion()
            }
        }

        func checkBias(_ site: Site, channels: Int) throws(GraphError) {
            guard bias == nil || bias?.count == channels else {
                throw site.error(.shapeMismatch, "bias")
            }
        }

        /// Calls `body` with the addresses of weights and bias.
        func withPointers<Result>(
            _ body: (UnsafePointer<Float>, UnsafePointer<Float>?) -> Result
        ) -> Result {
            unsafe weights.withUnsafeBufferPointer { weights in
                guard let start = weights.baseAddress else {
                    preconditionFailure("weights are not empty")
                }
                guard let bias else { return unsafe body(start, nil) }
                return unsafe bias.withUnsafeBufferPointer { unsafe body(start, $0.baseAddress) }
            }
        }
    }

    private static func conv(_ site: Site) throws(GraphError) -> Lowering {
        let parts = try Parts(site)
        let outputs = parts.weightShape[0]
        guard parts.weightShape[1] * parts.groups == parts.input.shape[1],
            outputs % parts.groups == 0
        else { throw site.error(.shapeMismatch, "\(parts.input.shape), \(parts.weightShape)") }
        try parts.checkBias(site, channels: outputs)
        let fusion = parts.fusion
        var size = Array(parts.input.shape[2...])
        if let part = fusion.inputWindow { size[size.count - 1] = part.count }
        var window = try SpatialWindow(
            site, input: size, kernel: Array(parts.weightShape[2...]))
        window.resolveSame()
        guard window.holdsWindow else { throw site.error(.shapeMismatch, "kernel too large") }
        let shape = ConvolutionShape(
            batch: parts.input.shape[0], inputChannels: parts.input.shape[1],
            outputChannels: outputs, groups: parts.groups, input: window.input,
            kernel: window.kernel, strides: window.strides, dilations: window.dilations,
            padBegin: window.padBegin, padEnd: window.padEnd, interleave: fusion.interleave,
            inputPitch: fusion.inputWindow?.whole, outputPitch: fusion.outputWindow?.whole)
        let written = [shape.batch, outputs / shape.interleave] + shape.output.dropLast()
        let output = try site.options.checked(
            TensorType(written + [shape.outputPitch], parts.input.elementType))
        return Lowering(
            [output], layout: fusion.targetInput.map { .over($0) } ?? .separate,
            absorbed: [1, 2], operations: shape.operations
        ) { request throws(GraphError) in
            try ProductOperators.loadLibrary()
            let kernel = unsafe parts.withPointers { weights, bias in
                unsafe ConvolutionKernel(
                    shape: shape, weights: weights, bias: bias, epilogue: fusion.epilogue,
                    algorithm: request.options.winograd ? .automatic : .automaticExact,
                    threads: request.threads)
            }
            return Kernel(kernel.algorithm.rawValue, workspaceFloats: kernel.workspaceFloats) {
                operands in
                unsafe kernel.run(
                    input: operands.input(0) + (fusion.inputWindow?.offset ?? 0),
                    output: operands.output() + (fusion.outputWindow?.offset ?? 0),
                    addend: fusion.addendInput.flatMap { unsafe operands.optionalInput($0) },
                    workspace: operands.workspace, pool: operands.pool)
            }
        }
    }

    private static func transposed(_ site: Site) throws(GraphError) -> Lowering {
        let parts = try Parts(site)
        guard parts.weightShape[0] == parts.input.shape[1] else {
            throw site.error(.shapeMismatch, "\(parts.input.shape), \(parts.weightShape)")
        }
        let (outputs, overflow) = parts.weightShape[1].multipliedReportingOverflow(by: parts.groups)
        guard !overflow else { throw site.error(.tooLarge) }
        try parts.checkBias(site, channels: outputs)
        var window = try SpatialWindow(
            site, input: Array(parts.input.shape[2...]), kernel: Array(parts.weightShape[2...]))
        let rank = window.input.count
        let extra = try site.ints("output_padding") ?? [Int](repeating: 0, count: rank)
        guard extra.count == rank, extra.allSatisfy({ (0...1 << 24).contains($0) }) else {
            throw site.error(.invalidAttribute, "output_padding")
        }
        let full = (0..<rank).map {
            (window.input[$0] - 1) * window.strides[$0] + window.extent[$0] + extra[$0]
        }
        if let wanted = try site.ints("output_shape") {
            // Some files list batch and channels too.
            let sizes = Array(wanted.suffix(rank))
            guard sizes.count == rank, sizes.allSatisfy({ (1...1 << 31).contains($0) }) else {
                throw site.error(.invalidAttribute, "output_shape")
            }
            // Here the standard gives the larger half to the start unless told otherwise.
            let isUpper = window.isSame && !window.isLower
            for axis in 0..<rank {
                window.pad(
                    axis: axis, total: full[axis] - sizes[axis], startIsLarger: !isUpper)
            }
        } else if window.isSame {
            for axis in 0..<rank {
                let size = window.input[axis] * window.strides[axis]
                window.pad(
                    axis: axis, total: max(0, full[axis] - size), startIsLarger: window.isLower)
            }
        }
        for axis in 0..<rank where full[axis] - window.padBegin[axis] - window.padEnd[axis] <= 0 {
            throw site.error(.shapeMismatch, "empty output")
        }
        let shape = TransposedConvolutionShape(
            batch: parts.input.shape[0], inputChannels: parts.input.shape[1],
            outputChannels: outputs, groups: parts.groups, input: window.input,
            kernel: window.kernel, strides: window.strides, dilations: window.dilations,
            padBegin: window.padBegin, padEnd: window.padEnd, outputPadding: extra)
        let output = try site.options.checked(
            TensorType([shape.batch, outputs] + shape.output, parts.input.elementType))
        return Lowering(
            [output], absorbed: [1, 2], operations: shape.operations
        ) { request throws(GraphError) in
            try ProductOperators.loadLibrary()
            let kernel = unsafe parts.withPointers { weights, bias in
                unsafe TransposedConvolutionKernel(
                    shape: shape, weights: weights, bias: bias, epilogue: parts.fusion.epilogue,
                    threads: request.threads)
            }
            let name = "transposed \(kernel.algorithm.rawValue)"
            return Kernel(name, workspaceFloats: kernel.workspaceFloats) { operands in
                unsafe kernel.run(
                    input: operands.input(0), output: operands.output(),
                    addend: parts.fusion.addendInput.flatMap { unsafe operands.optionalInput($0) },
                    workspace: operands.workspace, pool: operands.pool)
            }
        }
    }
}
