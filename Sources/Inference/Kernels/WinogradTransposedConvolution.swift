import CKernels

/// A transposed convolution of stride 2 by Winograd's F(4x4, 3x3).
///
/// Results of one phase, their position modulo 2, are a plain convolution of stride 1 with at most
/// 3x3 taps. All four phases see the same input, so its windows are transformed once for all.
struct WinogradTransposedConvolution: Sendable {
    private let shape: TransposedConvolutionShape
    private let geometry: PlaneGeometry
    private let finish: ChannelFinish
    private let products: WinogradProducts
    private let phases: TransposedPhases
    private let slabFloats: Int
    private let pieces: WinogradPieces

    private static let stride = 2

    /// Whether this algorithm can compute a shape.
    static func computes(_ shape: TransposedConvolutionShape) -> Bool {
        let geometry = PlaneGeometry(shape)
        guard geometry.dilation == (1, 1), geometry.depthTaps == 1, geometry.depth == 1,
            geometry.outDepth == 1, geometry.stride == (stride, stride)
        else { return false }
        // Fewer taps gain nothing; more, or an odd padding of six, don't fit a 3x3 kernel.
        let kernel = geometry.kernel
        return kernel.y >= 4 && kernel.x >= 4 && TransposedPhases(geometry).halo == (2, 2)
    }

    /// - Precondition: `computes(shape)`.
    init(
        shape: TransposedConvolutionShape, weights: UnsafePointer<Float>, finish: ChannelFinish,
        kernels: TileKernels
    ) {
        self.shape = shape
        self.finish = finish
        let geometry = PlaneGeometry(shape)
        self.geometry = geometry
        let stride = Self.stride
        let phases = TransposedPhases(geometry)
        self.phases = phases
        let channels = shape.inputChannels / shape.groups
        let outputs = shape.outputChannels / shape.groups
        let tile = WinogradProducts.tile(
            height: phases.size.y, width: phases.size.x, channels: channels,
            others: shape.batch * shape.groups,
            kernels: kernels)
        products = WinogradProducts(
            tile: tile, groups: shape.groups, phases: 1, channels: channels,
            sets: stride * stride, outputs: outputs, kernels: kernels
        ) { group, set, output, _, channel in
            let row = (group * channels + channel) * outputs + output
            let kernel = row * geometry.kernel.y * geometry.kernel.x
            var taps = [Float](repeating: 0, count: 9)
            for tap in phases.taps[set] {
                unsafe taps[3 * tap.at.y + tap.at.x] = weights[kernel + tap.index]
            }
            return taps
        }
        slabFloats = kernels.roundUp(16 * tile.slabRows * tile.slabColumns + 2 * kernels.lanes)
        // Sums and lines of results of the phases across, and one line of them joined.
        let scratchFloats =
            slabFloats + stride * products.sumFloats + stride * products.lineFloats
            + 4 * stride * kernels.roundUp(tile.columns)
        pieces = WinogradPieces(
            products, batch: shape.batch, groups: shape.groups, height: phases.size.y,
            width: phases.size.x, channels: channels, rounds: stride, scratchFloats: scratchFloats)
    }

    func workspaceFloats(threads: Int) -> Int { pieces.workspaceFloats(threads: threads) }

    func run(
        input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>,
        addend: UnsafePointer<Float>?, workspace: UnsafeMutablePointer<Float>, pool: WorkerPool
    ) {
        unsafe pieces.run(workspace: workspace, pool: pool) { part, channels, scratch, points in
            unsafe transform(
                part, channels: channels, input: input, slab: scratch, points: points)
        } multiply: { part, block, down, scratch, points in
            unsafe multiply(
                part, block: block, down: down, points: points, sums: scratch + slabFloats,
                output: output, addend: addend)
        }
    }

    /// Some input channels of a part to points.
    private func transform(
        _ part: WinogradPieces.Part, channels range: Range<Int>, input: UnsafePointer<Float>,
        slab: UnsafeMutablePointer<Float>, points: UnsafeMutablePointer<Float>
    ) {
        let tile = products.tile
        let channels = products.channels
        let firstChannel = part.batch * shape.inputChannels + part.group * channels
        let plane = tile.slabRows * tile.slabColumns
        var window = uk_slab(
            height: geometry.height, width: geometry.width, pitch: geometry.pitch,
            top: 4 * part.row + phases.first.y,
            left: 4 * part.column + phases.first.x, rows: tile.slabRows, columns: tile.slabColumns,
            stride_y: 4, stride_x: 4, lines: 4 * part.rows + 2, ahead: 0)
        for channel in range {
            let source = (firstChannel + channel) * geometry.planeFloats
            window.ahead = channel + 1 < channels ? geometry.planeFloats : 0
            unsafe products.kernels.fill(&window, from: input + source, to: slab)
            unsafe products.transform(
                channel: channel, slab: slab, rowPitch: tile.slabColumns, phaseDown: 4 * plane,
                phaseAcross: plane, vectors: part.vectors, points: points)
        }
    }

    /// Points of a part to results of a block of outputs and one phase down; the lines lie behind
    /// the sums.
    private func multiply(
        _ part: WinogradPieces.Part, block: Int, down: Int, points: UnsafePointer<Float>,
        sums: UnsafeMutablePointer<Float>, output: UnsafeMutablePointer<Float>,
        addend: UnsafePointer<Float>?
    ) {
        let lines = unsafe sums + Self.stride * products.sumFloats
        let vectors = part.vectors
        let first = block * products.block
        let m = min(products.block, products.outputs - first)
        for across in 0..<Self.stride {
            let set = (part.group * Self.stride + down) * Self.stride + across
            unsafe products.multiply(
                block: set * products.blocks + block, outputs: m, vectors: vectors,
                points: points, sums: sums + across * products.sumFloats)
        }
        for index in 0..<m {
            for across in 0..<Self.stride {
                unsafe products.results(
                    output: index, vectors: vectors, sums: sums + across * products.sumFloats,
                    lines: lines + across * products.lineFloats)
            }
            unsafe store(
                part, lines: lines, down: down,
                channel: part.group * products.outputs + first + index, output: output,
                addend: addend)
        }
    }

    /// Joins the phases across of one output channel and phase down, and writes them.
    private func store(
        _ part: WinogradPieces.Part, lines: UnsafeMutablePointer<Float>, down: Int, channel: Int,
        output: UnsafeMutablePointer<Float>, addend: UnsafePointer<Float>?
    ) {
        let tile = products.tile
        let stride = Self.stride
        let line = unsafe lines + stride * products.lineFloats
        let at =
            (part.batch * shape.outputChannels + channel) * geometry.outHeight * geometry.outWidth
        var ending = unsafe finish.of(channel: channel, addend: addend.map { unsafe $0 + at })
        let left = 4 * part.column * stride
        let count = min(4 * stride * tile.columns, geometry.outWidth - left)
        for y in 0..<4 * part.rows {
            let row = (4 * part.row + y) * stride + down
            guard row < geometry.outHeight else { break }
            unsafe products.kernels.join(
                lines + (y % 4 * tile.resultFloats + y / 4 * tile.pitch) * 4,
                pitch: products.lineFloats, phases: stride, to: line, count: 4 * tile.columns)
            unsafe products.kernels.finish(
                &ending, from: line, to: output + at, count: count,
                at: row * geometry.outWidth + left)
        }
    }
}
