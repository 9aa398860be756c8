/// How the work of a tiled convolution is cut into pieces: blocks of outputs of tiles of planes.
struct TilePieces: Sendable {
    /// A piece of work.
    struct Piece {
        let batch: Int
        let group: Int
        /// Which plane of results.
        let depth: Int
        /// Which outputs of the group.
        let firstOutput: Int
        let outputs: Int
        /// Where the tile begins.
        let row: Int
        let column: Int
    }

    let tile: TilePlan
    let batch: Int
    let depth: Int
    let groups: Int
    /// Outputs of a group, and at most of a piece.
    let outputs: Int
    let outputBlock: Int

    private var blocks: Int { (outputs + outputBlock - 1) / outputBlock }

    var count: Int { batch * depth * groups * blocks * tile.bands * tile.bandColumns }

    /// Neighbouring tiles of the same outputs are neighbours.
    subscript(index: Int) -> Piece {
        var rest = index
        func next(_ count: Int) -> Int {
            defer { rest /= count }
            return rest % count
        }
        let column = next(tile.bandColumns) * tile.columns
        let row = next(tile.bands) * tile.rows
        let first = next(blocks) * outputBlock
        let group = next(groups)
        let plane = next(depth)
        return Piece(
            batch: rest, group: group, depth: plane, firstOutput: first,
            outputs: min(outputBlock, outputs - first), row: row, column: column)
    }
}
