internal import CKernels

/// Arithmetic of two or more inputs under ONNX's broadcasting.
enum BinaryOperators {
    static let rules: [String: OperatorRule] = [
        "Add": { site throws(GraphError) in try pair(site, .UK_BINARY_ADD) { $0 &+ $1 } },
        "Sub": { site throws(GraphError) in try pair(site, .UK_BINARY_SUB) { $0 &- $1 } },
        "Mul": { site throws(GraphError) in try pair(site, .UK_BINARY_MUL) { $0 &* $1 } },
        "Div": { site throws(GraphError) in try pair(site, .UK_BINARY_DIV, divided) },
        "Pow": pow,
        "Mod": mod,
        "PRelu": prelu,
        "Min": { site throws(GraphError) in try series(site, .UK_BINARY_MIN) { min($0, $1) } },
        "Max": { site throws(GraphError) in try series(site, .UK_BINARY_MAX) { max($0, $1) } },
        "Sum": { site throws(GraphError) in try series(site, .UK_BINARY_ADD) { $0 &+ $1 } },
        "Mean": mean,
        "BitShift": bitShift,
        "BitwiseAnd": { site throws(GraphError) in try whole(site) { $0 & $1 } },
        "BitwiseOr": { site throws(GraphError) in try whole(site) { $0 | $1 } },
        "BitwiseXor": { site throws(GraphError) in try whole(site) { $0 ^ $1 } },
        "BitwiseNot": { site throws(GraphError) in
            let input = try site.operand(0)
            guard !input.isFloat else { throw site.error(.typeMismatch) }
            return .integers(input.type, [input.type]) { x, _, _ in ~x }
        },
    ]

    /// Whole numbers divide towards zero; a division by zero, undefined in the standard, gives 0.
    private static func divided(_ a: Int64, _ b: Int64) -> Int64 {
        b == 0 ? 0 : a.dividedReportingOverflow(by: b).partialValue
    }

    /// The common shape of all inputs, which must be of one kind.
    private static func operands(
        _ site: Site, count: Int
    ) throws(GraphError) -> (types: [TensorType], shape: [Int]) {
        var types: [TensorType] = []
        for index in 0..<count { types.append(try site.operand(index).type) }
        guard Set(types.map(\.elementType.isFloat)).count == 1 else {
            throw site.error(.typeMismatch)
        }
        guard let shape = Shapes.broadcast(types.map(\.shape)) else {
            throw site.error(.shapeMismatch, "\(types.map(\.shape))")
        }
        return (types, shape)
    }

    private static func elementwise(
        _ site: Site, _ program: ElementwiseProgram, _ types: [TensorType]
    ) throws(GraphError) -> Lowering {
        guard let lowering = Lowering.elementwise(program, types) else {
            throw site.error(.shapeMismatch, "\(types.map(\.shape))")
        }
        return lowering
    }

    private static func pair(
        _ site: Site, _ op: uk_binary_op, _ integer: @escaping (Int64, Int64) -> Int64
    ) throws(GraphError) -> Lowering {
        let (types, shape) = try operands(site, count: 2)
        if types[0].elementType.isFloat { return try elementwise(site, .binary(op), types) }
        return .integers(TensorType(shape, types[0].elementType), types) { a, b, _ in
            integer(a, b)
        }
    }

    private static func whole(
        _ site: Site, _ integer: @escaping (Int64, Int64) -> Int64
    ) throws(GraphError) -> Lowering {
        guard try !site.operand(0).isFloat else { throw site.error(.typeMismatch) }
        return try pair(site, .UK_BINARY_ADD, integer)
    }

    /// An operator that takes any number of inputs: a chain of steps.
    private static func series(
        _ site: Site, _ op: uk_binary_op, _ integer: @escaping (Int64, Int64) -> Int64
    ) throws(GraphError) -> Lowering {
        let (types, shape) = try operands(site, count: max(1, site.operands.count))
        if types[0].elementType.isFloat {
            return try elementwise(site, chain(op, count: types.count), types)
        }
        let type = TensorType(shape, types[0].elementType)
        switch types.count {
        case 1: return .integers(type, types) { a, _, _ in a }
        case 2: return .integers(type, types) { a, b, _ in integer(a, b) }
        case 3: return .integers(type, types) { a, b, c in integer(integer(a, b), c) }
        default: throw site.error(.unsupported, "\(types.count) inputs of whole numbers")
        }
    }

    private static func chain(_ op: uk_binary_op, count: Int) -> ElementwiseProgram {
        guard count > 1 else { return .unary(.UK_UNARY_COPY) }
        return ElementwiseProgram(
            steps: (1..<count).map { index in
                ElementwiseProgram.Step(
                    operation: .binary(op, .input(index)),
                    source: index == 1 ? .input(0) : .step(index - 2))
            })
    }

    private static func mean(_ site: Site) throws(GraphError) -> Lowering {
        let (types, _) = try operands(site, count: max(1, site.operands.count))
        guard types[0].elementType.isFloat else { throw site.error(.typeMismatch) }
        var program = chain(.UK_BINARY_ADD, count: types.count)
        program.steps.append(
            ElementwiseProgram.Step(
                operation: .unary(.UK_UNARY_AFFINE, alpha: 1 / Float(types.count), beta: 0),
                source: .step(program.steps.count - 1)))
        return try elementwise(site, program, types)
    }

