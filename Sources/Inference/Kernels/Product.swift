/// Matrix products of values known only at run time, spread over the workers of a pool.
///
/// `BLAS.load()` must have succeeded.
package enum Product {
    /// Rows and columns of a piece of work: large enough that packing both sides costs little.
    private static let rowTile = 192
    private static let columnTile = 512

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
        guard m > 0, n > 0 else { return }
        let columnTiles = (n + columnTile - 1) / columnTile
        let rowTiles = (m + rowTile - 1) / rowTile
        let trivial = unsafe epilogue.isTrivial
        pool.run(count: rowTiles * columnTiles) { piece, _ in
            let row = piece / columnTiles * rowTile
            let column = piece % columnTiles * columnTile
            let rows = min(rowTile, m - row)
            let columns = min(columnTile, n - column)
            let target = unsafe c + row * ldc + column
            if k > 0 {
                unsafe multiply(
                    transposeA: transposeA, transposeB: transposeB, m: rows, n: columns, k: k,
                    alpha: alpha, a: a + (transposeA ? row : row * lda), lda: lda,
                    b: b + (transposeB ? column * ldb : column), ldb: ldb, c: target, ldc: ldc)
            } else {
                for index in 0..<rows {
                    unsafe (target + index * ldc).update(repeating: 0, count: columns)
                }
            }
            guard !trivial else { return }
            unsafe epilogue.finish(
                sums: target, pitch: ldc, c: c, ldc: ldc, row: row, rows: rows, column: column,
                columns: columns, streams: false, kernels: .best)
        }
    }

    /// Most multiplications of a product that the library may take for a small one.
    private static let small = 100 * 100 * 100

    /// `c = alpha op(a) op(b)` on the calling thread; the parameters are those of `run`.
    ///
    /// OpenBLAS has loops of its own for small matrices, and those for untransposed ones ask for
    /// memory at every call. So these go through ours.
    package static func multiply(
        transposeA: Bool = false, transposeB: Bool = false, m: Int, n: Int, k: Int,
        alpha: Float = 1, a: UnsafePointer<Float>, lda: Int, b: UnsafePointer<Float>, ldb: Int,
        c: UnsafeMutablePointer<Float>, ldc: Int
    ) {
        let (area, isLarge) = m.multipliedReportingOverflow(by: n)
        let isSmall = !isLarge && area <= small && area * k <= small
        if isSmall, !transposeA, !transposeB {
            unsafe TileKernels.best.smallProduct(
                m: m, n: n, k: k, alpha: alpha, a: a, lda: lda, b: b, ldb: ldb, c: c, ldc: ldc)
        } else {
            unsafe BLAS.sgemm(
                transposeA: transposeA, transposeB: transposeB, m: m, n: n, k: k, alpha: alpha,
                a: a, lda: lda, b: b, ldb: ldb, c: c, ldc: ldc)
        }
    }
}
