import Inference
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite struct VectorMathTests {
    /// A function, what it should give, and how far off it may be: relative, plus absolute where
    /// the function's own formula cancels.
    struct Function: CustomTestStringConvertible, Sendable {
        let activation: Activation
        let slack: Double
        let exact: @Sendable (Double) -> Double
        var testDescription: String { "\(activation)" }
    }

    static let functions: [Function] = [
        .init(activation: .relu, slack: 0) { Swift.max($0, 0) },
        .init(activation: .leakyRelu(alpha: 0.2), slack: 0) {
            $0 >= 0 ? $0 : Double(Float(0.2)) * $0
        },
        .init(activation: .sigmoid, slack: 0) { 1 / (1 + exp(-$0)) },
        .init(activation: .tanh, slack: 0) { tanh($0) },
        .init(activation: .clip(low: -0.5, high: 3), slack: 0) {
            Swift.min(Swift.max($0, -0.5), 3)
        },
        .init(activation: .elu(alpha: 1.5), slack: 0) { $0 >= 0 ? $0 : 1.5 * expm1($0) },
        .init(activation: .selu(alpha: 1.5, gamma: 2), slack: 0) {
            2 * ($0 >= 0 ? $0 : 1.5 * expm1($0))
        },
        .init(activation: .gelu, slack: 4e-7) { 0.5 * $0 * (1 + erf($0 * 0.5.squareRoot())) },
        .init(activation: .geluTanh, slack: 4e-7) {
            0.5 * $0 * (1 + tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0)))
        },
        .init(activation: .hardSigmoid(alpha: 0.25, beta: 0.5), slack: 0) {
            Swift.min(Swift.max(0.25 * $0 + 0.5, 0), 1)
        },
        .init(activation: .hardSwish, slack: 1e-7) {
            $0 * Swift.min(Swift.max($0 / 6 + 0.5, 0), 1)
        },
        .init(activation: .silu, slack: 0) { $0 / (1 + exp(-$0)) },
        .init(activation: .softplus, slack: 0) { Swift.max($0, 0) + log1p(exp(-abs($0))) },
        .init(activation: .softsign, slack: 0) { $0 / (1 + abs($0)) },
        .init(activation: .mish, slack: 0) {
            $0 * tanh(Swift.max($0, 0) + log1p(exp(-abs($0))))
        },
        .init(activation: .affine(alpha: 2, beta: 0.5), slack: 1e-7) { 2 * $0 + 0.5 },
        .init(activation: .thresholdedRelu(alpha: 1), slack: 0) { $0 > 1 ? $0 : 0 },
        .init(activation: .scaledTanh(alpha: 2, beta: 0.5), slack: 0) { 2 * tanh(0.5 * $0) },
    ]

    /// Numbers of all sizes that occur, with both signs, and an odd count of them.
    static let numbers: [Float] =
        (-400...400).map { Float($0) / 8 + 0.013 } + (-3000...3000).map { Float($0) / 1000 }
        + [0, -0.0, 1e-6, -1e-6, 1e-20, -1e-20, 80, -80, 8, -8.5]

    @Test(arguments: functions)
    func activationsMatchTheLibrary(_ function: Function) {
        let result = apply(function.activation, Self.numbers)
        for (x, y) in zip(Self.numbers, result) {
            let exact = function.exact(Double(x))
            // Below the smallest normal number a float has no relative accuracy.
            let allowed = 1e-6 * abs(exact) + function.slack + 1.2e-38
            #expect(abs(Double(y) - exact) <= allowed, "f(\(x)) = \(y), exact \(exact)")
        }
    }

    @Test(arguments: functions)
    func aValueDoesNotDependOnItsPlace(_ function: Function) {
        let together = apply(function.activation, Self.numbers)
        for at in stride(from: 0, to: Self.numbers.count, by: 37) {
            let alone = apply(function.activation, [Self.numbers[at]])
            #expect(alone.bits == [together[at]].bits)
        }
    }

    @Test(arguments: functions)
    func notANumberStaysNotANumber(_ function: Function) {
        // The comparison of a threshold is false for it, so there it becomes 0 by definition.
        if case .thresholdedRelu = function.activation { return }
        let result = apply(function.activation, [.nan, 1, .nan])
        #expect(result[0].isNaN && !result[1].isNaN && result[2].isNaN)
    }

    private func apply(_ activation: Activation, _ values: [Float]) -> [Float] {
        let memory = Floats(values)
        unsafe activation.apply(memory.pointer, count: values.count)
        return memory.values
    }
}
