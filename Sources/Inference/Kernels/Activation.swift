import CKernels

/// A function applied to every number of a result while it is still in the cache.
package enum Activation: Equatable, Sendable {
    case none
    case relu
    /// x where x >= 0, else `alpha` x.
    case leakyRelu(alpha: Float)
    case sigmoid
    case tanh
    /// x kept within `low...high`.
    case clip(low: Float, high: Float)
    /// x where x >= 0, else `alpha` (exp(x) - 1).
    case elu(alpha: Float)
    /// `gamma` x where x >= 0, else `gamma alpha` (exp(x) - 1).
    case selu(alpha: Float, gamma: Float)
    /// x/2 (1 + erf(x / sqrt 2)).
    case gelu
    /// x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))).
    case geluTanh
    /// `alpha` x + `beta` kept within 0...1.
    case hardSigmoid(alpha: Float, beta: Float)
    /// x times (x/6 + 1/2 kept within 0...1).
    case hardSwish
    /// x sigmoid(x).
    case silu
    case softplus
    case softsign
    /// x tanh(softplus(x)).
    case mish
    /// `alpha` x + `beta`.
    case affine(alpha: Float, beta: Float)
    /// x where x > `alpha`, else 0.
    case thresholdedRelu(alpha: Float)
    /// `alpha` tanh(`beta` x).
    case scaledTanh(alpha: Float, beta: Float)

    /// Applies the function to `count` numbers in place.
    package func apply(_ values: UnsafeMutablePointer<Float>, count: Int) {
        guard self != .none else { return }
        let (operation, alpha, beta) = loop
        unsafe uk_unary(operation, values, values, count, alpha, beta)
    }

    /// The loop that computes it, with its two parameters.
    var loop: (uk_unary_op, Float, Float) {
        switch self {
        case .none: (.UK_UNARY_COPY, 0, 0)
        case .relu: (.UK_UNARY_RELU, 0, 0)
        case .leakyRelu(let alpha): (.UK_UNARY_LEAKY_RELU, alpha, 0)
        case .sigmoid: (.UK_UNARY_SIGMOID, 0, 0)
        case .tanh: (.UK_UNARY_TANH, 0, 0)
        case .clip(let low, let high): (.UK_UNARY_CLIP, low, high)
        case .elu(let alpha): (.UK_UNARY_ELU, alpha, 0)
        case .selu(let alpha, let gamma): (.UK_UNARY_SELU, alpha, gamma)
        case .gelu: (.UK_UNARY_GELU, 0, 0)
        case .geluTanh: (.UK_UNARY_GELU_TANH, 0, 0)
        case .hardSigmoid(let alpha, let beta): (.UK_UNARY_HARD_SIGMOID, alpha, beta)
        case .hardSwish: (.UK_UNARY_HARD_SWISH, 0, 0)
        case .silu: (.UK_UNARY_SILU, 1, 0)
        case .softplus: (.UK_UNARY_SOFTPLUS, 0, 0)
        case .softsign: (.UK_UNARY_SOFTSIGN, 0, 0)
        case .mish: (.UK_UNARY_MISH, 0, 0)
        case .affine(let alpha, let beta): (.UK_UNARY_AFFINE, alpha, beta)
        case .thresholdedRelu(let alpha): (.UK_UNARY_THRESHOLDED_RELU, alpha, 0)
        case .scaledTanh(let alpha, let beta): (.UK_UNARY_SCALED_TANH, alpha, beta)
        }
    }
}
