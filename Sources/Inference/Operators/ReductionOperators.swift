internal import CKernels

/// Operators that reduce axes to one number each.
enum ReductionOperators {
    static let rules: [String: OperatorRule] = {
        var rules: [String: OperatorRule] = [
            "GlobalAveragePool": { site throws(GraphError) in
                try overPlanes(site, .UK_REDUCE_MEAN)
            },
            "GlobalMaxPool": { site throws(GraphError) in try overPlanes(site, .UK_REDUCE_MAX) },
            "GlobalLpPool": { site throws(GraphError) in
                guard try site.int("p", default: 2) == 2 else {
                    throw site.error(.unsupported, "p")
                }
                return try overPlanes(site, .UK_REDUCE_L2)
            },
        ]
        for (name, op) in reductions {
            rules[name] = rule(name, op)
        }
        return rules
    }()

    private static func rule(_ name: String, _ op: uk_reduction) -> OperatorRule {
        { (site: Site) throws(GraphError) -> Lowering in try reduce(site, name, op) }
    }

    private static let reductions: [String: uk_reduction] = [
        "ReduceSum": .UK_REDUCE_SUM, "ReduceMean": .UK_REDUCE_MEAN, "ReduceMax": .UK_REDUCE_MAX,
        "ReduceMin": .UK_REDUCE_MIN, "ReduceProd": .UK_REDUCE_PRODUCT, "ReduceL1": .UK_REDUCE_L1,
        "ReduceL2": .UK_REDUCE_L2, "ReduceSumSquare": .UK_REDUCE_SUM_SQUARE,
        "ReduceLogSum": .UK_REDUCE_LOG_SUM, "ReduceLogSumExp": .UK_REDUCE_LOG_SUM_EXP,
    ]

    /// The version from which axes are an input: 13 for the sum, 18 for the others.
    private static func reduce(
        _ site: Site, _ name: String, _ op: uk_reduction
    ) throws(GraphError) -> Lowering {
        let input = try site.operand(0)
        let axesAreInput = site.opset >= (name == "ReduceSum" ? 13 : 18)
        let listed = axesAreInput ? try site.constantInts(1) : try site.ints("axes")
        let keeps = try site.flag("keepdims", default: true)
        var axes = try site.axes(listed ?? [], rank: input.rank)
        if axes.isEmpty {
            if try site.flag("noop_with_empty_axes") { return .view(input.type) }
            axes = Array(0..<input.rank)
        }
        guard input.isFloat else {
            return try integers(site, input.type, axes: axes, keeps: keeps, name)
        }
        return reduce(input.type, axes: axes, keeps: keeps, op)
    }

    private static func overPlanes(
        _ site: Site, _ op: uk_reduction
    ) throws(GraphError) -> Lowering {
        let input = try site.float(0)
        guard input.rank >= 3 else { throw site.error(.shapeMismatch, "rank \(input.rank)") }
        return reduce(input.type, axes: Array(2..<input.rank), keeps: true, op)
    }

    private static func outputShape(_ shape: [Int], axes: [Int], keeps: Bool) -> [Int] {
        keeps
            ? shape.indices.map { axes.contains($0) ? 1 : shape[$0] }
            : shape.indices.filter { !axes.contains($0) }.map { shape[$0] }
    }

