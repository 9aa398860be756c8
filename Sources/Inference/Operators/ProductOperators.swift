/// Matrix products.
enum ProductOperators {
    static let rules: [String: OperatorRule] = ["MatMul": matMul, "Gemm": gemm]

    /// The sizes of one product of a batch.
    private struct Sizes {
        let m: Int
        let n: Int
        let k: Int

        /// Whether a product is too small to be worth more than one thread.
        var isSmall: Bool { m * n * k < 1 << 20 }
    }

    private static func fusion(_ site: Site) -> ProductFusion {
        if case .product(let fusion)? = site.node.fused { fusion } else { ProductFusion() }
    }

    /// A vector counts as a matrix of one row (left) or one column (right), and that dimension is
    /// dropped from the result.
    private static func matMul(_ site: Site) throws(GraphError) -> Lowering {
        let a = try site.float(0)
        let b = try site.float(1)
        guard a.rank > 0, b.rank > 0 else { throw site.error(.shapeMismatch, "scalar") }
        let left = a.rank == 1 ? [1] + a.shape : a.shape
        let right = b.rank == 1 ? b.shape + [1] : b.shape
        let sizes = Sizes(
            m: left[left.count - 2], n: right[right.count - 1], k: left[left.count - 1])
        let leadA = Array(left.dropLast(2))
        let leadB = Array(right.dropLast(2))
        guard right[right.count - 2] == sizes.k, let lead = Shapes.broadcast([leadA, leadB]) else {
            throw site.error(.shapeMismatch, "\(a.shape) x \(b.shape)")
        }
        let shape = lead + (a.rank == 1 ? [] : [sizes.m]) + (b.rank == 1 ? [] : [sizes.n])
        let output = try site.options.checked(TensorType(shape, a.type.elementType))
        let fusion = fusion(site)
        if Shapes.count(leadB) == 1 {
            // All matrices on the left see the same right side: they are one tall matrix.
            let tall = Sizes(m: Shapes.count(lead) * sizes.m, n: sizes.n, k: sizes.k)
            return single(output, tall, fusion, right: b.constant?.floats)
        }
        let loops = JointLoops(
            shape: lead,
            strides: [
                Shapes.strides(leadA, broadcastTo: lead), Shapes.strides(leadB, broadcastTo: lead),
            ])
        return batched(output, sizes, loops, count: Shapes.count(lead), fusion)
    }

    private static func single(
        _ output: TensorType, _ sizes: Sizes, _ fusion: ProductFusion, right: [Float]?
    ) -> Lowering {
        let operations = 2 * sizes.m * sizes.n * sizes.k
        guard let right, sizes.k > 0, sizes.n > 0 else {
            return Lowering([output], operations: operations) { _ throws(GraphError) in
                try loadLibrary()
                return Kernel("gemm") { operands in
                    unsafe withEpilogue(fusion, operands) { epilogue in
                        unsafe Product.run(
                            m: sizes.m, n: sizes.n, k: sizes.k, a: operands.input(0),
                            lda: max(1, sizes.k), b: operands.input(1), ldb: max(1, sizes.n),
                            c: operands.output(), ldc: max(1, sizes.n), epilogue: epilogue,
                            pool: operands.pool)
                    }
                }
            }
        }
        return Lowering([output], absorbed: [1], operations: operations) {
            request throws(GraphError) in
            try loadLibrary()
            return constant(
                right, transposed: false, sizes, fusion, threads: request.threads)
        }
    }

    /// A product whose right side is known.
    private static func constant(
        _ right: [Float], transposed: Bool, _ sizes: Sizes, _ fusion: ProductFusion, threads: Int
    ) -> Kernel {
        let product = unsafe right.withUnsafeBufferPointer { values -> ConstantProduct in
            guard let start = values.baseAddress else { preconditionFailure("empty weights") }
            return unsafe ConstantProduct(
                k: sizes.k, n: sizes.n, b: start, transposed: transposed, threads: threads)
        }
        return Kernel("packed gemm", workspaceFloats: product.workspaceFloats) { operands in
            unsafe withEpilogue(fusion, operands) { epilogue in
                unsafe product.run(
                    m: sizes.m, a: operands.input(0), lda: sizes.k, c: operands.output(),
                    ldc: sizes.n, epilogue: epilogue, workspace: operands.workspace,
                    pool: operands.pool)
            }
        }
    }

