/// Layers with a state that walks along a sequence.
enum RecurrentOperators {
    static let rules: [String: OperatorRule] = [
        "LSTM": { site throws(GraphError) in try layer(site, .lstm) },
        "GRU": { site throws(GraphError) in try layer(site, .gru) },
        "RNN": { site throws(GraphError) in try layer(site, .rnn) },
    ]

    private static func direction(_ site: Site) throws(GraphError) -> RecurrentDirection {
        switch try site.string("direction", default: "forward") {
        case "forward": .forward
        case "reverse": .reverse
        case "bidirectional": .bidirectional
        default: throw site.error(.invalidAttribute, "direction")
        }
    }

    /// The functions named by the node, with their parameters from the lists beside.
    private static func activations(
        _ site: Site, count: Int
    ) throws(GraphError) -> [Activation] {
        guard let names = try site.strings("activations") else { return [] }
        guard names.count == count else {
            throw site.error(.invalidAttribute, "activations \(names)")
        }
        // A list may be shorter than the names: it lists parameters of those that have some.
        var alphas = (try site.floats("activation_alpha") ?? [])[...]
        var betas = (try site.floats("activation_beta") ?? [])[...]
        var result: [Activation] = []
        for name in names {
            switch name.lowercased() {
            case "sigmoid": result.append(.sigmoid)
            case "tanh": result.append(.tanh)
            case "relu": result.append(.relu)
            case "softplus": result.append(.softplus)
            case "softsign": result.append(.softsign)
            case "leakyrelu": result.append(.leakyRelu(alpha: alphas.popFirst() ?? 0.01))
            case "thresholdedrelu":
                result.append(.thresholdedRelu(alpha: alphas.popFirst() ?? 1))
            case "elu": result.append(.elu(alpha: alphas.popFirst() ?? 1))
            case "hardsigmoid":
                result.append(
                    .hardSigmoid(
                        alpha: alphas.popFirst() ?? 0.2, beta: betas.popFirst() ?? 0.5))
            case "affine":
                result.append(
                    .affine(alpha: alphas.popFirst() ?? 1, beta: betas.popFirst() ?? 0))
            case "scaledtanh":
                result.append(
                    .scaledTanh(alpha: alphas.popFirst() ?? 1, beta: betas.popFirst() ?? 1))
            default: throw site.error(.unsupported, "activation \(name)")
            }
        }
        return result
    }

    private static func check(
        _ site: Site, _ index: Int, _ shape: [Int]
    ) throws(GraphError) {
        guard site.optional(index) != nil else { return }
        let actual = try site.float(index).shape
        guard actual == shape else {
            throw site.error(.shapeMismatch, "input \(index) is \(actual), not \(shape)")
        }
    }

    private static func layer(_ site: Site, _ cell: RecurrentCell) throws(GraphError) -> Lowering {
        let x = try site.float(0)
        let weights = try site.float(1)
        let recurrent = try site.float(2)
        guard x.rank == 3, weights.rank == 3, recurrent.rank == 3 else {
            throw site.error(.shapeMismatch, "rank")
        }
        let batchFirst = try site.flag("layout")
        let (steps, batch) =
            batchFirst ? (x.shape[1], x.shape[0]) : (x.shape[0], x.shape[1])
        let direction = try direction(site)
        let (d, hidden, gates) = (direction.count, recurrent.shape[2], cell.gates)
        guard x.type.count > 0, hidden > 0, recurrent.shape == [d, gates * hidden, hidden],
            weights.shape == [d, gates * hidden, x.shape[2]],
            try site.int("hidden_size", default: hidden) == hidden
        else { throw site.error(.shapeMismatch, "\(weights.shape), \(recurrent.shape)") }
        let state = batchFirst ? [batch, d, hidden] : [d, batch, hidden]
        try check(site, 3, [d, 2 * gates * hidden])
        try check(site, 5, state)
        if cell == .lstm {
            try check(site, 6, state)
            try check(site, 7, [d, 3 * hidden])
        }
        if let lengths = site.optional(4), lengths.shape != [batch] || lengths.isFloat {
            throw site.error(.shapeMismatch, "sequence_lens")
        }
        let perDirection = cell == .lstm ? 3 : cell == .gru ? 2 : 1
        let shape = RecurrentShape(
            cell: cell, direction: direction, steps: steps, batch: batch, inputSize: x.shape[2],
            hiddenSize: hidden, batchFirst: batchFirst,
            clip: site.node.attributes["clip"] == nil ? nil : try site.float("clip", default: 0),
            linearBeforeReset: try site.flag("linear_before_reset"),
            inputForget: try site.flag("input_forget"),
            activations: try activations(site, count: perDirection * d))
        let y = batchFirst ? [batch, steps, d, hidden] : [steps, d, batch, hidden]
        let outputs = [TensorType(y), TensorType(state), TensorType(state)]
        for output in outputs { _ = try site.options.checked(output) }
        let operations = 2 * d * steps * batch * gates * hidden * (x.shape[2] + hidden)
        return Lowering(
            cell == .lstm ? outputs : Array(outputs.prefix(2)), operations: operations
        ) { _ throws(GraphError) in
            try ProductOperators.loadLibrary()
            return kernel(shape)
        }
    }

    private static func kernel(_ shape: RecurrentShape) -> Kernel {
        // The lengths come as 64-bit numbers and are read as 32-bit ones: they lie in front.
        let front = (shape.batch + 15) / 16 * 16
        let workspace = front + Recurrent.workspaceFloats(shape)
        return Kernel("recurrent", workspaceFloats: workspace) { operands in
            var lengths: UnsafePointer<Int32>?
            if operands.inputs.count > 4, operands.inputs[4] != nil {
                unsafe operands.workspace.withMemoryRebound(to: Int32.self, capacity: front) {
                    for index in 0..<shape.batch {
                        let length = unsafe operands.integers(4)[index]
                        unsafe $0[index] = Int32(min(max(length, 0), Int64(shape.steps)))
                    }
                }
                unsafe lengths = UnsafeRawPointer(operands.workspace)
                    .assumingMemoryBound(to: Int32.self)
            }
            let isLSTM = shape.cell.gates == 4
            unsafe Recurrent.run(
                shape: shape,
                operands: RecurrentOperands(
                    x: operands.input(0), weights: operands.input(1),
                    recurrentWeights: operands.input(2), bias: operands.optionalInput(3),
                    lengths: lengths, initialH: operands.optionalInput(5),
                    initialC: isLSTM ? operands.optionalInput(6) : nil,
                    peepholes: isLSTM ? operands.optionalInput(7) : nil,
                    y: operands.optionalOutput(0), lastH: operands.optionalOutput(1),
                    lastC: isLSTM ? operands.optionalOutput(2) : nil),
                workspace: operands.workspace + front, pool: operands.pool)
        }
    }
}
