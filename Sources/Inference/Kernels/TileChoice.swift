/// Sizes of tiles and blocks for a convolution.
///
/// Fitted to what was measured: slab and sums should lie in L2 together with the weights that pass
/// by; a dozen and more pieces of work keep several threads busy; few results per weight (small
/// planes of many channels) want the outputs split rather than the plane.
struct TileChoice {
    let tile: TilePlan
    let channelBlock: Int
    let outputBlock: Int

    /// Floats of slab in L2, and of sums.
    private static let slabBudget = 72 * 1024
    private static let sumBudget = 48 * 1024
    private static let wantedPieces = 16

    /// - Parameters:
    ///   - halo: Rows and columns that a phase of the slab has beyond the results.
    ///   - phases: Phases of a channel's slab.
    ///   - resultSets: Sets of results computed from one slab.
    ///   - others: Pieces that batch, depth and groups make.
    init(
        height: Int, width: Int, halo: (y: Int, x: Int), phases: Int, channels: Int, outputs: Int,
        resultSets: Int, others: Int, kernels: TileKernels
    ) {
        let lanes = kernels.lanes
        func even(_ size: Int, _ most: Int, _ unit: Int) -> Int {
            let parts = (size + most - 1) / most
            return min(size, ((size + parts - 1) / parts + unit - 1) / unit * unit)
        }
        func slab(_ rows: Int, _ columns: Int) -> Int {
            phases * (rows + halo.y) * (columns + halo.x)
        }
        var outputBlock = outputs
        var columns = even(width, 32 * lanes, lanes)
        func fits(_ rows: Int, _ columns: Int) -> Bool {
            slab(rows, columns) * channels <= Self.slabBudget
                && rows * kernels.roundUp(columns) * outputs * resultSets <= Self.sumBudget
        }
        while columns > 6 * lanes, !fits(1, columns) {
            columns = even(width, max((columns + 1) / 2, 6 * lanes), lanes)
        }
        var rows = 1
        while rows < height, fits(rows + 1, columns) { rows += 1 }
        rows = even(height, rows, 1)
        // Narrow planes: a few vectors at least, even where the slab then goes in blocks.
        while rows < height, rows * columns < 6 * lanes { rows += 1 }

        func pieces() -> Int {
            others * ((height + rows - 1) / rows) * ((width + columns - 1) / columns)
                * ((outputs + outputBlock - 1) / outputBlock)
        }
        let unit = kernels.rows
        while pieces() < Self.wantedPieces {
            if outputBlock > 8 * unit, rows * columns <= 24 * lanes {
                outputBlock = even(outputs, (outputBlock + 1) / 2, unit)
            } else if rows > 1, rows * columns > 6 * lanes {
                rows = (rows + 1) / 2
            } else if outputBlock > 2 * unit {
                outputBlock = even(outputs, (outputBlock + 1) / 2, unit)
            } else {
                break
            }
        }
        tile = TilePlan(
            height: height, width: width, rows: rows, columns: columns, halo: halo, lanes: lanes)
        let most = max(1, Self.slabBudget / slab(rows, columns))
        channelBlock = even(channels, most, 1)
        self.outputBlock = outputBlock
    }
}