    /// Reduces floats.
    ///
    /// Axes that do not lie side by side are brought together first.
    static func reduce(
        _ input: TensorType, axes: [Int], keeps: Bool, _ op: uk_reduction
    ) -> Lowering {
        let shape = input.shape
        let output = TensorType(
            outputShape(shape, axes: axes, keeps: keeps), input.elementType)
        let present = axes.filter { shape[$0] != 1 }
        let others = shape.indices.filter { !axes.contains($0) && shape[$0] != 1 }
        let between = others.filter { ($0 > present.first ?? 0) && ($0 < present.last ?? 0) }
        let count = Shapes.count(axes.map { shape[$0] })
        guard between.isEmpty else {
            let order = others + present
            let strides = Shapes.strides(shape)
            let sizes = order.map { shape[$0] }
            let gather = StridedCopy(
                shape: sizes, source: order.map { strides[$0] }, target: Shapes.strides(sizes))
            let outer = output.count
            return Lowering([output], operations: input.count) { _ in
                Kernel("gather and reduce", workspaceFloats: gather.count) { operands in
                    unsafe gather.run(
                        from: operands.input(0), to: operands.workspace, pool: operands.pool)
                    unsafe reduceRows(
                        op, operands.workspace, operands.output(), outer, count, operands.pool)
                }
            }
        }
        let (first, last) = (present.first ?? 0, present.last ?? -1)
        let outer = Shapes.count(others.filter { $0 < first }.map { shape[$0] })
        let inner = Shapes.count(others.filter { $0 > last }.map { shape[$0] })
        return Lowering([output], operations: input.count) { _ in
            Kernel("reduce") { operands in
                guard inner != 1 else {
                    return unsafe reduceRows(
                        op, operands.input(0), operands.output(), outer, count, operands.pool)
                }
                operands.pool.run(count: outer) { index, _ in
                    unsafe uk_reduce(
                        op, operands.input(0) + index * count * inner,
                        operands.output() + index * inner, 1, count, inner)
                }
            }
        }
    }

    private static func reduceRows(
        _ op: uk_reduction, _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>,
        _ rows: Int, _ count: Int, _ pool: WorkerPool
    ) {
        let perPiece = max(1, 32_768 / max(1, count))
        pool.run(count: (rows + perPiece - 1) / perPiece) { piece, _ in
            let first = piece * perPiece
            unsafe uk_reduce(
                op, input + first * count, output + first, min(perPiece, rows - first), count, 1)
        }
    }

    private static func integers(
        _ site: Site, _ input: TensorType, axes: [Int], keeps: Bool, _ name: String
    ) throws(GraphError) -> Lowering {
        let start: Int64
        let join: (Int64, Int64) -> Int64
        switch name {
        case "ReduceSum", "ReduceMean": (start, join) = (0, { $0 &+ $1 })
        case "ReduceProd": (start, join) = (1, { $0 &* $1 })
        case "ReduceMax": (start, join) = (.min, { max($0, $1) })
        case "ReduceMin": (start, join) = (.max, { min($0, $1) })
        case "ReduceSumSquare": (start, join) = (0, { $0 &+ $1 &* $1 })
        case "ReduceL1": (start, join) = (0, { $0 &+ ($1 < 0 ? 0 &- $1 : $1) })
        default: throw site.error(.unsupported, "whole numbers")
        }
        let output = TensorType(
            outputShape(input.shape, axes: axes, keeps: keeps), input.elementType)
        let kept = input.shape.indices.filter { !axes.contains($0) }
        let strides = Shapes.strides(input.shape)
        let outer = JointLoops(
            shape: kept.map { input.shape[$0] }, strides: [kept.map { strides[$0] }])
        let inner = JointLoops(
            shape: axes.map { input.shape[$0] }, strides: [axes.map { strides[$0] }])
        let count = Shapes.count(axes.map { input.shape[$0] })
        let total = output.count
        let isMean = name == "ReduceMean"
        return Lowering([output], operations: input.count) { _ in
            Kernel("reduce") { operands in
                for index in 0..<total {
                    let base = outer.offset(0, at: index, depth: outer.sizes.count)
                    var result = start
                    for step in 0..<count {
                        let offset = inner.offset(0, at: step, depth: inner.sizes.count)
                        result = unsafe join(result, operands.integers(0)[base + offset])
                    }
                    if isMean { result = count > 0 ? result / Int64(count) : 0 }
                    unsafe operands.integerOutput()[index] = output.elementType.wrap(result)
                }
            }
        }
    }
}
