/// How the work of a Winograd convolution is cut into pieces.
///
/// A piece is a part of the plane. Where there are few parts, they are shared out by channels: first
/// those of the input, whose points all workers then read, then blocks of outputs.
struct WinogradPieces: Sendable {
    /// A part of the plane of one image and group; rows, columns and vectors are of windows.
    struct Part {
        let batch: Int
        let group: Int
        let row: Int
        let column: Int
        let rows: Int
        let vectors: Int
    }

    private let tile: TilePlan
    private let groups: Int
    /// Windows of the plane.
    private let height: Int
    private let width: Int
    /// Parts, of all groups and images.
    private let count: Int
    /// Whether the parts' points lie behind the workers' memory, for all workers to read.
    private let isShared: Bool
    private let channels: Int
    private let blocks: Int
    private let rounds: Int
    private let pointFloats: Int
    private let scratchFloats: Int

    private static let fewParts = 4
    /// Channels of the input in a piece of work.
    private static let channelGrain = 16

    /// - Parameters:
    ///   - height: Rows of results, of one set of outputs.
    ///   - width: Results in a row.
    ///   - channels: Input channels of a group.
    ///   - rounds: Pieces of work that a block of outputs is.
    ///   - scratchFloats: Memory that a worker needs besides the points.
    init(
        _ products: WinogradProducts, batch: Int, groups: Int, height: Int, width: Int,
        channels: Int, rounds: Int, scratchFloats: Int
    ) {
        tile = products.tile
        self.groups = groups
        self.height = (height + 3) / 4
        self.width = (width + 3) / 4
        count = batch * groups * tile.bands * tile.bandColumns
        blocks = products.blocks
        isShared = count < Self.fewParts && blocks > 1
        self.channels = channels
        self.rounds = rounds
        pointFloats = products.pointFloats
        self.scratchFloats = scratchFloats
    }

    private var floatsPerWorker: Int { scratchFloats + (isShared ? 0 : pointFloats) }

    func workspaceFloats(threads: Int) -> Int {
        floatsPerWorker * threads + (isShared ? count * pointFloats : 0)
    }

    /// Does all the work.
    ///
    /// - Parameters:
    ///   - transform: makes some input channels of a part to points.
    ///   - multiply: makes points of a part to results of one round of a block of outputs.
    func run(
        workspace: UnsafeMutablePointer<Float>, pool: WorkerPool,
        transform: (
            _ part: Part, _ channels: Range<Int>, _ scratch: UnsafeMutablePointer<Float>,
            _ points: UnsafeMutablePointer<Float>
        ) -> Void,
        multiply: (
            _ part: Part, _ block: Int, _ round: Int, _ scratch: UnsafeMutablePointer<Float>,
            _ points: UnsafePointer<Float>
        ) -> Void
    ) {
        guard isShared else {
            pool.run(count: count) { piece, worker in
                let scratch = unsafe workspace + worker * floatsPerWorker
                let whole = part(piece)
                let points = unsafe scratch + scratchFloats
                unsafe transform(whole, 0..<channels, scratch, points)
                for block in 0..<blocks {
                    for round in 0..<rounds {
                        unsafe multiply(whole, block, round, scratch, points)
                    }
                }
            }
            return
        }
        let allPoints = unsafe workspace + pool.threads * floatsPerWorker
        let grains = (channels + Self.channelGrain - 1) / Self.channelGrain
        pool.run(count: count * grains) { piece, worker in
            let first = piece / count * Self.channelGrain
            unsafe transform(
                part(piece % count), first..<min(channels, first + Self.channelGrain),
                workspace + worker * floatsPerWorker, allPoints + piece % count * pointFloats)
        }
        pool.run(count: count * blocks * rounds) { piece, worker in
            unsafe multiply(
                part(piece % count), piece / count / rounds, piece / count % rounds,
                workspace + worker * floatsPerWorker, allPoints + piece % count * pointFloats)
        }
    }

    private func part(_ index: Int) -> Part {
        let image = index / tile.bandColumns / tile.bands
        let row = index / tile.bandColumns % tile.bands * tile.rows
        let column = index % tile.bandColumns * tile.columns
        let rows = min(tile.rows, height - row)
        return Part(
            batch: image / groups, group: image % groups, row: row, column: column, rows: rows,
            vectors: tile.vectors(rows: rows, columns: min(tile.columns, width - column)))
    }
}
