/// Turns general products with known right sides into plain ones with a bias, so that other passes
/// have one kind of product to look for.
enum GemmToProduct {
    static func run(_ graph: inout Graph) {
        var rewriter = GraphRewriter(graph)
        for index in rewriter.indices where rewriter[index].opType == "Gemm" {
            if let node = product(rewriter[index], &rewriter) {
                rewriter.replace(index, with: node)
            }
        }
        graph = rewriter.finish()
    }

    private static func product(
        _ gemm: Graph.Node, _ rewriter: inout GraphRewriter
    ) -> Graph.Node? {
        func number(_ name: String, _ fallback: Float) -> Float {
            if case .float(let value)? = gemm.attributes[name] { value } else { fallback }
        }
        func isSet(_ name: String) -> Bool {
            if case .int(let value)? = gemm.attributes[name] { value != 0 } else { false }
        }
        guard !isSet("transA"), gemm.inputs.count >= 2, let id = gemm.inputs[1],
            let right = rewriter.floats(id), let shape = rewriter.type(id)?.shape,
            shape.count == 2
        else { return nil }
        let flips = isSet("transB")
        let (k, n) = flips ? (shape[1], shape[0]) : (shape[0], shape[1])
        var fusion = ProductFusion()
        if gemm.inputs.count > 2, let c = gemm.inputs[2] {
            guard let bias = rewriter.floats(c), bias.count == n || bias.count == 1,
                let own = rewriter.type(c)?.shape, own.count < 2 || own[own.count - 2] == 1
            else { return nil }
            let beta = number("beta", 1)
            fusion.columnBias = (0..<n).map { bias[bias.count == 1 ? 0 : $0] * beta }
        }
        let alpha = number("alpha", 1)
        var values = right
        if flips {
            for row in 0..<k {
                for column in 0..<n { values[row * n + column] = right[column * k + row] }
            }
        }
        if alpha != 1 { for index in values.indices { values[index] *= alpha } }
        var node = gemm
        node.opType = "MatMul"
        node.attributes = [:]
        node.inputs = [
            gemm.inputs[0],
            rewriter.addConstant(
                Tensor(shape: [k, n], floats: values), like: gemm.name + ".right"),
        ]
        node.fused = .product(fusion)
        return node
    }
}
