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
    /// Pieces of the plane, of all groups and images.
    private let parts: Int
    /// Whether the parts' points lie behind the workers' memory, for all workers to read.
    private let isShared: Bool
    private let workspacePerWorker: Int

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
        parts = shape.batch * shape.groups * tile.bands * tile.bandColumns
        isShared = products.isShared(parts: parts)
        workspacePerWorker =
            slabFloats + products.sumFloats + products.lineFloats
            + (isShared ? 0 : products.pointFloats)
    }

    func workspaceFloats(threads: Int) -> Int {
        workspacePerWorker * threads + (isShared ? parts * products.pointFloats : 0)
    }

    func run(
        input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>,
        addend: UnsafePointer<Float>?, workspace: UnsafeMutablePointer<Float>, pool: WorkerPool
    ) {
        guard isShared else {
            pool.run(count: parts) { piece, worker in
                let scratch = unsafe workspace + worker * workspacePerWorker
                let points =
                    unsafe scratch + slabFloats + products.sumFloats + products.lineFloats
                unsafe transform(
                    part(piece), channels: 0..<shape.inputChannels / shape.groups, input: input,
                    slab: scratch, points: points)
                for block in 0..<products.blocks {
                    unsafe multiply(
                        part(piece), block: block, points: points, sums: scratch + slabFloats,
                        output: output, addend: addend)
                }
            }
            return
        }
        let points = unsafe workspace + pool.threads * workspacePerWorker
        let channels = shape.inputChannels / shape.groups
        let grain = WinogradProducts.channelGrain
        pool.run(count: parts * ((channels + grain - 1) / grain)) { piece, worker in
            let first = piece / parts * grain
            unsafe transform(
                part(piece % parts), channels: first..<min(channels, first + grain), input: input,
                slab: workspace + worker * workspacePerWorker,
                points: points + piece % parts * products.pointFloats)
        }
        pool.run(count: parts * products.blocks) { piece, worker in
            unsafe multiply(
                part(piece % parts), block: piece / parts,
                points: points + piece % parts * products.pointFloats,
                sums: workspace + worker * workspacePerWorker + slabFloats, output: output,
                addend: addend)
        }
    }

    private func part(_ index: Int) -> Part {
        let tile = products.tile
        let image = index / tile.bandColumns / tile.bands
        return Part(
            batch: image / shape.groups, group: image % shape.groups,
            row: index / tile.bandColumns % tile.bands * tile.rows,
            column: index % tile.bandColumns * tile.columns)
    }

    /// A piece of the plane.
    private struct Part {
        let batch: Int
        let group: Int
        let row: Int
        let column: Int
    }

    private func rows(_ part: Part) -> Int {
        min(products.tile.rows, (geometry.outHeight + 3) / 4 - part.row)
    }

    private func vectors(_ part: Part) -> Int {
        let columns = min(products.tile.columns, (geometry.outWidth + 3) / 4 - part.column)
        return products.tile.vectors(rows: rows(part), columns: columns)
    }

    /// Some input channels of a part to points.
    private func transform(
        _ part: Part, channels range: Range<Int>, input: UnsafePointer<Float>,
        slab: UnsafeMutablePointer<Float>, points: UnsafeMutablePointer<Float>
    ) {
        let tile = products.tile
        let stride = geometry.stride.y
        let channels = shape.inputChannels / shape.groups
        let firstChannel = part.batch * shape.inputChannels + part.group * channels
        let plane = tile.slabRows * tile.slabColumns
        let rows = rows(part)
        var window = uk_slab(
            height: geometry.height, width: geometry.width, pitch: geometry.pitch,
            top: 4 * stride * part.row - geometry.pad.y,
            left: 4 * stride * part.column - geometry.pad.x, rows: tile.slabRows,
            columns: tile.slabColumns, stride_y: 4 * stride, stride_x: 4 * stride,
            lines: stride * (4 * rows + 2), ahead: 0)
        for channel in range {
            let source = (firstChannel + channel) * geometry.planeFloats
            window.ahead = channel + 1 < channels ? geometry.planeFloats : 0
            unsafe products.kernels.fill(&window, from: input + source, to: slab)
            for (index, phase) in phases.enumerated() {
                unsafe products.transform(
                    channel: index * channels + channel,
                    slab: slab + (phase.y * 4 * stride + phase.x) * plane,
                    rowPitch: tile.slabColumns, phaseDown: stride * 4 * stride * plane,
                    phaseAcross: stride * plane, vectors: vectors(part), points: points)
            }
        }
    }

    /// Points of a part to results of a block of outputs; the lines lie behind the sums.
    private func multiply(
        _ part: Part, block: Int, points: UnsafePointer<Float>,
        sums: UnsafeMutablePointer<Float>, output: UnsafeMutablePointer<Float>,
        addend: UnsafePointer<Float>?
    ) {
        let tile = products.tile
        let lines = unsafe sums + products.sumFloats
        let rows = rows(part)
        let vectors = vectors(part)
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
