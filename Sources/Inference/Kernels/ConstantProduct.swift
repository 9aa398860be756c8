import CKernels

/// A product `c = epilogue(a b)` whose right side is fixed, packed once, run many times.
package final class ConstantProduct: Sendable {
    /// Rows of `b`, columns of `a`.
    package let k: Int
    /// Columns of `b` and `c`.
    package let n: Int
    /// Floats of scratch memory that a run needs, for all workers together.
    package let workspaceFloats: Int
    private let kernels: TileKernels
    /// Block of columns, row, column within the block (zeros past n).
    private let b: [Float]
    private let offsets: [Int32]
    private let starts: [Int32]
    private let workspacePerWorker: Int

    /// Vectors in a block of columns: as many as the inner loop takes at once.
    private static let blockVectors = 3
    /// Rows of `a` in a piece of work, and terms of the sums in a block.
    private static let rowTile = 96
    private static let depthBlock = 512
    /// Blocks of columns whose sums are kept at the same time.
    private static let blocksTogether = 12

    /// Copies and packs `b`.
    ///
    /// - Parameters:
    ///   - b: [k][n], or [n][k] where `transposed`; dense.
    ///   - threads: Most workers of any pool that `run` will get.
    ///   - kernels: The instruction set to use.
    package init(
        k: Int, n: Int, b: UnsafePointer<Float>, transposed: Bool = false, threads: Int,
        kernels: TileKernels = .best
    ) {
        (self.k, self.n, self.kernels) = (k, n, kernels)
        let width = Self.blockVectors * kernels.lanes
        var packed: [Float] = []
        packed.reserveCapacity((n + width - 1) / width * width * k)
        for first in stride(from: 0, to: n, by: width) {
            for row in 0..<k {
                for column in first..<first + width {
                    let at = transposed ? column * k + row : row * n + column
                    unsafe packed.append(column < n ? b[at] : 0)
                }
            }
        }
        self.b = packed
        offsets = (0..<min(k, Self.depthBlock)).map { Int32($0 * width) }
        starts = (0..<Self.blockVectors).map { Int32($0 * kernels.lanes) }
        workspacePerWorker =
            kernels.roundUp(Self.rowTile * min(k, Self.depthBlock))
            + Self.rowTile * Self.blocksTogether * width
        workspaceFloats = workspacePerWorker * threads
    }

    /// Computes the product.
    ///
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
        guard k > 0, n > 0, m > 0 else { return }
        let width = Self.blockVectors * kernels.lanes
        let together = Self.blocksTogether * width
        let columnTiles = (n + together - 1) / together
        let rowTiles = (m + Self.rowTile - 1) / Self.rowTile
        pool.run(count: rowTiles * columnTiles) { piece, worker in
            let row = piece / columnTiles * Self.rowTile
            let column = piece % columnTiles * together
            let rows = min(Self.rowTile, m - row)
            let columns = min(together, n - column)
            let panels = unsafe workspace + worker * workspacePerWorker
            let sums = unsafe panels + kernels.roundUp(Self.rowTile * min(k, Self.depthBlock))
            for first in stride(from: 0, to: k, by: Self.depthBlock) {
                let depth = min(Self.depthBlock, k - first)
                unsafe kernels.packRows(
                    a + row * lda + first, lda: lda, m: rows, k: depth, to: panels)
                unsafe multiply(
                    panels, rows: rows, column: column, columns: columns, first: first,
                    depth: depth, sums: sums)
            }
            unsafe epilogue.finish(
                sums: sums, pitch: together, c: c, ldc: ldc, row: row, rows: rows, column: column,
                columns: columns, kernels: kernels)
        }
    }

    private func multiply(
        _ panels: UnsafePointer<Float>, rows: Int, column: Int, columns: Int, first: Int,
        depth: Int, sums: UnsafeMutablePointer<Float>
    ) {
        let width = Self.blockVectors * kernels.lanes
        unsafe b.withUnsafeBufferPointer { b in
            unsafe offsets.withUnsafeBufferPointer { offsets in
                unsafe starts.withUnsafeBufferPointer { starts in
                    guard let b = b.baseAddress, let offsets = offsets.baseAddress,
                        let starts = starts.baseAddress
                    else { return }
                    for block in stride(from: 0, to: columns, by: width) {
                        let vectors =
                            (min(width, columns - block) + kernels.lanes - 1)
                            / kernels.lanes
                        unsafe kernels.product(
                            m: rows, k: depth, vectors: vectors, a: panels,
                            b: b + (column + block) * k + first * width, offsets: offsets,
                            starts: starts, c: sums + block,
                            ldc: Self.blocksTogether * width, accumulate: first > 0)
                    }
                }
            }
        }
    }
}
