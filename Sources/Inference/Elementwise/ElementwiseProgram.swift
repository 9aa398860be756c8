internal import CKernels

/// A chain of elementwise float operations that runs over small tiles, so that what passes from one
/// operation to the next stays in the first-level cache.
struct ElementwiseProgram {
    /// Where an operation finds a number.
    enum Source: Equatable {
        /// The program's input.
        case input(Int)
        /// The result of an earlier step.
        case step(Int)
    }

    /// What one step does.
    enum Operation {
        case unary(uk_unary_op, alpha: Float, beta: Float)
        case binary(uk_binary_op, Source)
        /// The first source times `scale` plus `shift`.
        case scaleShift(scale: Source, shift: Source)
    }

    /// One operation on a source.
    struct Step {
        var operation: Operation
        var source: Source

        /// All sources in order.
        var sources: [Source] {
            switch operation {
            case .unary: [source]
            case .binary(_, let second): [source, second]
            case .scaleShift(let scale, let shift): [source, scale, shift]
            }
        }

        /// The same step with its sources renamed.
        func mapSources(_ rename: (Source) -> Source) -> Step {
            let operation: Operation =
                switch operation {
                case .unary: operation
                case .binary(let op, let second): .binary(op, rename(second))
                case .scaleShift(let scale, let shift):
                    .scaleShift(scale: rename(scale), shift: rename(shift))
                }
            return Step(operation: operation, source: rename(source))
        }
    }

    /// The steps in order; the last one's result is the program's.
    var steps: [Step]

    /// A program of one function of one input.
    static func unary(_ op: uk_unary_op, alpha: Float = 0, beta: Float = 0) -> ElementwiseProgram {
        ElementwiseProgram(
            steps: [Step(operation: .unary(op, alpha: alpha, beta: beta), source: .input(0))])
    }

    /// A program of one function of two inputs.
    static func binary(_ op: uk_binary_op) -> ElementwiseProgram {
        ElementwiseProgram(steps: [Step(operation: .binary(op, .input(1)), source: .input(0))])
    }

    /// The program that puts another one's result in the place of an input.
    ///
    /// - Parameters:
    ///   - inner: The program that computes input `place`.
    ///   - innerInputs: For each input of `inner` its number among the joined inputs.
    ///   - outerInputs: For each input of this program its number among the joined inputs; the one
    ///     for `place` is not used.
    func substituting(
        _ inner: ElementwiseProgram, for place: Int, innerInputs: [Int], outerInputs: [Int]
    ) -> ElementwiseProgram {
        var joined = inner.steps.map { step in
            step.mapSources { source in
                if case .input(let index) = source { .input(innerInputs[index]) } else { source }
            }
        }
        let base = joined.count
        joined += steps.map { step in
            step.mapSources { source in
                switch source {
                case .input(let index) where index == place: .step(base - 1)
                case .input(let index): .input(outerInputs[index])
                case .step(let index): .step(index + base)
                }
            }
        }
        return ElementwiseProgram(steps: joined)
    }
}
