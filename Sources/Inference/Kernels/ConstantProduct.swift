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
    private let blocks: [Block]
    /// Blocks whose sums are kept at the same time.
    private let tiles: [Range<Int>]
    /// Terms of the sums in a block.
    private let depth: Int
    private let starts: [Int32]
    private let workspacePerWorker: Int

    /// Neighbouring columns: a few vectors, as many as the inner loop takes at once.
    private struct Block {
        let first: Int
        let vectors: Int
        let offsets: [Int32]
    }

    /// Rows of `a` in a piece of work, and columns whose sums are kept at the same time.
    private static let rowTile = 96
    private static let columnTile = 576
    /// Most terms of the sums in a block: that much of `b` stays in L1.
    private static let mostDepth = 256

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
        let lanes = kernels.lanes
        let parts = max(1, (k + Self.mostDepth - 1) / Self.mostDepth)
        let depth = (k + parts - 1) / parts
        self.depth = depth
        var packed: [Float] = []
        packed.reserveCapacity(kernels.roundUp(n) * k)
        var blocks: [Block] = []
        var first = 0
        while first < n {
            let left = (n - first + lanes - 1) / lanes
            // Four vectors go as two pairs: a lone one would leave the multipliers waiting.
            let vectors = left == 4 ? 2 : min(left, 3)
            let width = vectors * lanes
            blocks.append(
                Block(
                    first: first, vectors: vectors, offsets: (0..<depth).map { Int32($0 * width) }))
            for row in 0..<k {
                for column in first..<first + width {
                    let at = transposed ? column * k + row : row * n + column
                    unsafe packed.append(column < n ? b[at] : 0)
                }
            }
            first += width
        }
        // A tile of columns ends with the block that fills it.
        var tiles: [Range<Int>] = []
        var start = 0
        for (index, block) in blocks.enumerated() {
            let end = block.first + block.vectors * lanes
            if index + 1 == blocks.count || end - blocks[start].first >= Self.columnTile {
                tiles.append(start..<index + 1)
                start = index + 1
            }
        }
        self.tiles = tiles
        (self.b, self.blocks) = (packed, blocks)
        starts = (0..<3).map { Int32($0 * lanes) }
        workspacePerWorker =
            kernels.roundUp(Self.rowTile * depth) + Self.rowTile * (Self.columnTile + 3 * lanes)
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
        let rowTiles = (m + Self.rowTile - 1) / Self.rowTile
        let streams = m * n >= ChannelFinish.streamFrom
        // Rows that are packed whole are packed once for all columns, if that leaves enough pieces.
        let together = depth == k && rowTiles >= Self.manyPieces
        let pieces = rowTiles * (together ? 1 : tiles.count)
        pool.run(count: pieces) { piece, worker in
            let row = piece / (together ? 1 : tiles.count) * Self.rowTile
            let rows = min(Self.rowTile, m - row)
            let panels = unsafe workspace + worker * workspacePerWorker
            let sums = unsafe panels + kernels.roundUp(Self.rowTile * depth)
            if together {
                unsafe kernels.packRows(a + row * lda, lda: lda, m: rows, k: k, to: panels)
            }
            for tile in together ? tiles[...] : tiles[piece % tiles.count...piece % tiles.count] {
                for first in stride(from: 0, to: k, by: depth) {
                    let terms = min(depth, k - first)
                    if !together {
                        unsafe kernels.packRows(
                            a + row * lda + first, lda: lda, m: rows, k: terms, to: panels)
                    }
                    unsafe multiply(
                        panels, rows: rows, tile: tile, first: first, terms: terms, sums: sums)
                }
                let column = blocks[tile.lowerBound].first
                let last = blocks[tile.upperBound - 1]
                unsafe epilogue.finish(
                    sums: sums, pitch: pitch, c: c, ldc: ldc, row: row, rows: rows,
                    column: column,
                    columns: min(n, last.first + last.vectors * kernels.lanes) - column,
                    streams: streams, kernels: kernels)
            }
        }
    }

    private static let manyPieces = 16

    /// Floats between rows of sums.
    private var pitch: Int { Self.columnTile + 3 * kernels.lanes }

    private func multiply(
        _ panels: UnsafePointer<Float>, rows: Int, tile: Range<Int>, first: Int, terms: Int,
        sums: UnsafeMutablePointer<Float>
    ) {
        unsafe b.withUnsafeBufferPointer { b in
            unsafe starts.withUnsafeBufferPointer { starts in
                guard let b = b.baseAddress, let starts = starts.baseAddress else { return }
                for block in blocks[tile] {
                    unsafe block.offsets.withUnsafeBufferPointer { offsets in
                        guard let offsets = offsets.baseAddress else { return }
                        unsafe kernels.product(
                            m: rows, k: terms, vectors: block.vectors, a: panels,
                            b: b + block.first * k + first * block.vectors * kernels.lanes,
                            offsets: offsets, starts: starts,
                            c: sums + block.first - blocks[tile.lowerBound].first, ldc: pitch,
                            accumulate: first > 0)
                    }
                }
            }
        }
    }
}