    /// The result is of the base's type; the exponent may be of another.
    private static func pow(_ site: Site) throws(GraphError) -> Lowering {
        let base = try site.operand(0).type
        let exponent = try site.operand(1)
        guard let shape = Shapes.broadcast([base.shape, exponent.shape]) else {
            throw site.error(.shapeMismatch)
        }
        let output = TensorType(shape, base.elementType)
        switch (base.elementType.isFloat, exponent.isFloat) {
        case (true, true):
            if let known = exponent.constant?.floats, known.count == 1, shape == base.shape,
                let quick = quickPower(known[0])
            {
                return try elementwise(site, .unary(quick), [base])
            }
            return try elementwise(site, .binary(.UK_BINARY_POW), [base, exponent.type])
        case (true, false):
            return .generic(output, [base, exponent.type]) { operands, _, a, b, _, index in
                unsafe operands.output()[index] = power(
                    operands.input(0)[a], operands.integers(1)[b])
            }
        case (false, false):
            return .integers(output, [base, exponent.type]) { a, b, _ in power(a, b) }
        case (false, true):
            return .generic(output, [base, exponent.type]) { operands, _, a, b, _, index in
                let (x, y) = unsafe (Float(operands.integers(0)[a]), operands.input(1)[b])
                let result = power(x, y)
                let value = Int64(exactly: result.rounded(.towardZero)) ?? .min
                unsafe operands.integerOutput()[index] = base.elementType.wrap(value)
            }
        }
    }

    /// Powers that have a function of their own, exact to the last bit.
    private static func quickPower(_ exponent: Float) -> uk_unary_op? {
        switch exponent {
        case 2: .UK_UNARY_SQUARE
        case 0.5: .UK_UNARY_SQRT
        case -1: .UK_UNARY_RECIPROCAL
        case 1: .UK_UNARY_COPY
        default: nil
        }
    }

    /// One power, as the loops over arrays compute it.
    static func power(_ base: Float, _ exponent: Float) -> Float {
        var (x, y, result) = (base, exponent, Float(0))
        unsafe uk_binary(.UK_BINARY_POW, &x, 1, &y, 1, &result, 1)
        return result
    }

    private static func power(_ base: Float, _ exponent: Int64) -> Float {
        var result: Double = 1
        var square = Double(base)
        var rest = exponent.magnitude
        while rest > 0 {
            if rest & 1 == 1 { result *= square }
            square *= square
            rest >>= 1
        }
        return Float(exponent < 0 ? 1 / result : result)
    }

    private static func power(_ base: Int64, _ exponent: Int64) -> Int64 {
        guard exponent >= 0 else {
            return base == 1 ? 1 : base == -1 ? exponent & 1 == 0 ? 1 : -1 : 0
        }
        var result: Int64 = 1
        var square = base
        var rest = exponent
        while rest > 0 {
            if rest & 1 == 1 { result &*= square }
            square &*= square
            rest >>= 1
        }
        return result
    }

    private static func mod(_ site: Site) throws(GraphError) -> Lowering {
        let isC = try site.flag("fmod")
        return try pair(site, isC ? .UK_BINARY_FMOD : .UK_BINARY_FLOOR_MOD) { a, b in
            guard b != 0 else { return 0 }
            let rest = a.remainderReportingOverflow(dividingBy: b).partialValue
            return isC || rest == 0 || (rest < 0) == (b < 0) ? rest : rest &+ b
        }
    }

    /// The slope broadcasts to the input alone.
    private static func prelu(_ site: Site) throws(GraphError) -> Lowering {
        let input = try site.float(0).type
        let slope = try site.float(1).type
        if site.opset < 7, input.shape.count > 2, slope.shape == [input.shape[1]] {
            // Up to version 6 a list of slopes is one per channel. Passes must not take the node
            // apart: they would see the list's own shape.
            let spread = [slope.count] + [Int](repeating: 1, count: input.shape.count - 2)
            var lowering = try elementwise(
                site, .binary(.UK_BINARY_PRELU), [input, TensorType(spread)])
            lowering.program = nil
            return lowering
        }
        guard Shapes.broadcast([input.shape, slope.shape]) == input.shape else {
            throw site.error(.shapeMismatch, "slope \(slope.shape)")
        }
        return try elementwise(site, .binary(.UK_BINARY_PRELU), [input, slope])
    }

    private static func bitShift(_ site: Site) throws(GraphError) -> Lowering {
        let direction = try site.string("direction", default: "")
        guard direction == "LEFT" || direction == "RIGHT" else {
            throw site.error(.invalidAttribute, "direction")
        }
        return try whole(site) { a, b in
            let bits = UInt64(bitPattern: a)
            let shift = UInt64(bitPattern: b)
            return Int64(bitPattern: direction == "LEFT" ? bits << shift : bits >> shift)
        }
    }
}
