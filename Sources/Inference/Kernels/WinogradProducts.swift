import CKernels

/// The part that all Winograd convolutions share: windows of the input become 36 points each,
/// points of all channels are summed up by 36 matrix products, and sums become 4x4 results.
///
/// Channels come in phases, kernels in sets: a kernel of stride 2 is a sum over four phases of the
/// input, a transposed one of stride 2 has a set of outputs per phase of the output. All are 3x3
/// kernels of stride 1 then, some with zeros, and products with zeros are left out.
struct WinogradProducts: Sendable {
    /// Where the factors of one set of outputs at one point lie, and which channels they take.
    private struct Cell {
        let weights: Int
        let first: Int
        let count: Int
    }

    let kernels: TileKernels
    /// In units of windows, each of them 4x4 results.
    let tile: TilePlan
    /// Input channels, all phases.
    let channels: Int
    /// Output channels in a block, and in all of a group.
    let block: Int
    let outputs: Int
    /// Floats from one point of the input to the next, and of the sums.
    ///
    /// Not a multiple of a page, or all points would fall into the same lines of the cache.
    let pointPitch: Int
    let sumPitch: Int
    private let cells: [Cell]
    private let weights: [Float]
    private let offsets: [Int32]
    private let starts: [Int32]

    /// - Parameters:
    ///   - phases: Phases of the input; they may have zero kernels.
    ///   - sets: Sets of outputs.
    ///   - kernel: The 3x3 kernel, rows first, of a group, set, output, phase and channel.
    init(
        tile: TilePlan, groups: Int, phases: Int, channels: Int, sets: Int, outputs: Int,
        kernels: TileKernels,
        kernel: (_ group: Int, _ set: Int, _ output: Int, _ phase: Int, _ channel: Int) -> [Float]
    ) {
        self.kernels = kernels
        self.tile = tile
        self.channels = phases * channels
        self.outputs = outputs
        let lanes = kernels.lanes
        let floats = tile.resultFloats
        let most = max(1, Self.sumBudget / (36 * floats * kernels.rows)) * kernels.rows
        let parts = (outputs + most - 1) / most
        let even = ((outputs + parts - 1) / parts + kernels.rows - 1) / kernels.rows * kernels.rows
        let block = min(outputs, even)
        self.block = block
        pointPitch = self.channels * floats + lanes
        sumPitch = block * floats + lanes
        offsets = (0..<self.channels).map { Int32($0 * floats) }
        starts = (0..<tile.vectors).map { Int32($0 * lanes) }

        var cells: [Cell] = []
        var packed: [Float] = []
        let all = phases * channels
        for group in 0..<groups {
            for set in 0..<sets {
                for first in stride(from: 0, to: outputs, by: block) {
                    let m = min(block, outputs - first)
                    var points = [Float](repeating: 0, count: 36 * m * all)
                    for output in 0..<m {
                        for phase in 0..<phases {
                            for channel in 0..<channels {
                                let taps = kernel(group, set, first + output, phase, channel)
                                let at = output * all + phase * channels + channel
                                Self.transform(taps, to: &points, at: at, pitch: m * all)
                            }
                        }
                    }
                    for point in 0..<36 {
                        let used = (0..<phases).filter { phase in
                            (0..<m).contains { output in
                                let at = (point * m + output) * all + phase * channels
                                return points[at..<at + channels].contains { $0 != 0 }
                            }
                        }
                        let from = (used.first ?? 0) * channels
                        let count = used.isEmpty ? 0 : ((used.last ?? 0) + 1) * channels - from
                        cells.append(Cell(weights: packed.count, first: from, count: count))
                        packed += kernels.panels(m: m, k: count) {
                            points[(point * m + $0) * all + from + $1]
                        }
                    }
                }
            }
        }
        self.cells = cells
        weights = packed
    }

