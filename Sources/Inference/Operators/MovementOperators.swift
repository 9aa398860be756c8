/// Operators that move numbers without changing them.
enum MovementOperators {
    static let rules: [String: OperatorRule] = [
        "Transpose": transpose, "Concat": concat, "Split": split, "Slice": slice,
        "Expand": expand, "Tile": tile, "DepthToSpace": depthToSpace,
        "SpaceToDepth": spaceToDepth, "Trilu": trilu, "ReverseSequence": reverseSequence,
    ]

    private static func transpose(_ site: Site) throws(GraphError) -> Lowering {
        let input = try site.operand(0)
        let order = try site.ints("perm") ?? (0..<input.rank).reversed()
        guard order.sorted() == Array(0..<input.rank) else {
            throw site.error(.invalidAttribute, "perm \(order)")
        }
        return permuted(input.type, shape: input.shape, order: order)
    }

    /// The input, seen under a shape, with its dimensions in another order.
    private static func permuted(
        _ input: TensorType, shape: [Int], order: [Int], output: [Int]? = nil
    ) -> Lowering {
        let target = order.map { shape[$0] }
        let type = TensorType(output ?? target, input.elementType)
        // Moving dimensions of size 1 about moves nothing.
        let moved = order.filter { shape[$0] != 1 }
        guard moved != moved.sorted() else { return .view(type) }
        let strides = Shapes.strides(shape)
        return .copy(
            input, type,
            StridedCopy(
                shape: target, source: order.map { strides[$0] }, target: Shapes.strides(target)))
    }

    private static func concat(_ site: Site) throws(GraphError) -> Lowering {
        let first = try site.operand(0).type
        guard let given = try site.optionalInt("axis") else { throw site.error(.missing, "axis") }
        let axis = try site.axis(given, rank: first.shape.count)
        var shape = first.shape
        shape[axis] = 0
        var parts: [Int] = []
        for index in site.operands.indices {
            let part = try site.operand(index).type
            var other = part.shape
            guard part.elementType == first.elementType else { throw site.error(.typeMismatch) }
            guard other.count == shape.count else { throw site.error(.shapeMismatch, "rank") }
            let (sum, overflow) = shape[axis].addingReportingOverflow(other[axis])
            guard !overflow else { throw site.error(.tooLarge) }
            parts.append(other[axis])
            shape[axis] = sum
            other[axis] = sum
            guard other == shape else { throw site.error(.shapeMismatch, "\(part.shape)") }
        }
        let inner = Shapes.count(shape[(axis + 1)...])
        let outer = Shapes.count(shape[..<axis])
        var offsets: [Int] = []
        var copies: [StridedCopy] = []
        var offset = 0
        for part in parts {
            offsets.append(offset)
            copies.append(
                StridedCopy(
                    shape: [outer, part * inner], source: [part * inner, 1],
                    target: [shape[axis] * inner, 1], targetOffset: offset))
            offset += part * inner
        }
        let isFloat = first.elementType.isFloat
        let bytes = first.elementType.storedBytes
        return Lowering(
            [TensorType(shape, first.elementType)],
            layout: outer == 1 ? .joined(offsets) : .separate
        ) { _ in
            Kernel("copies") { operands in
                for (index, copy) in copies.enumerated() {
                    // Where the plan has put the input into its place already, nothing is left.
                    if outer == 1, let source = operands.inputs[index],
                        let target = operands.outputs[0],
                        source == target + offsets[index] * bytes
                    {
                        continue
                    }
                    if isFloat {
                        unsafe copy.run(
                            from: operands.input(index), to: operands.output(),
                            pool: operands.pool)
                    } else {
                        unsafe copy.run(
                            from: operands.integers(index), to: operands.integerOutput(),
                            pool: operands.pool)
                    }
                }
            }
        }
    }

