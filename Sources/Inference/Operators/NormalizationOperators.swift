private import CKernels

/// Operators that bring numbers to a common mean and variance.
enum NormalizationOperators {
    static let rules: [String: OperatorRule] = [
        "BatchNormalization": batch, "InstanceNormalization": instance,
        "GroupNormalization": group, "LayerNormalization": layer,
        "MeanVarianceNormalization": meanVariance, "LpNormalization": lp,
    ]

    private static func parameter(
        _ site: Site, _ index: Int, count: Int
    ) throws(GraphError) -> TensorType {
        let type = try site.float(index).type
        guard type.shape == [count] else { throw site.error(.shapeMismatch, "input \(index)") }
        return type
    }

    /// Inference only: the mean and variance are given.
    private static func batch(_ site: Site) throws(GraphError) -> Lowering {
        let input = try site.float(0)
        guard input.rank >= 2 else { throw site.error(.shapeMismatch, "rank \(input.rank)") }
        let channels = input.shape[1]
        for index in 1...4 { _ = try parameter(site, index, count: channels) }
        guard try !site.flag("training_mode"), try site.flag("spatial", default: true) else {
            throw site.error(.unsupported, "training")
        }
        let epsilon = try site.float("epsilon", default: 1e-5)
        let planes = input.shape[0] * channels
        let inner = Shapes.count(input.shape[2...])
        return Lowering(
            [input.type], reusable: [0], operations: 2 * input.type.count
        ) { _ in
            Kernel("scale and shift") { operands in
                operands.pool.run(count: planes) { plane, _ in
                    let c = plane % channels
                    let scale =
                        unsafe operands.input(1)[c]
                        / (operands.input(4)[c] + epsilon).squareRoot()
                    let shift = unsafe operands.input(2)[c] - operands.input(3)[c] * scale
                    unsafe uk_scale_shift(
                        operands.input(0) + plane * inner, operands.output() + plane * inner,
                        inner, scale, shift)
                }
            }
        }
    }

    /// The factors and summands that a batch normalisation with known parameters comes down to.
    static func scaleAndShift(
        _ site: Site
    ) throws(GraphError) -> (scale: [Float], shift: [Float])? {
        var parameters: [[Float]] = []
        for index in 1...4 {
            guard let values = site.optional(index)?.constant?.floats else { return nil }
            parameters.append(values)
        }
        let epsilon = try site.float("epsilon", default: 1e-5)
        let scale = zip(parameters[0], parameters[3]).map { gamma, variance in
            Float(Double(gamma) / (Double(variance) + Double(epsilon)).squareRoot())
        }
        let shift = scale.indices.map { c in
            Float(Double(parameters[1][c]) - Double(parameters[2][c]) * Double(scale[c]))
        }
        return (scale, shift)
    }

    /// Normalises groups of neighbouring planes; scale and shift are picked per plane by `pick`.
    private static func groups(
        _ input: TensorType, groups: Int, planesPerGroup: Int, plane: Int, epsilon: Float,
        pick: @escaping (Int) -> Int
    ) -> Lowering {
        let span = planesPerGroup * plane
        return Lowering([input], reusable: [0], operations: 5 * input.count) { _ in
            Kernel("normalize") { operands in
                operands.pool.run(count: groups) { index, _ in
                    var mean: Float = 0
                    var variance: Float = 0
                    let x = unsafe operands.input(0) + index * span
                    let y = unsafe operands.output() + index * span
                    unsafe uk_mean_variance(x, span, &mean, &variance)
                    let factor = 1 / (variance + epsilon).squareRoot()
                    for offset in 0..<planesPerGroup {
                        let at = pick(index * planesPerGroup + offset)
                        let scale = unsafe operands.input(1)[at] * factor
                        let shift = unsafe operands.input(2)[at] - mean * scale
                        unsafe uk_scale_shift(
                            x + offset * plane, y + offset * plane, plane, scale, shift)
                    }
                }
            }
        }
    }

    private static func instance(_ site: Site) throws(GraphError) -> Lowering {
        let input = try site.float(0)
        guard input.rank >= 3 else { throw site.error(.shapeMismatch, "rank \(input.rank)") }
        let channels = input.shape[1]
        for index in 1...2 { _ = try parameter(site, index, count: channels) }
        return groups(
            input.type, groups: input.shape[0] * channels, planesPerGroup: 1,
            plane: Shapes.count(input.shape[2...]),
            epsilon: try site.float("epsilon", default: 1e-5)
        ) { $0 % channels }
    }

    /// Scale and shift are per group up to version 20, per channel from 21 on.
    private static func group(_ site: Site) throws(GraphError) -> Lowering {
        let input = try site.float(0)
        guard input.rank >= 2 else { throw site.error(.shapeMismatch, "rank \(input.rank)") }
        let channels = input.shape[1]
        let count = try site.int("num_groups", default: 0)
        guard count > 0, channels % count == 0 else {
            throw site.error(.invalidAttribute, "num_groups \(count)")
        }
        let perGroup = channels / count
        let byGroup = site.opset < 21
        for index in 1...2 {
            _ = try parameter(site, index, count: byGroup ? count : channels)
        }
        return groups(
            input.type, groups: input.shape[0] * count, planesPerGroup: perGroup,
            plane: Shapes.count(input.shape[2...]),
            epsilon: try site.float("epsilon", default: 1e-5)
        ) { plane in byGroup ? plane % channels / perGroup : plane % channels }
    }

