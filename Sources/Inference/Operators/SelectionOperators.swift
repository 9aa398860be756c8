/// Operators that look for places, rank or run along one axis.
enum SelectionOperators {
    static let rules: [String: OperatorRule] = [
        "ArgMax": { site throws(GraphError) in try extreme(site) { $0 > $1 } },
        "ArgMin": { site throws(GraphError) in try extreme(site) { $0 < $1 } },
        "Compress": compress, "NonZero": nonZero, "CumSum": cumulativeSum, "OneHot": oneHot,
        "TopK": topK, "LRN": responseNormalization,
    ]

    /// One axis of a shape, and how to walk along it.
    private struct Columns {
        let count: Int
        let inner: Int
        let total: Int

        init(_ shape: [Int], axis: Int) {
            count = shape[axis]
            inner = Shapes.count(shape[(axis + 1)...])
            total = Shapes.count(shape[..<axis]) * inner
        }

        /// Offset of a column's first element.
        func start(_ column: Int) -> Int { column / inner * count * inner + column % inner }
    }

    private static func extreme(
        _ site: Site, _ isBetter: @escaping (Float, Float) -> Bool
    ) throws(GraphError) -> Lowering {
        let input = try site.float(0)
        let axis = try site.axis(site.int("axis", default: 0), rank: input.rank)
        let keeps = try site.flag("keepdims", default: true)
        let takesLast = try site.flag("select_last_index")
        let columns = Columns(input.shape, axis: axis)
        guard columns.count > 0 else { throw site.error(.shapeMismatch, "empty axis") }
        var shape = input.shape
        if keeps { shape[axis] = 1 } else { shape.remove(at: axis) }
        return Lowering([TensorType(shape, .int64)], operations: input.type.count) { _ in
            Kernel("columns") { operands in
                operands.pool.run(count: columns.total) { column, _ in
                    let x = unsafe operands.input(0) + columns.start(column)
                    var best = 0
                    for row in 1..<max(columns.count, 1) {
                        let value = unsafe x[row * columns.inner]
                        let champion = unsafe x[best * columns.inner]
                        if isBetter(value, champion) || takesLast && value == champion {
                            best = row
                        }
                    }
                    unsafe operands.integerOutput()[column] = Int64(best)
                }
            }
        }
    }

    /// Picks the slices along an axis whose condition, known before the run, holds.
    private static func compress(_ site: Site) throws(GraphError) -> Lowering {
        let input = try site.operand(0)
        guard let condition = try site.constant(1)?.integers else {
            throw site.error(.typeMismatch, "condition")
        }
        let given = try site.optionalInt("axis")
        let shape = given == nil ? [input.type.count] : input.shape
        let axis = try site.axis(given ?? 0, rank: shape.count)
        let picks = condition.indices.filter { condition[$0] != 0 }
        guard picks.allSatisfy({ $0 < shape[axis] }) else {
            throw site.error(.shapeMismatch, "condition")
        }
        let columns = Columns(shape, axis: axis)
        let outer = columns.inner == 0 ? 0 : columns.total / columns.inner
        var result = shape
        result[axis] = picks.count
        return .copy(
            input.type, TensorType(result, input.type.elementType),
            TableCopy(tables: [
                (0..<outer).map { $0 * columns.count * columns.inner },
                picks.map { $0 * columns.inner }, Array(0..<columns.inner),
            ]))
    }

    /// The places of numbers other than zero: how many there are has to be known before the run.
    private static func nonZero(_ site: Site) throws(GraphError) -> Lowering {
        guard let tensor = try site.constant(0) else { throw site.error(.missing, "input 0") }
        let places: [Int]
        switch tensor.storage {
        case .floats(let values): places = values.indices.filter { values[$0] != 0 }
        case .integers(let values): places = values.indices.filter { values[$0] != 0 }
        }
        let strides = Shapes.strides(tensor.shape)
        let numbers = tensor.shape.indices.flatMap { axis in
            places.map { Int64($0 / strides[axis] % tensor.shape[axis]) }
        }
        let shape = [tensor.shape.count, places.count]
        return ConstantOperators.filled(Tensor(shape: shape, integers: numbers))
    }

    private static func cumulativeSum(_ site: Site) throws(GraphError) -> Lowering {
        let input = try site.operand(0)
        guard let given = try site.constantInts(1)?.first else {
            throw site.error(.missing, "axis")
        }
        let columns = Columns(input.shape, axis: try site.axis(given, rank: input.rank))
        let excludes = try site.flag("exclusive")
        let reverses = try site.flag("reverse")
        let type = input.type
        return Lowering([type], operations: type.count) { _ in
            Kernel("columns") { operands in
                operands.pool.run(count: columns.total) { column, _ in
                    let start = columns.start(column)
                    var sum: Float = 0
                    var whole: Int64 = 0
                    for step in 0..<columns.count {
                        let row = reverses ? columns.count - 1 - step : step
                        let at = start + row * columns.inner
                        if type.elementType.isFloat {
                            let next = unsafe sum + operands.input(0)[at]
                            unsafe operands.output()[at] = excludes ? sum : next
                            sum = next
                        } else {
                            let next = unsafe whole &+ operands.integers(0)[at]
                            unsafe operands.integerOutput()[at] =
                                type.elementType.wrap(excludes ? whole : next)
                            whole = next
                        }
                    }
                }
            }
        }
    }

