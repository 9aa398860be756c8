internal import CKernels

extension Activation {
    /// The function that an elementwise node of one step and one input applies; nil where it is
    /// something else.
    init?(_ node: Graph.Node) {
        guard case .program(let program)? = node.fused, program.steps.count == 1,
            case .unary(let op, let alpha, let beta) = program.steps[0].operation,
            program.steps[0].source == .input(0)
        else { return nil }
        switch op {
        case .UK_UNARY_RELU: self = .relu
        case .UK_UNARY_LEAKY_RELU: self = .leakyRelu(alpha: alpha)
        case .UK_UNARY_SIGMOID: self = .sigmoid
        case .UK_UNARY_TANH: self = .tanh
        case .UK_UNARY_CLIP: self = .clip(low: alpha, high: beta)
        case .UK_UNARY_ELU: self = .elu(alpha: alpha)
        case .UK_UNARY_SELU: self = .selu(alpha: alpha, gamma: beta)
        case .UK_UNARY_GELU: self = .gelu
        case .UK_UNARY_GELU_TANH: self = .geluTanh
        case .UK_UNARY_HARD_SIGMOID: self = .hardSigmoid(alpha: alpha, beta: beta)
        case .UK_UNARY_HARD_SWISH: self = .hardSwish
        case .UK_UNARY_SILU where alpha == 1: self = .silu
        case .UK_UNARY_SOFTPLUS: self = .softplus
        case .UK_UNARY_SOFTSIGN: self = .softsign
        case .UK_UNARY_MISH: self = .mish
        case .UK_UNARY_THRESHOLDED_RELU: self = .thresholdedRelu(alpha: alpha)
        default: return nil
        }
    }
}

extension ElementwiseProgram {
    /// Whether this adds its two inputs and does nothing else.
    var isAddition: Bool { isPlain(.UK_BINARY_ADD) }

    /// Whether this multiplies its two inputs and does nothing else.
    var isMultiplication: Bool { isPlain(.UK_BINARY_MUL) }

    private func isPlain(_ wanted: uk_binary_op) -> Bool {
        guard steps.count == 1, case .binary(wanted, let second) = steps[0].operation
        else { return false }
        return steps[0].source == .input(0) && second == .input(1)
    }

    /// The function and parameter of a program of one step and one input.
    var soleUnary: (op: uk_unary_op, alpha: Float)? {
        guard steps.count == 1, case .unary(let op, let alpha, _) = steps[0].operation,
            steps[0].source == .input(0)
        else { return nil }
        return (op, alpha)
    }

    /// The function of a program of one step and two inputs.
    var soleBinary: uk_binary_op? {
        guard steps.count == 1, case .binary(let op, .input(1)) = steps[0].operation,
            steps[0].source == .input(0)
        else { return nil }
        return op
    }
}
