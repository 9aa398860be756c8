import CKernels

/// A convolution by Winograd's F(4x4, 3x3): 36 products per 16 results of a 3x3 kernel instead of
/// 144, at the price of transforms and of some rounding error (about -120 dB a layer).
///
/// A kernel of stride 2 is a sum over the four phases of the input of kernels half as large; so 4x4
/// to 6x6 kernels of stride 2 work too, with at most 144 products per 16 results instead of up
/// to 576.
struct WinogradConvolution: Sendable {
    private let shape: ConvolutionShape
    private let geometry: PlaneGeometry
    private let finish: ChannelFinish
    private let products: WinogradProducts
    private let phases: [Phase]
    private let slabFloats: Int
    private let pieces: WinogradPieces

    /// Rows and columns of the input whose position modulo the stride is this.
    private struct Phase {
        let y: Int
        let x: Int
    }

    /// Whether this algorithm can compute a shape.
    static func computes(_ shape: ConvolutionShape) -> Bool {
        let geometry = PlaneGeometry(shape)
        let (kernel, stride) = (geometry.kernel, geometry.stride)
        guard geometry.dilation == (1, 1), geometry.depthTaps == 1, geometry.depth == 1,
            geometry.outDepth == 1, stride.y == stride.x, shape.interleave == 1
        else { return false }
        switch stride.y {
        case 1: return kernel == (3, 3)
        case 2: return (4...6).contains(kernel.y) && (4...6).contains(kernel.x)
        default: return false
        }
    }

    /// - Precondition: `computes(shape)`.
    init(
        shape: ConvolutionShape, weights: UnsafePointer<Float>, finish: ChannelFinish,
        kernels: TileKernels
    ) {
        self.shape = shape
        self.finish = finish
        let geometry = PlaneGeometry(shape)
        self.geometry = geometry
        let stride = geometry.stride.y
        // In this order the phases that have a third tap down, or across, are neighbours.
        let order: [Phase] = [
            Phase(y: 0, x: 1), Phase(y: 0, x: 0), Phase(y: 1, x: 0), Phase(y: 1, x: 1),
        ]
        let phases = order.filter { $0.y < stride && $0.x < stride }
        self.phases = phases
        let channels = shape.inputChannels / shape.groups
        let outputs = shape.outputChannels / shape.groups
        let tile = WinogradProducts.tile(
            height: geometry.outHeight, width: geometry.outWidth,
            channels: phases.count * channels, others: shape.batch * shape.groups, kernels: kernels)
        products = WinogradProducts(
            tile: tile, groups: shape.groups, phases: phases.count, channels: channels, sets: 1,
            outputs: outputs, kernels: kernels
        ) { group, _, output, phase, channel in
            let row = (group * outputs + output) * channels + channel
            let size = geometry.kernel
            var taps = [Float](repeating: 0, count: 9)
            for y in 0..<3 where phases[phase].y + stride * y < size.y {
                for x in 0..<3 where phases[phase].x + stride * x < size.x {
                    let at = (phases[phase].y + stride * y) * size.x + phases[phase].x + stride * x
                    unsafe taps[3 * y + x] = weights[row * size.y * size.x + at]
                }
            }
            return taps
        }
        slabFloats = kernels.roundUp(
            16 * stride * stride * tile.slabRows * tile.slabColumns + 2 * kernels.lanes)
        pieces = WinogradPieces(
            products, batch: shape.batch, groups: shape.groups, height: geometry.outHeight,
            width: geometry.outWidth, channels: channels, rounds: 1,
            scratchFloats: slabFloats + products.sumFloats + products.lineFloats)
    }

    func workspaceFloats(threads: Int) -> Int { pieces.workspaceFloats(threads: threads) }

    func run(
        input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>,
        addend: UnsafePointer<Float>?, workspace: UnsafeMutablePointer<Float>, pool: WorkerPool
    ) {
        unsafe pieces.run(workspace: workspace, pool: pool) { part, channels, scratch, points in
            unsafe transform(
                part, channels: channels, input: input, slab: scratch, points: points)
        } multiply: { part, block, _, scratch, points in
            unsafe multiply(
                part, block: block, points: points, sums: scratch + slabFloats, output: output,
                addend: addend)
        }
    }

    /// Some input channels of a part to points.
    private func transform(
        _ part: WinogradPieces.Part, channels range: Range<Int>, input: UnsafePointer<Float>,
        slab: UnsafeMutablePointer<Float>, points: UnsafeMutablePointer<Float>
    ) {
        let tile = products.tile
        let stride = geometry.stride.y
        let channels = shape.inputChannels / shape.groups
        let firstChannel = part.batch * shape.inputChannels + part.group * channels
        let plane = tile.slabRows * tile.slabColumns
        var window = uk_slab(
            height: geometry.height, width: geometry.width, pitch: geometry.pitch,
            top: 4 * stride * part.row - geometry.pad.y,
            left: 4 * stride * part.column - geometry.pad.x, rows: tile.slabRows,
            columns: tile.slabColumns, stride_y: 4 * stride, stride_x: 4 * stride,
            lines: stride * (4 * part.rows + 2), ahead: 0)
        for channel in range {
            let source = (firstChannel + channel) * geometry.planeFloats
            window.ahead = channel + 1 < channels ? geometry.planeFloats : 0
            unsafe products.kernels.fill(&window, from: input + source, to: slab)
            for (index, phase) in phases.enumerated() {
                unsafe products.transform(
                    channel: index * channels + channel,
                    slab: slab + (phase.y * 4 * stride + phase.x) * plane,
                    rowPitch: tile.slabColumns, phaseDown: stride * 4 * stride * plane,
                    phaseAcross: stride * plane, vectors: part.vectors, points: points)
            }
        }
    }

    /// Points of a part to results of a block of outputs; the lines lie behind the sums.
    private func multiply(
        _ part: WinogradPieces.Part, block: Int, points: UnsafePointer<Float>,
        sums: UnsafeMutablePointer<Float>, output: UnsafeMutablePointer<Float>,
        addend: UnsafePointer<Float>?
    ) {
        let tile = products.tile
        let lines = unsafe sums + products.sumFloats
        let (rows, vectors) = (part.rows, part.vectors)
        let count = min(4 * tile.columns, geometry.outWidth - 4 * part.column)
        let first = block * products.block
        let m = min(products.block, products.outputs - first)
        unsafe products.multiply(
            block: part.group * products.blocks + block, outputs: m, vectors: vectors,
            points: points, sums: sums)
        let top = 4 * part.row * geometry.outPitch + 4 * part.column
        let height = min(4 * rows, geometry.outHeight - 4 * part.row)
        for index in 0..<m {
            unsafe products.results(output: index, vectors: vectors, sums: sums, lines: lines)
            let channel = part.group * products.outputs + first + index
            let at = (part.batch * shape.outputChannels + channel) * geometry.outPlaneFloats
            var ending = unsafe finish.of(
                channel: channel, addend: addend.map { unsafe $0 + at })
            if index + 1 < m {
                unsafe ChannelFinish.fetch(
                    addend.map { unsafe $0 + at + geometry.outPlaneFloats + top }, rows: height,
                    pitch: geometry.outPitch, count: count)
            }
            for y in 0..<rows {
                for line in 0..<min(4, geometry.outHeight - 4 * (part.row + y)) {
                    let row = 4 * (part.row + y) + line
                    unsafe products.kernels.finish(
                        &ending, from: lines + (line * tile.resultFloats + y * tile.pitch) * 4,
                        to: output + at, count: count,
                        at: row * geometry.outPitch + 4 * part.column)
                }
            }
        }
    }
}
