/// What happens to a matrix product before it is stored:
/// `activation(rowScale[row / rowsPerScale] (sum + columnBias[column]) + rowShift[row / rowsPerScale]
/// [+ addend]) [+ addend]`.
@unsafe
package struct ProductEpilogue {
    /// One summand per column, or nil.
    package var columnBias: UnsafePointer<Float>?
    /// One factor per block of `rowsPerScale` rows, or nil.
    package var rowScale: UnsafePointer<Float>?
    /// One summand per block of `rowsPerScale` rows, or nil.
    package var rowShift: UnsafePointer<Float>?
    /// Rows that share an entry of `rowScale` and `rowShift`.
    package var rowsPerScale: Int
    package var activation: Activation
    /// Laid out like the result with the same row stride, or nil. Must not overlap the result.
    package var addend: UnsafePointer<Float>?
    /// Where the addend goes.
    package var addendPlace: ConvolutionEpilogue.Addend

    package init(
        columnBias: UnsafePointer<Float>? = nil, rowScale: UnsafePointer<Float>? = nil,
        rowShift: UnsafePointer<Float>? = nil, rowsPerScale: Int = 1,
        activation: Activation = .none, addend: UnsafePointer<Float>? = nil,
        addendPlace: ConvolutionEpilogue.Addend = .none
    ) {
        unsafe self.columnBias = columnBias
        unsafe self.rowScale = rowScale
        unsafe self.rowShift = rowShift
        unsafe self.rowsPerScale = rowsPerScale
        unsafe self.activation = activation
        unsafe self.addend = addend
        unsafe self.addendPlace = addendPlace
    }

    /// Applies everything to rows `first ..< first + rows` of the result.
    ///
    /// - Parameters:
    ///   - result: The first value of row 0 of the whole result.
    ///   - stride: Floats from one row to the next.
    func apply(
        result: UnsafeMutablePointer<Float>, stride: Int, first: Int, rows: Int, columns: Int
    ) {
        for row in first..<first + rows {
            let target = unsafe result + row * stride
            if let columnBias = unsafe columnBias {
                for i in 0..<columns { unsafe target[i] += columnBias[i] }
            }
            if unsafe rowScale != nil || rowShift != nil {
                let scale = unsafe rowScale?[row / rowsPerScale] ?? 1
                let shift = unsafe rowShift?[row / rowsPerScale] ?? 0
                for i in 0..<columns { unsafe target[i] = target[i] * scale + shift }
            }
            if unsafe addendPlace == .beforeActivation, let addend = unsafe addend {
                for i in 0..<columns { unsafe target[i] += addend[row * stride + i] }
            }
            unsafe activation.apply(target, count: columns)
            if unsafe addendPlace == .last, let addend = unsafe addend {
                for i in 0..<columns { unsafe target[i] += addend[row * stride + i] }
            }
        }
    }
}

/// Matrix products spread over the workers of a pool. `BLAS.load()` must have succeeded.
package enum Product {
    /// `c = epilogue(alpha op(a) op(b))`, everything row-major.
    ///
    /// - Parameters:
    ///   - m: Rows of `op(a)` and `c`.
    ///   - n: Columns of `op(b)` and `c`.
    ///   - k: Columns of `op(a)`, rows of `op(b)`; 0 gives a product of zeros.
    ///   - lda: Floats from one stored row of `a` to the next; likewise `ldb` and `ldc`.
    package static func run(
        transposeA: Bool = false, transposeB: Bool = false, m: Int, n: Int, k: Int,
        alpha: Float = 1, a: UnsafePointer<Float>, lda: Int, b: UnsafePointer<Float>, ldb: Int,
        c: UnsafeMutablePointer<Float>, ldc: Int, epilogue: ProductEpilogue = unsafe .init(),
        pool: WorkerPool
    ) {
        let tile = 64
        pool.run(count: (m + tile - 1) / tile) { piece, _ in
            let first = piece * tile
            let rows = min(tile, m - first)
            unsafe BLAS.sgemm(
                transposeA: transposeA, transposeB: transposeB, m: rows, n: n, k: k, alpha: alpha,
                a: transposeA ? a + first : a + first * lda, lda: lda, b: b, ldb: ldb,
                c: c + first * ldc, ldc: ldc)
            unsafe epilogue.apply(result: c, stride: ldc, first: first, rows: rows, columns: n)
        }
    }
}

/// A product `c = epilogue(a b)` whose right side is fixed, packed once, run many times.
package final class ConstantProduct: Sendable {
    /// Rows of `b`, columns of `a`.
    package let k: Int
    /// Columns of `b` and `c`.
    package let n: Int
    /// Floats of scratch memory that a run needs, for all workers together.
    package let workspaceFloats: Int
    private let b: [Float]

    /// Copies and packs `b`.
    ///
    /// - Parameters:
    ///   - b: [k][n], or [n][k] where `transposed`; dense.
    ///   - threads: Most workers of any pool that `run` will get.
    package init(k: Int, n: Int, b: UnsafePointer<Float>, transposed: Bool = false, threads: Int) {
        self.k = k
        self.n = n
        var packed = [Float](repeating: 0, count: k * n)
        for row in 0..<k {
            for column in 0..<n {
                unsafe packed[row * n + column] =
                    b[transposed ? column * k + row : row * n + column]
            }
        }
        self.b = packed
        workspaceFloats = 0
    }

    /// - Parameters:
    ///   - m: Rows of `a` and `c`.
    ///   - a: [m][k] with rows `lda` floats apart.
    ///   - c: [m][n] with rows `ldc` floats apart; must not overlap `a`.
    ///   - workspace: `workspaceFloats` floats, 64-byte aligned, contents arbitrary.
    package func run(
        m: Int, a: UnsafePointer<Float>, lda: Int, c: UnsafeMutablePointer<Float>, ldc: Int,
        epilogue: ProductEpilogue = unsafe .init(), workspace: UnsafeMutablePointer<Float>,
        pool: WorkerPool
    ) {
        unsafe b.withUnsafeBufferPointer { b in
            guard let b = b.baseAddress else { return }
            unsafe Product.run(
                m: m, n: n, k: k, a: a, lda: lda, b: b, ldb: n, c: c, ldc: ldc, epilogue: epilogue,
                pool: pool)
        }
    }
}
