/// Operators that pick elements by indices.
enum IndexingOperators {
    static let rules: [String: OperatorRule] = [
        "Gather": gather, "GatherElements": gatherElements,
    ]

    /// An index counted from the end where it is negative.
    private static func resolved(_ index: Int64, size: Int) -> Int? {
        let value = index < 0 ? Int(index) + size : Int(index)
        return value >= 0 && value < size ? value : nil
    }

    /// Indices that are known, checked and counted from the start; nil where they come at run time.
    private static func known(
        _ site: Site, _ operand: Site.Operand, size: Int
    ) throws(GraphError) -> [Int]? {
        guard let values = operand.constant?.integers else { return nil }
        var result: [Int] = []
        for value in values {
            guard let index = resolved(value, size: size) else {
                throw site.error(.shapeMismatch, "index \(value) of \(size)")
            }
            result.append(index)
        }
        return result
    }

    private static func gather(_ site: Site) throws(GraphError) -> Lowering {
        let input = try site.operand(0)
        let indices = try site.operand(1)
        guard input.rank > 0, !indices.isFloat else { throw site.error(.shapeMismatch, "scalar") }
        let axis = try site.axis(site.int("axis", default: 0), rank: input.rank)
        let size = input.shape[axis]
        let lead = Array(input.shape[..<axis])
        let tail = Array(input.shape[(axis + 1)...])
        let type = try site.options.checked(
            TensorType(lead + indices.shape + tail, input.type.elementType))
        let inner = Shapes.count(tail)
        if let picks = try known(site, indices, size: size) {
            let outer = Shapes.count(lead)
            if outer == 1, picks.count == 1 {
                var part = Lowering.copy(
                    input.type, type,
                    StridedCopy(
                        shape: [inner], source: [1], sourceOffset: picks[0] * inner, target: [1]))
                part.layout = .parts([picks[0] * inner])
                return part
            }
            return .copy(
                input.type, type,
                TableCopy(tables: [
                    (0..<outer).map { $0 * size * inner }, picks.map { $0 * inner },
                    Array(0..<inner),
                ]))
        }
        let count = indices.type.count
        let isFloat = input.isFloat
        return .generic(type, [TensorType([])]) { operands, _, _, _, _, index in
            let pick = unsafe operands.integers(1)[index / inner % count]
            // An index out of range, an error in the data, reads the nearest that there is.
            let place = min(max(pick < 0 ? Int(pick) + size : Int(pick), 0), size - 1)
            let source = (index / (inner * count) * size + place) * inner + index % inner
            if isFloat {
                unsafe operands.output()[index] = operands.input(0)[source]
            } else {
                unsafe operands.integerOutput()[index] = operands.integers(0)[source]
            }
        }
    }

    private static func gatherElements(_ site: Site) throws(GraphError) -> Lowering {
        let input = try site.operand(0)
        let indices = try site.operand(1)
        guard input.rank == indices.rank, input.rank > 0, !indices.isFloat else {
            throw site.error(.shapeMismatch, "rank")
        }
        let axis = try site.axis(site.int("axis", default: 0), rank: input.rank)
        for other in input.shape.indices
        where other != axis && indices.shape[other] > input.shape[other] {
            throw site.error(.shapeMismatch, "indices \(indices.shape)")
        }
        let size = input.shape[axis]
        guard size > 0 || indices.type.count == 0 else { throw site.error(.shapeMismatch) }
        _ = try known(site, indices, size: size)
        let strides = Shapes.strides(input.shape)
        let shape = indices.shape
        let isFloat = input.isFloat
        return .generic(
            TensorType(shape, input.type.elementType), [TensorType([])]
        ) { operands, _, _, _, _, index in
            let pick = unsafe operands.integers(1)[index]
            let place = min(max(pick < 0 ? Int(pick) + size : Int(pick), 0), size - 1)
            var source = 0
            var rest = index
            for dimension in shape.indices.reversed() {
                let position = rest % shape[dimension]
                source += (dimension == axis ? place : position) * strides[dimension]
                rest /= shape[dimension]
            }
            if isFloat {
                unsafe operands.output()[index] = operands.input(0)[source]
            } else {
                unsafe operands.integerOutput()[index] = operands.integers(0)[source]
            }
        }
    }
}
