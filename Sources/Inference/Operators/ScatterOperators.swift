/// Operators that write elements to places given by indices, and picks by tuples of indices.
enum ScatterOperators {
    static let rules: [String: OperatorRule] = [
        "ScatterElements": scatterElements, "Scatter": scatterElements, "ScatterND": scatterND,
        "GatherND": gatherND,
    ]

    /// What happens where an element is there already.
    private enum Joining: String {
        case none, add, mul, max, min

        func callAsFunction<Number: Comparable & Numeric>(_ old: Number, _ new: Number) -> Number {
            switch self {
            case .none: new
            case .add: old + new
            case .mul: old * new
            case .max: Swift.max(old, new)
            case .min: Swift.min(old, new)
            }
        }
    }

    private static func joining(_ site: Site) throws(GraphError) -> Joining {
        guard let joining = Joining(rawValue: try site.string("reduction", default: "none")) else {
            throw site.error(.invalidAttribute, "reduction")
        }
        return joining
    }

    /// A copy of input 0 with `count` elements or runs of elements written over it.
    private static func writing(
        _ type: TensorType, count: Int, run: Int, _ joining: Joining,
        place: @escaping (Operands, Int) -> Int
    ) -> Lowering {
        let total = type.count
        let isFloat = type.elementType.isFloat
        return Lowering([type], operations: count * run) { _ in
            Kernel("scatter") { operands in
                if isFloat {
                    let y = unsafe operands.output()
                    unsafe y.update(from: operands.input(0), count: total)
                    for index in 0..<count {
                        let at = place(operands, index)
                        for step in 0..<run {
                            unsafe y[at + step] = joining(
                                y[at + step], operands.input(2)[index * run + step])
                        }
                    }
                } else {
                    let y = unsafe operands.integerOutput()
                    unsafe y.update(from: operands.integers(0), count: total)
                    for index in 0..<count {
                        let at = place(operands, index)
                        for step in 0..<run {
                            unsafe y[at + step] =
                                joining == .none
                                ? operands.integers(2)[index * run + step]
                                : joining(y[at + step], operands.integers(2)[index * run + step])
                        }
                    }
                }
            }
        }
    }

    /// An index within a size; one out of range, an error in the data, becomes the nearest.
    private static func clamped(_ index: Int64, size: Int) -> Int {
        let counted = index < 0 ? index &+ Int64(size) : index
        return Int(min(max(counted, 0), Int64(size - 1)))
    }

    private static func scatterElements(_ site: Site) throws(GraphError) -> Lowering {
        let data = try site.operand(0)
        let indices = try site.operand(1)
        let updates = try site.operand(2)
        let axis = try site.axis(site.int("axis", default: 0), rank: data.rank)
        guard !indices.isFloat, indices.shape == updates.shape, indices.rank == data.rank,
            updates.isFloat == data.isFloat,
            data.shape.indices.allSatisfy({
                $0 == axis || indices.shape[$0] <= data.shape[$0]
            }), data.shape[axis] > 0 || indices.type.count == 0
        else { throw site.error(.shapeMismatch, "\(data.shape), \(indices.shape)") }
        let loops = JointLoops(
            shape: indices.shape,
            strides: [
                data.shape.indices.map { $0 == axis ? 0 : Shapes.strides(data.shape)[$0] }
            ])
        let step = Shapes.strides(data.shape)[axis]
        let size = data.shape[axis]
        return writing(
            data.type, count: indices.type.count, run: 1, try joining(site)
        ) { operands, index in
            let base = loops.offset(0, at: index, depth: loops.sizes.count)
            return unsafe base + clamped(operands.integers(1)[index], size: size) * step
        }
    }

    /// Sizes of picks by tuples: how many there are, and how many elements each moves.
    private struct Tuples {
        let depth: Int
        let count: Int
        let run: Int
        let sizes: [Int]
        let strides: [Int]

        init(
            _ site: Site, data: Site.Operand, indices: Site.Operand, batch: Int
        ) throws(GraphError) {
            guard let depth = indices.shape.last, !indices.isFloat, depth + batch <= data.rank,
                batch < indices.rank, data.type.count > 0,
                data.shape.prefix(batch) == indices.shape.prefix(batch)
            else { throw site.error(.shapeMismatch, "\(data.shape), \(indices.shape)") }
            self.depth = depth
            count = Shapes.count(indices.shape.dropLast())
            run = Shapes.count(data.shape[(batch + depth)...])
            sizes = Array(data.shape[batch..<batch + depth])
            strides = Array(Shapes.strides(data.shape)[batch..<batch + depth])
        }

        func offset(_ operands: Operands, _ index: Int) -> Int {
            var offset = 0
            for place in 0..<depth {
                let value = unsafe operands.integers(1)[index * depth + place]
                offset += clamped(value, size: sizes[place]) * strides[place]
            }
            return offset
        }
    }

    private static func scatterND(_ site: Site) throws(GraphError) -> Lowering {
        let data = try site.operand(0)
        let indices = try site.operand(1)
        let updates = try site.operand(2)
        let tuples = try Tuples(site, data: data, indices: indices, batch: 0)
        guard updates.type.count == tuples.count * tuples.run, updates.isFloat == data.isFloat
        else { throw site.error(.shapeMismatch, "updates \(updates.shape)") }
        return writing(
            data.type, count: tuples.count, run: tuples.run, try joining(site), place: tuples.offset
        )
    }

    private static func gatherND(_ site: Site) throws(GraphError) -> Lowering {
        let data = try site.operand(0)
        let indices = try site.operand(1)
        let batch = try site.int("batch_dims", default: 0)
        guard batch >= 0, batch < data.rank else {
            throw site.error(.invalidAttribute, "batch_dims \(batch)")
        }
        let tuples = try Tuples(site, data: data, indices: indices, batch: batch)
        let shape =
            Array(indices.shape.dropLast()) + Array(data.shape[(batch + tuples.depth)...])
        let type = try site.options.checked(TensorType(shape, data.type.elementType))
        let batches = Shapes.count(data.shape[..<batch])
        let perBatch = batches == 0 ? 0 : tuples.count / batches
        let stride = batches == 0 ? 0 : data.type.count / batches
        let run = tuples.run
        return Lowering([type]) { _ in
            Kernel("gather") { operands in
                for index in 0..<tuples.count {
                    let at = index / perBatch * stride + tuples.offset(operands, index)
                    for step in 0..<run {
                        if type.elementType.isFloat {
                            unsafe operands.output()[index * run + step] =
                                operands.input(0)[at + step]
                        } else {
                            unsafe operands.integerOutput()[index * run + step] =
                                operands.integers(0)[at + step]
                        }
                    }
                }
            }
        }
    }
}