    private static func transform(
        _ taps: [Float], to points: inout [Float], at: Int, pitch: Int
    ) {
        unsafe points.withUnsafeMutableBufferPointer { points in
            unsafe taps.withUnsafeBufferPointer { taps in
                guard let points = points.baseAddress, let taps = taps.baseAddress else { return }
                unsafe uk_winograd_weights(taps, points + at, pitch)
            }
        }
    }

    private static let sumBudget = 32 * 1024

    var blocks: Int { (outputs + block - 1) / block }
    /// Floats of scratch memory: points of the input, sums, and lines of results.
    var pointFloats: Int { 36 * pointPitch }
    var sumFloats: Int { 36 * sumPitch }
    var lineFloats: Int { 16 * tile.resultFloats }

    /// Windows of one channel, in phases of stride 4, to points.
    func transform(
        channel: Int, slab: UnsafePointer<Float>, rowPitch: Int, phaseDown: Int, phaseAcross: Int,
        vectors: Int, points: UnsafeMutablePointer<Float>
    ) {
        unsafe tile.starts.withUnsafeBufferPointer { starts in
            guard let starts = starts.baseAddress else { return }
            unsafe kernels.winogradInput(
                slab: slab, rowPitch: rowPitch, phaseDown: phaseDown, phaseAcross: phaseAcross,
                starts: starts, vectors: vectors, to: points + channel * tile.resultFloats,
                pointPitch: pointPitch)
        }
    }

    /// The 36 matrix products of a block of outputs; `index` counts groups, sets and blocks.
    func multiply(
        block index: Int, outputs m: Int, vectors: Int, points: UnsafePointer<Float>,
        sums: UnsafeMutablePointer<Float>
    ) {
        unsafe weights.withUnsafeBufferPointer { weights in
            unsafe offsets.withUnsafeBufferPointer { offsets in
                unsafe starts.withUnsafeBufferPointer { starts in
                    guard let weights = weights.baseAddress, let offsets = offsets.baseAddress,
                        let starts = starts.baseAddress
                    else { return }
                    for point in 0..<36 {
                        let cell = cells[index * 36 + point]
                        unsafe kernels.product(
                            m: m, k: cell.count, vectors: vectors, a: weights + cell.weights,
                            b: points + point * pointPitch, offsets: offsets + cell.first,
                            starts: starts, c: sums + point * sumPitch, ldc: tile.resultFloats,
                            accumulate: false)
                    }
                }
            }
        }
    }

    /// Sums of one output of the block to lines of results: line `y` of the windows' four begins
    /// at `y * 4 * tile.resultFloats`.
    func results(
        output: Int, vectors: Int, sums: UnsafePointer<Float>, lines: UnsafeMutablePointer<Float>
    ) {
        unsafe kernels.winogradOutput(
            from: sums + output * tile.resultFloats, pointPitch: sumPitch, vectors: vectors,
            to: lines, linePitch: 4 * tile.resultFloats)
    }

    /// Tiles of windows for a plane of results.
    ///
    /// - Parameters:
    ///   - channels: Input channels, all phases: their points should stay in L2.
    ///   - others: Pieces of work that batch and groups make.
    static func tile(
        height: Int, width: Int, channels: Int, others: Int, kernels: TileKernels
    ) -> TilePlan {
        let lanes = kernels.lanes
        let (height, width) = ((height + 3) / 4, (width + 3) / 4)
        let budget = max(2, min(pointBudget / (36 * channels * lanes), 96 / lanes))
        let across = (width + lanes - 1) / lanes
        let parts = (across + budget - 1) / budget
        let columns = min(width, (across + parts - 1) / parts * lanes)
        var rows = max(1, min(height, budget * lanes / columns))
        while rows > 1, others * ((height + rows - 1) / rows) * parts < 8,
            rows * columns > 2 * lanes
        {
            rows -= 1
        }
        return TilePlan(
            height: height, width: width, rows: rows, columns: columns, halo: (1, 1), lanes: lanes)
    }

    private static let pointBudget = 112 * 1024
}
