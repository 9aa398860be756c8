/// Folds factors and summands along one axis into matrix products.
enum ProductFolding {
    /// What a product carries.
    static func fusion(_ node: Graph.Node) -> ProductFusion {
        if case .product(let fusion)? = node.fused { fusion } else { ProductFusion() }
    }

    /// Whether a product has one right side for all its rows: only then it takes an epilogue.
    static func isSingle(_ node: Graph.Node, _ rewriter: GraphRewriter) -> Bool {
        guard node.inputs.count > 1, let left = node.inputs[0], let right = node.inputs[1],
            let a = rewriter.type(left)?.shape, let b = rewriter.type(right)?.shape
        else { return false }
        return a.count >= 2 && b.count >= 2 && Shapes.count(b.dropLast(2)) == 1
    }

    /// The product that also scales and shifts; nil where that is not possible.
    static func apply(
        _ affine: AffineNode, to producer: Int, _ rewriter: inout GraphRewriter
    ) -> Graph.Node? {
        let node = rewriter[producer]
        let fusion = fusion(node)
        guard fusion.activation == .none, fusion.addendInput == nil, isSingle(node, rewriter),
            let shape = rewriter.type(affine.source)?.shape
        else { return nil }
        let last = shape.count - 1
        guard let axis = affine.axis, axis != last else {
            return columns(affine, node, fusion, shape[last], &rewriter)
        }
        return rows(affine, node, fusion, shape, axis: axis)
    }

    /// Numbers that differ along the last axis go into the right side and the bias.
    private static func columns(
        _ affine: AffineNode, _ product: Graph.Node, _ before: ProductFusion, _ count: Int,
        _ rewriter: inout GraphRewriter
    ) -> Graph.Node? {
        var (node, fusion) = (product, before)
        guard fusion.rowScale == nil, fusion.rowShift == nil else { return nil }
        let shift = affine.shifts(count)
        guard affine.scale != nil else {
            let bias = fusion.columnBias ?? [Float](repeating: 0, count: count)
            fusion.columnBias = zip(bias, shift).map { $0 + $1 }
            node.fused = .product(fusion)
            return node
        }
        guard let id = node.inputs[1], var right = rewriter.floats(id),
            let shape = rewriter.type(id)?.shape
        else { return nil }
        let scale = affine.scales(count)
        for index in right.indices { right[index] *= scale[index % count] }
        node.inputs[1] = rewriter.addConstant(
            Tensor(shape: shape, floats: right), like: node.name + ".right")
        if affine.shift != nil || fusion.columnBias != nil {
            let bias = fusion.columnBias ?? [Float](repeating: 0, count: count)
            fusion.columnBias = zip(zip(bias, scale), shift).map { $0.0 * $0.1 + $1 }
        }
        node.fused = .product(fusion)
        return node
    }

    /// Numbers that differ along another axis are one per block of rows.
    private static func rows(
        _ affine: AffineNode, _ product: Graph.Node, _ before: ProductFusion, _ shape: [Int],
        axis: Int
    ) -> Graph.Node? {
        var (node, fusion) = (product, before)
        let perBlock = Shapes.count(shape[(axis + 1)..<shape.count - 1])
        let times = Shapes.count(shape[..<axis])
        guard perBlock > 0, times > 0, fusion.rowScale == nil || fusion.rowsPerScale == perBlock
        else { return nil }
        func repeated(_ values: [Float]) -> [Float] {
            (0..<times).flatMap { _ in values }
        }
        let scale = repeated(affine.scales(shape[axis]))
        let shift = repeated(affine.shifts(shape[axis]))
        let oldScale = fusion.rowScale ?? [Float](repeating: 1, count: scale.count)
        let oldShift = fusion.rowShift ?? [Float](repeating: 0, count: scale.count)
        fusion.rowScale = zip(oldScale, scale).map { $0 * $1 }
        fusion.rowShift = zip(zip(oldShift, scale), shift).map { $0.0 * $0.1 + $1 }
        fusion.rowsPerScale = perBlock
        node.fused = .product(fusion)
        return node
    }
}