    private static func split(_ site: Site) throws(GraphError) -> Lowering {
        let input = try site.operand(0)
        let axis = try site.axis(site.int("axis", default: 0), rank: input.rank)
        let whole = input.shape[axis]
        let listed =
            site.opset < 13 ? try site.ints("split") : try site.constantInts(1)
        let parts: [Int]
        if let listed {
            parts = listed
        } else {
            let count = try site.int("num_outputs", default: site.outputCount)
            guard count > 0, count <= max(whole, site.outputCount) else {
                throw site.error(.invalidAttribute, "\(count) parts")
            }
            let size = (whole + count - 1) / count
            parts = (0..<count).map { min(size, max(0, whole - $0 * size)) }
        }
        guard parts.allSatisfy({ $0 >= 0 && $0 <= whole }), parts.reduce(0, +) == whole else {
            throw site.error(.shapeMismatch, "parts \(parts) of \(whole)")
        }
        let inner = Shapes.count(input.shape[(axis + 1)...])
        let outer = Shapes.count(input.shape[..<axis])
        var outputs: [TensorType] = []
        var copies: [StridedCopy] = []
        var offsets: [Int] = []
        var offset = 0
        for part in parts {
            var shape = input.shape
            shape[axis] = part
            outputs.append(TensorType(shape, input.type.elementType))
            copies.append(
                StridedCopy(
                    shape: [outer, part * inner], source: [whole * inner, 1], sourceOffset: offset,
                    target: [part * inner, 1]))
            offsets.append(offset)
            offset += part * inner
        }
        let isFloat = input.isFloat
        return Lowering(outputs, layout: outer == 1 ? .parts(offsets) : .separate) { _ in
            Kernel("copies") { operands in
                for (index, copy) in copies.enumerated() where index < operands.outputs.count {
                    guard operands.outputs[index] != nil else { continue }
                    if isFloat {
                        unsafe copy.run(
                            from: operands.input(0), to: operands.output(index),
                            pool: operands.pool)
                    } else {
                        unsafe copy.run(
                            from: operands.integers(0), to: operands.integerOutput(index),
                            pool: operands.pool)
                    }
                }
            }
        }
    }

    private static func slice(_ site: Site) throws(GraphError) -> Lowering {
        let input = try site.operand(0)
        let box = try SliceBox(site)
        let type = TensorType(box.shape, input.type.elementType)
        if box.isWhole { return .view(type) }
        var lowering = Lowering.copy(
            input.type, type,
            StridedCopy(
                shape: box.shape, source: box.strides, sourceOffset: box.offset,
                target: Shapes.strides(box.shape)))
        if isDense(shape: box.shape, strides: box.strides) {
            lowering.layout = .parts([box.offset])
        }
        return lowering
    }

    /// Whether a box with strides is one run of neighbouring elements.
    private static func isDense(shape: [Int], strides: [Int]) -> Bool {
        let loops = JointLoops(shape: shape, strides: [strides])
        return loops.sizes.count == 1 && (loops.strides[0][0] == 1 || loops.sizes[0] == 1)
    }

    private static func expand(_ site: Site) throws(GraphError) -> Lowering {
        let input = try site.operand(0)
        guard let wanted = try site.constantInts(1) else { throw site.error(.missing, "shape") }
        guard wanted.allSatisfy({ $0 >= 0 }), let shape = Shapes.broadcast([input.shape, wanted])
        else { throw site.error(.shapeMismatch, "\(wanted)") }
        let type = try site.options.checked(TensorType(shape, input.type.elementType))
        guard type.count != input.type.count else { return .view(type) }
        return .copy(
            input.type, type,
            StridedCopy(
                shape: shape, source: Shapes.strides(input.shape, broadcastTo: shape),
                target: Shapes.strides(shape)))
    }

    private static func tile(_ site: Site) throws(GraphError) -> Lowering {
        let input = try site.operand(0)
        guard let repeats = try site.constantInts(1) else { throw site.error(.missing, "repeats") }
        guard repeats.count == input.rank, repeats.allSatisfy({ $0 >= 0 }) else {
            throw site.error(.shapeMismatch, "repeats \(repeats)")
        }
        var shape: [Int] = []
        for (size, times) in zip(input.shape, repeats) {
            let (product, overflow) = size.multipliedReportingOverflow(by: times)
            guard !overflow else { throw site.error(.tooLarge) }
            shape.append(product)
        }
        let type = try site.options.checked(TensorType(shape, input.type.elementType))
        // Each dimension is walked as (repetition, index), where repetitions do not move the source.
        let own = Shapes.strides(input.shape)
        let target = Shapes.strides(shape)
        var loops: [(size: Int, source: Int, target: Int)] = []
        for axis in input.shape.indices {
            loops.append((repeats[axis], 0, target[axis] * input.shape[axis]))
            loops.append((input.shape[axis], own[axis], target[axis]))
        }
        return .copy(
            input.type, type,
            StridedCopy(
                shape: loops.map(\.size), source: loops.map(\.source), target: loops.map(\.target)))
    }