    private static func batched(
        _ output: TensorType, _ sizes: Sizes, _ loops: JointLoops, count: Int,
        _ fusion: ProductFusion
    ) -> Lowering {
        let operations = 2 * output.count * sizes.k
        return Lowering([output], operations: operations) { _ throws(GraphError) in
            try loadLibrary()
            return Kernel("batched gemm") { operands in
                func addresses(_ index: Int) -> (a: Int, b: Int, c: Int) {
                    (
                        loops.offset(0, at: index, depth: loops.sizes.count) * sizes.m * sizes.k,
                        loops.offset(1, at: index, depth: loops.sizes.count) * sizes.k * sizes.n,
                        index * sizes.m * sizes.n
                    )
                }
                if sizes.isSmall, sizes.k > 0 {
                    operands.pool.run(count: count) { index, _ in
                        let at = addresses(index)
                        unsafe Product.multiply(
                            m: sizes.m, n: sizes.n, k: sizes.k, a: operands.input(0) + at.a,
                            lda: sizes.k, b: operands.input(1) + at.b, ldb: sizes.n,
                            c: operands.output() + at.c, ldc: sizes.n)
                    }
                } else {
                    for index in 0..<count {
                        let at = addresses(index)
                        unsafe Product.run(
                            m: sizes.m, n: sizes.n, k: sizes.k, a: operands.input(0) + at.a,
                            lda: max(1, sizes.k), b: operands.input(1) + at.b,
                            ldb: max(1, sizes.n), c: operands.output() + at.c,
                            ldc: max(1, sizes.n), pool: operands.pool)
                    }
                }
                unsafe fusion.activation.apply(operands.output(), count: output.count)
            }
        }
    }

    /// alpha op(a) op(b) + beta c, with c broadcast to the result.
    private static func gemm(_ site: Site) throws(GraphError) -> Lowering {
        let a = try site.float(0)
        let b = try site.float(1)
        guard a.rank == 2, b.rank == 2 else { throw site.error(.shapeMismatch, "rank") }
        let (flipA, flipB) = (try site.flag("transA"), try site.flag("transB"))
        let alpha = try site.float("alpha", default: 1)
        let beta = try site.float("beta", default: 1)
        let sizes = Sizes(
            m: a.shape[flipA ? 1 : 0], n: b.shape[flipB ? 0 : 1], k: a.shape[flipA ? 0 : 1])
        guard b.shape[flipB ? 1 : 0] == sizes.k else {
            throw site.error(.shapeMismatch, "\(a.shape) x \(b.shape)")
        }
        let shape = [sizes.m, sizes.n]
        let output = try site.options.checked(TensorType(shape, a.type.elementType))
        let c = site.optional(2)
        if let c, Shapes.broadcast([shape, c.shape]) != shape {
            throw site.error(.shapeMismatch, "c \(c.shape)")
        }
        var fusion = fusion(site)
        let operations = 2 * sizes.m * sizes.n * sizes.k
        let isRow = c.map { $0.type.count == sizes.n && ($0.rank < 2 || $0.shape[0] == 1) } ?? true
        if isRow, !flipA, alpha == 1, sizes.k > 0, sizes.n > 0, let right = b.constant?.floats,
            c == nil || c?.constant?.floats != nil
        {
            if let bias = c?.constant?.floats, fusion.columnBias == nil {
                fusion.columnBias = bias.map { $0 * beta }
            }
            let final = fusion
            return Lowering([output], absorbed: [1, 2], operations: operations) {
                request throws(GraphError) in
                try loadLibrary()
                return constant(right, transposed: flipB, sizes, final, threads: request.threads)
            }
        }
        let activation = fusion.activation
        let loops = c.map {
            JointLoops(
                shape: shape, strides: [Shapes.strides($0.shape, broadcastTo: shape)])
        }
        return Lowering([output], operations: operations) { _ throws(GraphError) in
            try loadLibrary()
            return Kernel("gemm") { operands in
                unsafe Product.run(
                    transposeA: flipA, transposeB: flipB, m: sizes.m, n: sizes.n, k: sizes.k,
                    alpha: alpha, a: operands.input(0), lda: max(1, flipA ? sizes.m : sizes.k),
                    b: operands.input(1), ldb: max(1, flipB ? sizes.k : sizes.n),
                    c: operands.output(), ldc: max(1, sizes.n), pool: operands.pool)
                if let loops, let c = unsafe operands.optionalInput(2) {
                    for index in 0..<output.count {
                        let at = loops.offset(0, at: index, depth: loops.sizes.count)
                        unsafe operands.output()[index] += beta * c[at]
                    }
                }
                unsafe activation.apply(operands.output(), count: output.count)
            }
        }
    }

    /// Calls `body` with a fusion's arithmetic as the kernels want it.
    private static func withEpilogue(
        _ fusion: ProductFusion, _ operands: Operands, _ body: (ProductEpilogue) -> Void
    ) {
        unsafe withPointer(fusion.columnBias) { bias in
            unsafe withPointer(fusion.rowScale) { scale in
                unsafe withPointer(fusion.rowShift) { shift in
                    unsafe body(
                        ProductEpilogue(
                            columnBias: bias, rowScale: scale, rowShift: shift,
                            rowsPerScale: fusion.rowsPerScale, activation: fusion.activation,
                            addend: fusion.addendInput.flatMap {
                                unsafe operands.optionalInput($0)
                            },
                            addendPlace: fusion.addendPlace))
                }
            }
        }
    }

    private static func withPointer(
        _ values: [Float]?, _ body: (UnsafePointer<Float>?) -> Void
    ) {
        guard let values else { return body(nil) }
        unsafe values.withUnsafeBufferPointer { unsafe body($0.baseAddress) }
    }

    /// Makes sure that the matrix product's library is there.
    static func loadLibrary() throws(GraphError) {
        do {
            try BLAS.load()
        } catch {
            throw GraphError(.noMatrixLibrary, value: error.library, detail: error.reason)
        }
    }
}
