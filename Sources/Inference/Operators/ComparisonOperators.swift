/// Comparisons, logic, and choices by truth values.
enum ComparisonOperators {
    static let rules: [String: OperatorRule] = [
        "Equal": { site throws(GraphError) in try compare(site, { $0 == $1 }, { $0 == $1 }) },
        "Less": { site throws(GraphError) in try compare(site, { $0 < $1 }, { $0 < $1 }) },
        "LessOrEqual": { site throws(GraphError) in
            try compare(site, { $0 <= $1 }, { $0 <= $1 })
        },
        "Greater": { site throws(GraphError) in try compare(site, { $0 > $1 }, { $0 > $1 }) },
        "GreaterOrEqual": { site throws(GraphError) in
            try compare(site, { $0 >= $1 }, { $0 >= $1 })
        },
        "And": { site throws(GraphError) in try logic(site) { $0 & $1 } },
        "Or": { site throws(GraphError) in try logic(site) { $0 | $1 } },
        "Xor": { site throws(GraphError) in try logic(site) { $0 ^ $1 } },
        "Not": { site throws(GraphError) in
            let input = try site.operand(0)
            guard input.type.elementType == .bool else { throw site.error(.typeMismatch) }
            return .integers(input.type, [input.type]) { x, _, _ in 1 - x }
        },
        "IsNaN": { site throws(GraphError) in
            let input = try site.float(0).type
            return .tests(TensorType(input.shape, .bool), [input]) { x, _ in x.isNaN }
        },
        "IsInf": { site throws(GraphError) in
            let input = try site.float(0).type
            let negative = try site.flag("detect_negative", default: true)
            let positive = try site.flag("detect_positive", default: true)
            return .tests(TensorType(input.shape, .bool), [input]) { x, _ in
                x.isInfinite && (x < 0 ? negative : positive)
            }
        },
        "Where": choose,
    ]

    private static func common(_ site: Site, _ types: [TensorType]) throws(GraphError) -> [Int] {
        guard let shape = Shapes.broadcast(types.map(\.shape)) else {
            throw site.error(.shapeMismatch, "\(types.map(\.shape))")
        }
        return shape
    }

    private static func compare(
        _ site: Site, _ float: @escaping (Float, Float) -> Bool,
        _ integer: @escaping (Int64, Int64) -> Bool
    ) throws(GraphError) -> Lowering {
        let types = [try site.operand(0).type, try site.operand(1).type]
        guard types[0].elementType.isFloat == types[1].elementType.isFloat else {
            throw site.error(.typeMismatch)
        }
        let output = TensorType(try common(site, types), .bool)
        if types[0].elementType.isFloat { return .tests(output, types, float) }
        return .integers(output, types) { a, b, _ in integer(a, b) ? 1 : 0 }
    }

    private static func logic(
        _ site: Site, _ body: @escaping (Int64, Int64) -> Int64
    ) throws(GraphError) -> Lowering {
        let types = [try site.operand(0).type, try site.operand(1).type]
        guard types.allSatisfy({ $0.elementType == .bool }) else {
            throw site.error(.typeMismatch)
        }
        return .integers(TensorType(try common(site, types), .bool), types) { a, b, _ in
            body(a, b)
        }
    }

    private static func choose(_ site: Site) throws(GraphError) -> Lowering {
        let condition = try site.operand(0).type
        let types = [condition, try site.operand(1).type, try site.operand(2).type]
        guard condition.elementType == .bool, types[1].elementType == types[2].elementType else {
            throw site.error(.typeMismatch)
        }
        let output = TensorType(try common(site, types), types[1].elementType)
        guard output.elementType.isFloat else {
            return .integers(output, types) { test, a, b in test != 0 ? a : b }
        }
        return .generic(output, types) { operands, _, test, a, b, index in
            let holds = unsafe operands.integers(0)[test] != 0
            unsafe operands.output()[index] = holds ? operands.input(1)[a] : operands.input(2)[b]
        }
    }
}