    private static func depthToSpace(_ site: Site) throws(GraphError) -> Lowering {
        let input = try site.operand(0)
        let block = try site.int("blocksize", default: 0)
        guard input.rank == 4, (1...1024).contains(block),
            input.shape[1] % (block * block) == 0
        else { throw site.error(.shapeMismatch, "blocksize \(block)") }
        let (n, c, h, w) = (input.shape[0], input.shape[1], input.shape[2], input.shape[3])
        let depth = c / (block * block)
        let output = [n, depth, h * block, w * block]
        switch try site.string("mode", default: "DCR") {
        case "DCR":
            return permuted(
                input.type, shape: [n, block, block, depth, h, w], order: [0, 3, 4, 1, 5, 2],
                output: output)
        case "CRD":
            return permuted(
                input.type, shape: [n, depth, block, block, h, w], order: [0, 1, 4, 2, 5, 3],
                output: output)
        default: throw site.error(.invalidAttribute, "mode")
        }
    }

    private static func spaceToDepth(_ site: Site) throws(GraphError) -> Lowering {
        let input = try site.operand(0)
        let block = try site.int("blocksize", default: 0)
        guard input.rank == 4, (1...1024).contains(block), input.shape[2] % block == 0,
            input.shape[3] % block == 0
        else { throw site.error(.shapeMismatch, "blocksize \(block)") }
        let (n, c, h, w) = (input.shape[0], input.shape[1], input.shape[2], input.shape[3])
        return permuted(
            input.type, shape: [n, c, h / block, block, w / block, block],
            order: [0, 3, 5, 1, 2, 4], output: [n, c * block * block, h / block, w / block])
    }

    private static func trilu(_ site: Site) throws(GraphError) -> Lowering {
        let input = try site.operand(0)
        let offset = try site.constantInts(1)?.first ?? 0
        let upper = try site.flag("upper", default: true)
        guard input.rank >= 2 else { throw site.error(.shapeMismatch, "rank \(input.rank)") }
        let columns = input.shape[input.rank - 1]
        let rows = input.shape[input.rank - 2]
        let isFloat = input.isFloat
        return .generic(input.type, [input.type]) { operands, _, source, _, _, index in
            let column = index % columns
            let row = index / columns % rows
            // The offset may be any number: compare without adding to it.
            let keeps = upper ? column - row >= offset : column - row <= offset
            if isFloat {
                unsafe operands.output()[index] = keeps ? operands.input(0)[source] : 0
            } else {
                unsafe operands.integerOutput()[index] = keeps ? operands.integers(0)[source] : 0
            }
        }
    }

    private static func reverseSequence(_ site: Site) throws(GraphError) -> Lowering {
        let input = try site.operand(0)
        let batch = try site.axis(site.int("batch_axis", default: 1), rank: input.rank)
        let time = try site.axis(site.int("time_axis", default: 0), rank: input.rank)
        guard let lengths = try site.constantInts(1), input.rank >= 2, batch != time,
            lengths.count == input.shape[batch],
            lengths.allSatisfy({ $0 >= 0 && $0 <= input.shape[time] }), input.isFloat
        else { throw site.error(.shapeMismatch, "sequence_lens") }
        let strides = Shapes.strides(input.shape)
        let shape = input.shape
        return .generic(input.type, [input.type]) { operands, _, source, _, _, index in
            let step = index / strides[time] % shape[time]
            let length = lengths[index / strides[batch] % shape[batch]]
            let from = step < length ? source + (length - 1 - 2 * step) * strides[time] : source
            unsafe operands.output()[index] = operands.input(0)[from]
        }
    }
}
