/// Operators that give another shape to the same numbers, or tell a shape.
enum ShapeOperators {
    static let rules: [String: OperatorRule] = [
        "Reshape": reshape, "Flatten": flatten, "Squeeze": squeeze, "Unsqueeze": unsqueeze,
        "Shape": shape, "Size": size,
    ]

    private static func reshape(_ site: Site) throws(GraphError) -> Lowering {
        let input = try site.operand(0)
        let listed = site.opset < 5 ? try site.ints("shape") : try site.constantInts(1)
        guard let listed else { throw site.error(.missing, "shape") }
        let keepsZero = try site.flag("allowzero")
        var result: [Int] = []
        var open: Int?
        for (axis, size) in listed.enumerated() {
            switch size {
            case 0 where !keepsZero:
                guard axis < input.rank else {
                    throw site.error(.shapeMismatch, "shape \(listed)")
                }
                result.append(input.shape[axis])
            case -1:
                guard open == nil else { throw site.error(.shapeMismatch, "shape \(listed)") }
                open = axis
                result.append(1)
            case 0...: result.append(size)
            default: throw site.error(.shapeMismatch, "shape \(listed)")
            }
        }
        let type = try site.options.checked(TensorType(result, input.type.elementType))
        if let open {
            let known = type.count
            guard known > 0 ? input.type.count % known == 0 : input.type.count == 0 else {
                throw site.error(.shapeMismatch, "shape \(listed) of \(input.shape)")
            }
            result[open] = known > 0 ? input.type.count / known : 0
        }
        let final = TensorType(result, input.type.elementType)
        guard final.count == input.type.count else {
            throw site.error(.shapeMismatch, "shape \(listed) of \(input.shape)")
        }
        return .view(final)
    }

    private static func flatten(_ site: Site) throws(GraphError) -> Lowering {
        let input = try site.operand(0)
        let given = try site.int("axis", default: 1)
        guard given >= -input.rank, given <= input.rank else {
            throw site.error(.invalidAttribute, "axis \(given)")
        }
        let axis = given < 0 ? given + input.rank : given
        return .view(
            TensorType(
                [Shapes.count(input.shape[..<axis]), Shapes.count(input.shape[axis...])],
                input.type.elementType))
    }

    private static func squeeze(_ site: Site) throws(GraphError) -> Lowering {
        let input = try site.operand(0)
        let listed = site.opset < 13 ? try site.ints("axes") : try site.constantInts(1)
        let axes: [Int]
        if let listed {
            axes = try site.axes(listed, rank: input.rank)
        } else {
            axes = input.shape.indices.filter { input.shape[$0] == 1 }
        }
        guard axes.allSatisfy({ input.shape[$0] == 1 }) else {
            throw site.error(.shapeMismatch, "axes \(axes) of \(input.shape)")
        }
        let shape = input.shape.indices.filter { !axes.contains($0) }.map { input.shape[$0] }
        return .view(TensorType(shape, input.type.elementType))
    }

    private static func unsqueeze(_ site: Site) throws(GraphError) -> Lowering {
        let input = try site.operand(0)
        let listed = site.opset < 13 ? try site.ints("axes") : try site.constantInts(1)
        guard let listed else { throw site.error(.missing, "axes") }
        guard listed.count <= 64 else { throw site.error(.invalidAttribute, "axes") }
        let rank = input.rank + listed.count
        let axes = try site.axes(listed, rank: rank)
        var rest = input.shape[...]
        let shape = (0..<rank).map { axes.contains($0) ? 1 : rest.popFirst() ?? 1 }
        return .view(TensorType(shape, input.type.elementType))
    }

    /// Known as soon as the input's shape is, whether or not its numbers are.
    private static func numbers(_ values: [Int], shape: [Int]) -> Lowering {
        var lowering = Lowering([TensorType(shape, .int64)]) { _ in
            Kernel("shape") { operands in
                for (index, value) in values.enumerated() {
                    unsafe operands.integerOutput()[index] = Int64(value)
                }
            }
        }
        lowering.known = [Tensor(shape: shape, integers: values.map(Int64.init))]
        return lowering
    }

    private static func shape(_ site: Site) throws(GraphError) -> Lowering {
        let input = try site.operand(0)
        func bound(_ value: Int) -> Int {
            min(max(value < 0 ? value + input.rank : value, 0), input.rank)
        }
        let start = bound(max(try site.int("start", default: 0), -1 << 32))
        let end = bound(max(try site.int("end", default: input.rank), -1 << 32))
        let part = start < end ? Array(input.shape[start..<end]) : []
        return numbers(part, shape: [part.count])
    }

    private static func size(_ site: Site) throws(GraphError) -> Lowering {
        numbers([try site.operand(0).type.count], shape: [])
    }
}
