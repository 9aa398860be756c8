/// Operators that add a border or cut one off.
enum PaddingOperators {
    static let rules: [String: OperatorRule] = ["Pad": pad]

    /// Pads per axis: before, then after; negative ones cut.
    static func pads(_ site: Site, rank: Int) throws(GraphError) -> (begin: [Int], end: [Int]) {
        let listed = site.opset < 11 ? try site.ints("pads") : try site.constantInts(1)
        guard let listed else { throw site.error(.missing, "pads") }
        var axes = Array(0..<rank)
        if let some = try site.constantInts(3) {
            axes = []
            for axis in some { axes.append(try site.axis(axis, rank: rank)) }
        }
        guard listed.count == 2 * axes.count, Set(axes).count == axes.count,
            listed.allSatisfy({ $0.magnitude <= UInt(Int32.max) })
        else { throw site.error(.shapeMismatch, "pads \(listed)") }
        var begin = [Int](repeating: 0, count: rank)
        var end = begin
        for (index, axis) in axes.enumerated() {
            begin[axis] = listed[index]
            end[axis] = listed[index + axes.count]
        }
        return (begin, end)
    }

    /// What a constant border consists of.
    static func fill(_ site: Site) throws(GraphError) -> Float {
        site.opset < 11
            ? try site.float("value", default: 0) : try site.constantFloat(2) ?? 0
    }

    private static func pad(_ site: Site) throws(GraphError) -> Lowering {
        let input = try site.operand(0)
        let (begin, end) = try pads(site, rank: input.rank)
        let mode = try site.string("mode", default: "constant")
        let fill = try fill(site)
        let shape = input.shape.indices.map { begin[$0] + input.shape[$0] + end[$0] }
        let type = try site.options.checked(TensorType(shape, input.type.elementType))
        if shape == input.shape, begin.allSatisfy({ $0 == 0 }) { return .view(type) }
        if mode != "constant" {
            for axis in shape.indices where input.shape[axis] == 0 && shape[axis] > 0 {
                throw site.error(.shapeMismatch, "mode \(mode) of nothing")
            }
        }
        let strides = Shapes.strides(input.shape)
        var tables: [[Int]] = []
        for axis in shape.indices {
            let size = input.shape[axis]
            let place: (Int) -> Int?
            switch mode {
            case "constant": place = { $0 >= 0 && $0 < size ? $0 : nil }
            case "edge": place = { min(max($0, 0), size - 1) }
            case "reflect": place = { mirrored($0, size: size) }
            case "wrap": place = { ($0 % size + size) % size }
            default: throw site.error(.invalidAttribute, "mode \(mode)")
            }
            tables.append(
                (0..<shape[axis]).map { index in
                    place(index - begin[axis]).map { $0 * strides[axis] } ?? -1
                })
        }
        guard mode == "constant" else {
            return .copy(input.type, type, TableCopy(tables: tables), filling: fill)
        }
        return bordered(input.type, type, begin: begin, tables: tables, fill: fill)
    }

    /// A constant border: rows of the input are copied whole.
    private static func bordered(
        _ input: TensorType, _ output: TensorType, begin: [Int], tables: [[Int]], fill: Float
    ) -> Lowering {
        guard input.elementType.isFloat, begin.allSatisfy({ $0 >= 0 }),
            zip(zip(output.shape, input.shape), begin).allSatisfy({ $0.0 - $0.1 - $1 >= 0 })
        else { return .copy(input, output, TableCopy(tables: tables), filling: fill) }
        let target = Shapes.strides(output.shape)
        let copy = StridedCopy(
            shape: input.shape, source: Shapes.strides(input.shape), target: target,
            targetOffset: zip(begin, target).reduce(0) { $0 + $1.0 * $1.1 })
        let count = output.count
        return Lowering([output]) { _ in
            Kernel("fill and copy") { operands in
                let grain = 1 << 16
                operands.pool.run(count: (count + grain - 1) / grain) { piece, _ in
                    unsafe (operands.output() + piece * grain).update(
                        repeating: fill, count: min(grain, count - piece * grain))
                }
                unsafe copy.run(
                    from: operands.input(0), to: operands.output(), pool: operands.pool)
            }
        }
    }

    /// An index reflected at both ends without repeating them, as often as needed.
    private static func mirrored(_ index: Int, size: Int) -> Int {
        guard size > 1 else { return 0 }
        let period = 2 * (size - 1)
        let place = (index % period + period) % period
        return place < size ? place : period - place
    }
}
