internal import CKernels

/// Finds activations that an exporter has written out in elementary steps.
enum RecognizeActivations {
    static func run(_ graph: inout Graph) {
        var rewriter = GraphRewriter(graph)
        for index in rewriter.indices {
            guard !rewriter.hasGone(index), let (source, op) = match(index, rewriter) else {
                continue
            }
            var node = rewriter[index]
            node.inputs = [source]
            node.fused = .program(.unary(op, alpha: 1))
            rewriter.replace(index, with: node)
        }
        graph = rewriter.finish()
        // The steps that nobody reads any more must not hide that the source has one reader only.
        DropUnread.run(&graph)
    }

    private static func match(
        _ index: Int, _ rewriter: GraphRewriter
    ) -> (Graph.ValueID, uk_unary_op)? {
        guard let (a, b) = operands(of: index, .UK_BINARY_MUL, rewriter) else { return nil }
        for (x, other) in [(a, b), (b, a)] {
            // x sigmoid(x)
            if argument(of: other, .UK_UNARY_SIGMOID, rewriter) == x { return (x, .UK_UNARY_SILU) }
            // (x p) / 2 and (x / 2) p, where p = 1 + erf(x / sqrt 2)
            if isNumber(other, 0.5, rewriter), let inner = rewriter.producer(x),
                let (c, d) = operands(of: inner, .UK_BINARY_MUL, rewriter)
            {
                if errorFunction(d, rewriter) == c { return (c, .UK_UNARY_GELU) }
                if errorFunction(c, rewriter) == d { return (d, .UK_UNARY_GELU) }
            }
            if let half = halved(x, rewriter), errorFunction(other, rewriter) == half {
                return (half, .UK_UNARY_GELU)
            }
        }
        return nil
    }

    /// The two operands of a node that is one function of two inputs.
    private static func operands(
        of index: Int?, _ op: uk_binary_op, _ rewriter: GraphRewriter
    ) -> (Graph.ValueID, Graph.ValueID)? {
        guard let index, case .program(let program)? = rewriter[index].fused,
            program.soleBinary == op, rewriter[index].inputs.count == 2,
            let a = rewriter[index].inputs[0], let b = rewriter[index].inputs[1]
        else { return nil }
        return (a, b)
    }

    /// The argument of the function that gives a value.
    private static func argument(
        of value: Graph.ValueID, _ op: uk_unary_op, _ rewriter: GraphRewriter
    ) -> Graph.ValueID? {
        guard let index = rewriter.producer(value),
            case .program(let program)? = rewriter[index].fused, program.soleUnary?.op == op
        else { return nil }
        return rewriter[index].inputs.first ?? nil
    }

    private static func isNumber(
        _ value: Graph.ValueID, _ number: Float, _ rewriter: GraphRewriter
    ) -> Bool {
        guard let floats = rewriter.floats(value), floats.count == 1 else { return false }
        return (floats[0] - number).magnitude <= 1e-6 * number.magnitude
    }

    /// x, where a value is x / 2.
    private static func halved(
        _ value: Graph.ValueID, _ rewriter: GraphRewriter
    ) -> Graph.ValueID? {
        guard let (a, b) = operands(of: rewriter.producer(value), .UK_BINARY_MUL, rewriter) else {
            return nil
        }
        return isNumber(b, 0.5, rewriter) ? a : isNumber(a, 0.5, rewriter) ? b : nil
    }

    /// x, where a value is 1 + erf(x / sqrt 2).
    private static func errorFunction(
        _ value: Graph.ValueID, _ rewriter: GraphRewriter
    ) -> Graph.ValueID? {
        guard let (a, b) = operands(of: rewriter.producer(value), .UK_BINARY_ADD, rewriter),
            let scaled = argument(
                of: isNumber(b, 1, rewriter) ? a : b, .UK_UNARY_ERF, rewriter),
            isNumber(a, 1, rewriter) || isNumber(b, 1, rewriter)
        else { return nil }
        let producer = rewriter.producer(scaled)
        if let (x, root) = operands(of: producer, .UK_BINARY_DIV, rewriter),
            isNumber(root, 2 * Float(0.5).squareRoot(), rewriter)
        {
            return x
        }
        if let (x, factor) = operands(of: producer, .UK_BINARY_MUL, rewriter),
            isNumber(factor, Float(0.5).squareRoot(), rewriter)
        {
            return x
        }
        return nil
    }
}
