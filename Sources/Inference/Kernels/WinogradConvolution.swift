import CKernels

/// A 3x3 convolution of stride 1 by Winograd's F(4x4, 3x3): 36 products per 16 results instead of
/// 144, at the price of transforms and of some rounding error (about -120 dB a layer).
///
/// A piece of work transforms the windows of some tiles for all input channels, then, for a panel
/// of output channels at a time, forms the 36 matrix products and transforms back.
struct WinogradConvolution: Sendable {
    private let shape: ConvolutionShape
    private let geometry: PlaneGeometry
    private let kernels: TileKernels
    private let finish: ChannelFinish
    /// In units of windows, each of them 4x4 results.
    private let tile: TilePlan
    private let channels: Int
    private let outputs: Int
    private let offsets: [Int32]
    /// Where each vector of transformed windows starts.
    private let dense: [Int32]
    /// Group, panel, point, channel, row.
    private let weights: [Float]
    private let sizes: Sizes
    let workspacePerWorker: Int

    /// Floats of the parts of a worker's scratch memory.
    private struct Sizes {
        let slab: Int
        let points: Int
        let sums: Int
        let lines: Int
    }

    /// Whether this algorithm can compute a shape.
    static func computes(_ shape: ConvolutionShape) -> Bool {
        let geometry = PlaneGeometry(shape)
        return geometry.kernel == (3, 3) && geometry.stride == (1, 1)
            && geometry.dilation == (1, 1) && geometry.depthTaps == 1 && geometry.depth == 1
    }

    /// - Precondition: `computes(shape)`.
    init(
        shape: ConvolutionShape, weights: UnsafePointer<Float>, finish: ChannelFinish,
        kernels: TileKernels
    ) {
        self.shape = shape
        self.kernels = kernels
        self.finish = finish
        geometry = PlaneGeometry(shape)
        let channels = shape.inputChannels / shape.groups
        let outputs = shape.outputChannels / shape.groups
        (self.channels, self.outputs) = (channels, outputs)

        let lanes = kernels.lanes
        let (height, width) = ((geometry.outHeight + 3) / 4, (geometry.outWidth + 3) / 4)
        // The transformed windows of all channels should stay in L2.
        let budget = max(2, min(Self.pointBudget / (36 * channels * lanes), 6))
        let across = (width + lanes - 1) / lanes
        let parts = (across + budget - 1) / budget
        let columns = min(width, (across + parts - 1) / parts * lanes)
        var rows = max(1, min(height, budget * lanes / columns))
        while rows > 1, shape.batch * ((height + rows - 1) / rows) * parts < 8,
            rows * columns > 2 * lanes
        {
            rows -= 1
        }
        tile = TilePlan(
            height: height, width: width, rows: rows, columns: columns, halo: (1, 1),
            lanes: lanes)
        let floats = tile.resultFloats
        offsets = (0..<channels).map { Int32($0 * floats) }
        dense = (0..<tile.vectors).map { Int32($0 * lanes) }
        sizes = Sizes(
            slab: kernels.roundUp(16 * tile.slabRows * tile.slabColumns + 2 * lanes),
            points: 36 * channels * floats, sums: 36 * kernels.rows * floats, lines: 16 * floats)
        workspacePerWorker = sizes.slab + sizes.points + sizes.sums + sizes.lines

        let count = outputs * channels
        var points = [Float](repeating: 0, count: 36 * count)
        var packed: [Float] = []
        packed.reserveCapacity(36 * count * shape.groups)
        for group in 0..<shape.groups {
            for pair in 0..<count {
                unsafe points.withUnsafeMutableBufferPointer { points in
                    guard let to = points.baseAddress else { return }
                    unsafe uk_winograd_weights(
                        weights + (group * count + pair) * 9, to + pair, count)
                }
            }
            for first in stride(from: 0, to: outputs, by: kernels.rows) {
                for point in 0..<36 {
                    packed += kernels.panels(m: min(kernels.rows, outputs - first), k: channels) {
                        points[point * count + (first + $0) * channels + $1]
                    }
                }
            }
        }
        self.weights = packed
    }

    private static let pointBudget = 128 * 1024

    func run(
        input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>,
        addend: UnsafePointer<Float>?, workspace: UnsafeMutablePointer<Float>, pool: WorkerPool
    ) {
        let pieces = shape.batch * shape.groups * tile.bands * tile.bandColumns
        pool.run(count: pieces) { piece, worker in
            unsafe runPiece(
                piece, input: input, output: output, addend: addend,
                workspace: workspace + worker * workspacePerWorker)
        }
    }

