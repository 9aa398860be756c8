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
                unsafe BLAS.sgemm(
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
}
