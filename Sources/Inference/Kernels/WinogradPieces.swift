/// How the work of a Winograd convolution is cut into pieces.
///
/// A piece is a part of the plane. Where there are few parts, they are shared out by channels: first
/// those of the input, whose points all workers then read, then blocks of outputs. So are the last
/// ones of some, where a worker less than all would have one.
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
    private let channels: Int
    private let blocks: Int
    private let rounds: Int
    private let pointFloats: Int
    private let scratchFloats: Int

    private static let fewParts = 4
    /// From so many parts on, workers that wait for one part more wait for little.
    private static let manyParts = 24
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
        self.channels = channels
        self.rounds = rounds
        pointFloats = products.pointFloats
        self.scratchFloats = scratchFloats
    }

    /// The last parts, which are shared out by channels.
    ///
    /// Their points lie behind the workers' memory, for all workers to read.
    private func sharedParts(threads: Int) -> Int {
        if blocks == 1 { return 0 }
        return count < Self.fewParts ? count : count < Self.manyParts ? count % threads : 0
    }

    private func floatsPerWorker(shared: Int) -> Int {
        scratchFloats + (shared == count ? 0 : pointFloats)
    }

    /// Enough for any pool of so many threads or fewer: fewer may share more parts.
    func workspaceFloats(threads: Int) -> Int {
        (1...threads).reduce(0) { most, threads in
            let shared = sharedParts(threads: threads)
            return max(most, floatsPerWorker(shared: shared) * threads + shared * pointFloats)
        }
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
        let shared = sharedParts(threads: pool.threads)
        let floatsPerWorker = floatsPerWorker(shared: shared)
        let own = count - shared
        if own > 0 {
            pool.run(count: own) { piece, worker in
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
        }
        if shared == 0 { return }
        let allPoints = unsafe workspace + pool.threads * floatsPerWorker
        let grains = (channels + Self.channelGrain - 1) / Self.channelGrain
        pool.run(count: shared * grains) { piece, worker in
            let first = piece / shared * Self.channelGrain
            unsafe transform(
                part(own + piece % shared), first..<min(channels, first + Self.channelGrain),
                workspace + worker * floatsPerWorker, allPoints + piece % shared * pointFloats)
        }
        pool.run(count: shared * blocks * rounds) { piece, worker in
            unsafe multiply(
                part(own + piece % shared), piece / shared / rounds, piece / shared % rounds,
                workspace + worker * floatsPerWorker, allPoints + piece % shared * pointFloats)
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