    private static func oneHot(_ site: Site) throws(GraphError) -> Lowering {
        let indices = try site.operand(0)
        let values = try site.operand(2)
        let depth = try site.constant(1).flatMap { tensor -> Int? in
            switch tensor.storage {
            case .floats(let numbers): numbers.first.flatMap { Int(exactly: $0.rounded()) }
            case .integers(let numbers): numbers.first.map { Int($0) }
            }
        }
        guard let depth, depth > 0, values.type.count == 2 else {
            throw site.error(.shapeMismatch, "depth, values")
        }
        let axis = try site.axis(site.int("axis", default: -1), rank: indices.rank + 1)
        var shape = indices.shape
        shape.insert(depth, at: axis)
        let type = try site.options.checked(TensorType(shape, values.type.elementType))
        let inner = Shapes.count(shape[(axis + 1)...])
        return .generic(type, [TensorType([])]) { operands, _, _, _, _, index in
            let at = index / (inner * depth) * inner + index % inner
            let given =
                indices.isFloat
                ? unsafe Int(exactly: operands.input(0)[at].rounded(.towardZero)) ?? depth
                : unsafe Int(operands.integers(0)[at])
            let isHot = (given < 0 ? given + depth : given) == index / inner % depth
            if type.elementType.isFloat {
                unsafe operands.output()[index] = operands.input(2)[isHot ? 1 : 0]
            } else {
                unsafe operands.integerOutput()[index] = operands.integers(2)[isHot ? 1 : 0]
            }
        }
    }

    /// The k largest or smallest of each column by repeated search: k is small where this occurs.
    private static func topK(_ site: Site) throws(GraphError) -> Lowering {
        let input = try site.float(0)
        let axis = try site.axis(site.int("axis", default: -1), rank: input.rank)
        let columns = Columns(input.shape, axis: axis)
        let k = site.opset < 10 ? try site.int("k", default: 0) : try site.constantInts(1)?.first
        guard let k, k >= 0, k <= columns.count else { throw site.error(.shapeMismatch, "k") }
        let takesLargest = try site.flag("largest", default: true)
        var shape = input.shape
        shape[axis] = k
        return Lowering(
            [TensorType(shape), TensorType(shape, .int64)], operations: input.type.count * max(1, k)
        ) { _ in
            Kernel("columns") { operands in
                operands.pool.run(count: columns.total) { column, _ in
                    let x = unsafe operands.input(0) + columns.start(column)
                    let target = column / columns.inner * k * columns.inner + column % columns.inner
                    var previous = -1
                    for rank in 0..<k {
                        var best = -1
                        for row in 0..<columns.count {
                            let value = unsafe x[row * columns.inner]
                            if previous >= 0 {
                                // Only what comes after the one taken last is left.
                                let taken = unsafe x[previous * columns.inner]
                                let isLater =
                                    takesLargest
                                    ? value < taken || value == taken && row > previous
                                    : value > taken || value == taken && row > previous
                                guard isLater else { continue }
                            }
                            let champion = unsafe best < 0 ? value : x[best * columns.inner]
                            if best < 0 || (takesLargest ? value > champion : value < champion) {
                                best = row
                            }
                        }
                        let found = max(best, 0)
                        unsafe operands.optionalOutput(0)?[target + rank * columns.inner] =
                            x[found * columns.inner]
                        if operands.outputs.count > 1, operands.outputs[1] != nil {
                            unsafe operands.integerOutput(1)[target + rank * columns.inner] =
                                Int64(found)
                        }
                        previous = found
                    }
                }
            }
        }
    }

    /// x / (bias + alpha / size * sum of squares of neighbouring channels) ^ beta.
    private static func responseNormalization(_ site: Site) throws(GraphError) -> Lowering {
        let input = try site.float(0)
        guard input.rank >= 2 else { throw site.error(.shapeMismatch, "rank \(input.rank)") }
        let size = try site.int("size", default: 1)
        guard size > 0 else { throw site.error(.invalidAttribute, "size \(size)") }
        let alpha = try site.float("alpha", default: 0.0001) / Float(size)
        let beta = try site.float("beta", default: 0.75)
        let bias = try site.float("bias", default: 1)
        let columns = Columns(input.shape, axis: 1)
        let before = (size - 1) / 2
        let after = size - 1 - before
        return Lowering([input.type], operations: input.type.count * min(size, 4096)) { _ in
            Kernel("columns") { operands in
                operands.pool.run(count: columns.total) { column, _ in
                    let start = columns.start(column)
                    let x = unsafe operands.input(0) + start
                    let y = unsafe operands.output() + start
                    for channel in 0..<columns.count {
                        var sum: Float = 0
                        let last = min(columns.count - 1, channel + min(after, columns.count))
                        for other in max(0, channel - before)...last {
                            let value = unsafe x[other * columns.inner]
                            sum += value * value
                        }
                        let at = channel * columns.inner
                        unsafe y[at] = x[at] / BinaryOperators.power(bias + alpha * sum, beta)
                    }
                }
            }
        }
    }
}