    private static func layer(_ site: Site) throws(GraphError) -> Lowering {
        let input = try site.float(0)
        let axis = try site.axis(site.int("axis", default: -1), rank: input.rank)
        let count = Shapes.count(input.shape[axis...])
        let rows = Shapes.count(input.shape[..<axis])
        let scale = try site.float(1).type
        let shift = site.optional(2) == nil ? nil : try site.float(2).type
        guard scale.count == count, shift == nil || shift?.count == count else {
            throw site.error(.shapeMismatch, "scale \(scale.shape)")
        }
        let epsilon = try site.float("epsilon", default: 1e-5)
        let statistics = TensorType(
            input.shape.indices.map { $0 < axis ? input.shape[$0] : 1 })
        let wantsStatistics = site.node.outputs.dropFirst().contains { $0 != nil }
        return Lowering(
            [input.type, statistics, statistics], reusable: wantsStatistics ? [] : [0],
            operations: 7 * input.type.count
        ) { _ in
            Kernel("rows") { operands in
                let perPiece = max(1, 16_384 / max(1, count))
                operands.pool.run(count: (rows + perPiece - 1) / perPiece) { piece, _ in
                    let first = piece * perPiece
                    let x = unsafe operands.input(0) + first * count
                    let taken = min(perPiece, rows - first)
                    unsafe uk_normalize_rows(
                        x, operands.output() + first * count, taken, count, operands.input(1),
                        operands.optionalInput(2), epsilon)
                    guard wantsStatistics else { return }
                    for row in 0..<taken {
                        var mean: Float = 0
                        var variance: Float = 0
                        unsafe uk_mean_variance(x + row * count, count, &mean, &variance)
                        unsafe operands.optionalOutput(1)?[first + row] = mean
                        unsafe operands.optionalOutput(2)?[first + row] =
                            1 / (variance + epsilon).squareRoot()
                    }
                }
            }
        }
    }

    /// (x - mean) / standard deviation over axes that lie side by side, after batch and channel.
    private static func meanVariance(_ site: Site) throws(GraphError) -> Lowering {
        let input = try site.float(0)
        let axes = try site.axes(site.ints("axes") ?? [0, 2, 3], rank: input.rank)
        let others = input.shape.indices.filter { !axes.contains($0) }
        // With the axes moved to the end, rows are normalised and moved back.
        let order = others + axes
        let sizes = order.map { input.shape[$0] }
        let strides = Shapes.strides(input.shape)
        let picked = order.map { strides[$0] }
        let gather = StridedCopy(shape: sizes, source: picked, target: Shapes.strides(sizes))
        let scatter = StridedCopy(shape: sizes, source: Shapes.strides(sizes), target: picked)
        let count = Shapes.count(axes.map { input.shape[$0] })
        let rows = Shapes.count(others.map { input.shape[$0] })
        return Lowering([input.type], operations: 7 * input.type.count) { _ in
            Kernel("gather and normalize", workspaceFloats: input.type.count) { operands in
                let rowsPointer = unsafe operands.workspace
                unsafe gather.run(from: operands.input(0), to: rowsPointer, pool: operands.pool)
                operands.pool.run(count: rows) { row, _ in
                    let x = unsafe rowsPointer + row * count
                    // The standard's own definition adds this to the deviation's square.
                    unsafe uk_normalize_rows(x, x, 1, count, nil, nil, 1e-9)
                }
                unsafe scatter.run(from: rowsPointer, to: operands.output(), pool: operands.pool)
            }
        }
    }

    /// x divided by its norm along an axis.
    private static func lp(_ site: Site) throws(GraphError) -> Lowering {
        let input = try site.float(0)
        let axis = try site.axis(site.int("axis", default: -1), rank: input.rank)
        let order = try site.int("p", default: 2)
        guard order == 1 || order == 2 else { throw site.error(.invalidAttribute, "p \(order)") }
        let count = input.shape[axis]
        let inner = Shapes.count(input.shape[(axis + 1)...])
        let columns = Shapes.count(input.shape[..<axis]) * inner
        return Lowering([input.type], operations: 3 * input.type.count) { _ in
            Kernel("columns") { operands in
                operands.pool.run(count: columns) { column, _ in
                    let start = column / inner * count * inner + column % inner
                    let x = unsafe operands.input(0) + start
                    let y = unsafe operands.output() + start
                    var sum: Float = 0
                    for row in 0..<count {
                        let value = unsafe x[row * inner]
                        sum += order == 1 ? value.magnitude : value * value
                    }
                    let norm = order == 1 ? sum : sum.squareRoot()
                    for row in 0..<count {
                        unsafe y[row * inner] = norm == 0 ? 0 : x[row * inner] / norm
                    }
                }
            }
        }
    }
}
