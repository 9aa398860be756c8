/// How a plane of results is cut into tiles, and where a tile's vectors lie in its slab.
///
/// A slab holds the input that a tile needs, split into phases so that neighbouring results read
/// neighbouring values. Vectors either start at each row (`flat` false), or run through rows and
/// the values between them, whose results are dropped: better for narrow planes.
struct TilePlan: Sendable {
    /// Results of a tile; those at the edges may be smaller.
    let rows: Int
    let columns: Int
    /// Size of one phase of the slab.
    let slabRows: Int
    let slabColumns: Int
    /// Floats in a row of results.
    let pitch: Int
    /// Where each vector starts, in its phase of the slab.
    let starts: [Int32]
    let bands: Int
    let bandColumns: Int
    private let vectorsPerRow: Int?
    private let lanes: Int

    /// - Parameter halo: Rows and columns that a phase of the slab has beyond those of the results.
    init(
        height: Int, width: Int, rows: Int, columns: Int, halo: (y: Int, x: Int), lanes: Int
    ) {
        self.rows = rows
        self.columns = columns
        self.lanes = lanes
        slabRows = rows + halo.y
        slabColumns = columns + halo.x
        bands = (height + rows - 1) / rows
        bandColumns = (width + columns - 1) / columns
        let perRow = (columns + lanes - 1) / lanes
        let flat = ((rows - 1) * slabColumns + columns + lanes - 1) / lanes
        if flat < rows * perRow {
            vectorsPerRow = nil
            pitch = slabColumns
            starts = (0..<flat).map { Int32($0 * lanes) }
        } else {
            vectorsPerRow = perRow
            pitch = perRow * lanes
            let across = slabColumns
            starts = (0..<rows * perRow).map {
                Int32($0 / perRow * across + $0 % perRow * lanes)
            }
        }
    }

    var vectors: Int { starts.count }

    /// Floats of results per output channel.
    var resultFloats: Int { vectors * lanes }

    /// Vectors that hold the first `rows` rows, of which only `columns` results may be wanted.
    func vectors(rows: Int, columns: Int) -> Int {
        if rows == 1 { return (columns + lanes - 1) / lanes }
        if let vectorsPerRow { return rows * vectorsPerRow }
        return ((rows - 1) * slabColumns + columns + lanes - 1) / lanes
    }
}
