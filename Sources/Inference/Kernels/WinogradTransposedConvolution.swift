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
    /// Pieces of the plane, of all groups and images.
    private let parts: Int
    /// Whether the parts' points lie behind the workers' memory, for all workers to read.
    private let isShared: Bool
    private let workspacePerWorker: Int

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
        // Lines of results of the phases across, and one line of them joined.
        parts = shape.batch * shape.groups * tile.bands * tile.bandColumns
        isShared = products.isShared(parts: parts)
        workspacePerWorker =
            slabFloats + stride * products.sumFloats + stride * products.lineFloats
            + 4 * stride * kernels.roundUp(tile.columns) + (isShared ? 0 : products.pointFloats)
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
                let points = unsafe scratch + (workspacePerWorker - products.pointFloats)
                unsafe transform(
                    part(piece), channels: 0..<products.channels, input: input, slab: scratch,
                    points: points)
                for block in 0..<products.blocks {
                    for down in 0..<Self.stride {
                        unsafe multiply(
                            part(piece), block: block, down: down, points: points,
                            sums: scratch + slabFloats, output: output, addend: addend)
                    }
                }
            }
            return
        }
        let points = unsafe workspace + pool.threads * workspacePerWorker
        let channels = products.channels
        let grain = WinogradProducts.channelGrain
        pool.run(count: parts * ((channels + grain - 1) / grain)) { piece, worker in
            let first = piece / parts * grain
            unsafe transform(
                part(piece % parts), channels: first..<min(channels, first + grain), input: input,
                slab: workspace + worker * workspacePerWorker,
                points: points + piece % parts * products.pointFloats)
        }
        pool.run(count: parts * products.blocks * Self.stride) { piece, worker in
            unsafe multiply(
                part(piece % parts), block: piece / parts / Self.stride,
                down: piece / parts % Self.stride,
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
        min(products.tile.rows, (phases.size.y + 3) / 4 - part.row)
    }

    private func vectors(_ part: Part) -> Int {
        let columns = min(products.tile.columns, (phases.size.x + 3) / 4 - part.column)
        return products.tile.vectors(rows: rows(part), columns: columns)
    }

    /// Some input channels of a part to points.
    private func transform(
        _ part: Part, channels range: Range<Int>, input: UnsafePointer<Float>,
        slab: UnsafeMutablePointer<Float>, points: UnsafeMutablePointer<Float>
    ) {
        let tile = products.tile
        let channels = products.channels
        let firstChannel = part.batch * shape.inputChannels + part.group * channels
        let plane = tile.slabRows * tile.slabColumns
        let rows = rows(part)
        var window = uk_slab(
            height: geometry.height, width: geometry.width, pitch: geometry.pitch,
            top: 4 * part.row + phases.first.y,
            left: 4 * part.column + phases.first.x, rows: tile.slabRows, columns: tile.slabColumns,
            stride_y: 4, stride_x: 4, lines: 4 * rows + 2, ahead: 0)
        for channel in range {
            let source = (firstChannel + channel) * geometry.planeFloats
            window.ahead = channel + 1 < channels ? geometry.planeFloats : 0
            unsafe products.kernels.fill(&window, from: input + source, to: slab)
            unsafe products.transform(
                channel: channel, slab: slab, rowPitch: tile.slabColumns, phaseDown: 4 * plane,
                phaseAcross: plane, vectors: vectors(part), points: points)
        }
    }

    /// Points of a part to results of a block of outputs and one phase down; the lines lie behind
    /// the sums.
    private func multiply(
        _ part: Part, block: Int, down: Int, points: UnsafePointer<Float>,
        sums: UnsafeMutablePointer<Float>, output: UnsafeMutablePointer<Float>,
        addend: UnsafePointer<Float>?
    ) {
        let lines = unsafe sums + Self.stride * products.sumFloats
        let vectors = vectors(part)
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
        _ part: Part, lines: UnsafeMutablePointer<Float>, down: Int, channel: Int,
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
        for y in 0..<4 * rows(part) {
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