    private func runPiece(
        _ piece: Int, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>,
        addend: UnsafePointer<Float>?, workspace: UnsafeMutablePointer<Float>
    ) {
        let column = piece % tile.bandColumns * tile.columns
        let row = piece / tile.bandColumns % tile.bands * tile.rows
        let image = piece / tile.bandColumns / tile.bands
        let (batch, group) = image.quotientAndRemainder(dividingBy: shape.groups)
        let rows = min(tile.rows, (geometry.outHeight + 3) / 4 - row)
        let vectors = tile.vectors(rows: rows)

        let slab = unsafe workspace
        let points = unsafe slab + sizes.slab
        let sums = unsafe points + sizes.points
        let lines = unsafe sums + sizes.sums
        let firstChannel = batch * shape.inputChannels + group * channels
        var window = uk_slab(
            height: geometry.height, width: geometry.width, top: 4 * row - geometry.pad.y,
            left: 4 * column - geometry.pad.x, rows: tile.slabRows, columns: tile.slabColumns,
            stride_y: 4, stride_x: 4)
        unsafe tile.starts.withUnsafeBufferPointer { starts in
            guard let starts = starts.baseAddress else { return }
            for channel in 0..<channels {
                let plane = (firstChannel + channel) * geometry.height * geometry.width
                unsafe kernels.fill(&window, from: input + plane, to: slab)
                unsafe kernels.winogradInput(
                    slab: slab, rows: tile.slabRows, columns: tile.slabColumns, starts: starts,
                    vectors: vectors, to: points + channel * tile.resultFloats,
                    pointPitch: channels * tile.resultFloats)
            }
        }
        for first in stride(from: 0, to: outputs, by: kernels.rows) {
            let m = min(kernels.rows, outputs - first)
            unsafe multiply(
                panel: (group * outputs + first) * 36 * channels, m: m, vectors: vectors,
                points: points, sums: sums)
            for index in 0..<m {
                unsafe kernels.winogradOutput(
                    from: sums + index * tile.resultFloats, pointPitch: m * tile.resultFloats,
                    vectors: vectors, to: lines, linePitch: 4 * tile.resultFloats)
                unsafe store(
                    lines, channel: group * outputs + first + index, batch: batch, row: row,
                    column: column, rows: rows, output: output, addend: addend)
            }
        }
    }

    /// The 36 matrix products for one panel of output channels.
    private func multiply(
        panel: Int, m: Int, vectors: Int, points: UnsafePointer<Float>,
        sums: UnsafeMutablePointer<Float>
    ) {
        unsafe weights.withUnsafeBufferPointer { weights in
            unsafe offsets.withUnsafeBufferPointer { offsets in
                unsafe dense.withUnsafeBufferPointer { starts in
                    guard let weights = weights.baseAddress, let offsets = offsets.baseAddress,
                        let starts = starts.baseAddress
                    else { return }
                    for point in 0..<36 {
                        unsafe kernels.product(
                            m: m, k: channels, vectors: vectors,
                            a: weights + panel + point * m * channels,
                            b: points + point * channels * tile.resultFloats, offsets: offsets,
                            starts: starts, c: sums + point * m * tile.resultFloats,
                            ldc: tile.resultFloats, accumulate: false)
                    }
                }
            }
        }
    }

    /// Writes the results of one output channel.
    private func store(
        _ lines: UnsafePointer<Float>, channel: Int, batch: Int, row: Int, column: Int, rows: Int,
        output: UnsafeMutablePointer<Float>, addend: UnsafePointer<Float>?
    ) {
        let at =
            (batch * shape.outputChannels + channel) * geometry.outHeight * geometry.outWidth
        var ending = unsafe finish.of(channel: channel, addend: addend.map { unsafe $0 + at })
        let count = min(4 * tile.columns, geometry.outWidth - 4 * column)
        for y in 0..<rows {
            for line in 0..<min(4, geometry.outHeight - 4 * (row + y)) {
                unsafe kernels.finish(
                    &ending, from: lines + (line * tile.resultFloats + y * tile.pitch) * 4,
                    to: output + at, count: count,
                    at: (4 * (row + y) + line) * geometry.outWidth + 4 * column)
            }
        }
    }
}
