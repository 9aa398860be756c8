import CKernels

/// A transposed convolution as matrix products over tiles of the plane.
///
/// Results of the same phase, their position modulo the stride, are a plain convolution of stride 1
/// with the taps of that phase. So each tile copies its input into a slab once, forms a product per
/// phase, and joins the phases on the way to the output.
struct TiledTransposedConvolution: Sendable {
    private let shape: TransposedConvolutionShape
    private let geometry: PlaneGeometry
    private let kernels: TileKernels
    private let finish: ChannelFinish
    private let phases: TransposedPhases
    /// In units of positions that share all phases.
    private let tile: TilePlan
    private let channels: Int
    private let channelBlock: Int
    private let outputs: Int
    private let outputBlock: Int
    private let slabFloats: Int
    private let sets: [TransposedPhases.Set]
    private let offsets: [[Int32]]
    /// Group, block of channels, set, panel, (channel, place), row.
    private let weights: [Float]
    private let slabRoom: Int
    let workspacePerWorker: Int

    init(
        shape: TransposedConvolutionShape, weights: UnsafePointer<Float>, finish: ChannelFinish,
        kernels: TileKernels
    ) {
        self.shape = shape
        self.kernels = kernels
        self.finish = finish
        let geometry = PlaneGeometry(shape)
        let phases = TransposedPhases(geometry)
        (self.geometry, self.phases) = (geometry, phases)
        let stride = geometry.stride
        let channels = shape.inputChannels / shape.groups * geometry.depthTaps
        let outputs = shape.outputChannels / shape.groups
        (self.channels, self.outputs) = (channels, outputs)
        let choice = TileChoice(
            height: phases.size.y, width: phases.size.x, halo: phases.halo, phases: 1,
            channels: channels,
            outputs: outputs, resultSets: phases.count,
            others: shape.batch * geometry.outDepth * shape.groups, kernels: kernels)
        let tile = choice.tile
        self.tile = tile
        (channelBlock, outputBlock) = (choice.channelBlock, choice.outputBlock)
        let slabFloats = tile.slabRows * tile.slabColumns
        self.slabFloats = slabFloats
        let sets = phases.sets(outputs: outputs)
        self.sets = sets
        offsets = sets.map { set in
            (0..<choice.channelBlock).flatMap { channel in
                set.places.map { Int32(channel * slabFloats + $0.y * tile.slabColumns + $0.x) }
            }
        }
        self.weights = unsafe phases.pack(
            sets, weights, shape: shape, channelBlock: choice.channelBlock, kernels: kernels)
        slabRoom = kernels.roundUp(channelBlock * slabFloats + 2 * kernels.lanes)
        workspacePerWorker =
            slabRoom + phases.count * outputBlock * tile.resultFloats
            + kernels.roundUp(stride.x * (tile.columns + kernels.lanes))
    }

    func run(
        input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>,
        addend: UnsafePointer<Float>?, workspace: UnsafeMutablePointer<Float>, pool: WorkerPool
    ) {
        let pieces = TilePieces(
            tile: tile, batch: shape.batch, depth: geometry.outDepth, groups: shape.groups,
            outputs: outputs, outputBlock: outputBlock)
        pool.run(count: pieces.count) { index, worker in
            let (piece, scratch) = unsafe (pieces[index], workspace + worker * workspacePerWorker)
            unsafe multiply(piece, input: input, workspace: scratch)
            unsafe store(piece, output: output, addend: addend, workspace: scratch)
        }
    }

    private func multiply(
        _ piece: TilePieces.Piece, input: UnsafePointer<Float>,
        workspace: UnsafeMutablePointer<Float>
    ) {
        let sums = unsafe workspace + slabRoom
        let perPhase = outputBlock * tile.resultFloats
        let firstPlane =
            piece.batch * shape.inputChannels + piece.group * (channels / geometry.depthTaps)
        var slab = uk_slab(
            height: geometry.height, width: geometry.width, pitch: geometry.pitch,
            top: piece.row + phases.first.y,
            left: piece.column + phases.first.x, rows: tile.slabRows,
            columns: tile.slabColumns, stride_y: 1, stride_x: 1,
            lines: tile.slabRows, ahead: 0)
        for first in stride(from: 0, to: channels, by: channelBlock) {
            let block = min(channelBlock, channels - first)
            for channel in first..<first + block {
                let (real, tap) = channel.quotientAndRemainder(dividingBy: geometry.depthTaps)
                let source = geometry.source(plane: piece.depth, tap: tap).map {
                    ((firstPlane + real) * geometry.depth + $0) * geometry.planeFloats
                }
                let more = channel + 1 < channels && geometry.depthTaps == 1
                slab.ahead = more ? geometry.depth * geometry.planeFloats : 0
                unsafe kernels.fill(
                    &slab, from: source.map { unsafe input + $0 },
                    to: workspace + (channel - first) * slabFloats)
            }
            let factors = sets.reduce(0) { $0 + $1.phases.count * $1.places.count }
            var panels = (piece.group * channels + first) * outputs * factors
            for (index, set) in sets.enumerated() {
                let k = block * set.places.count
                unsafe weights.withUnsafeBufferPointer { weights in
                    unsafe offsets[index].withUnsafeBufferPointer { offsets in
                        unsafe tile.starts.withUnsafeBufferPointer { starts in
                            guard let weights = weights.baseAddress,
                                let starts = starts.baseAddress
                            else { return }
                            // A phase without taps has no offsets, and its sums are zero. Where
                            // phases are joined, there is one block of outputs.
                            unsafe kernels.product(
                                m: piece.outputs * set.phases.count, k: k, vectors: tile.vectors,
                                a: weights + panels + piece.firstOutput * k, b: workspace,
                                offsets: offsets.baseAddress ?? starts, starts: starts,
                                c: sums + set.phases.lowerBound * perPhase, ldc: tile.resultFloats,
                                accumulate: first > 0)
                        }
                    }
                }
                panels += k * outputs * set.phases.count
            }
        }
    }

    private func store(
        _ piece: TilePieces.Piece, output: UnsafeMutablePointer<Float>,
        addend: UnsafePointer<Float>?,
        workspace: UnsafeMutablePointer<Float>
    ) {
        let perPhase = outputBlock * tile.resultFloats
        let sums = unsafe workspace + slabRoom
        let line = unsafe sums + phases.count * perPhase
        let plane = geometry.outHeight * geometry.outWidth
        let (down, across) = (geometry.stride.y, geometry.stride.x)
        let left = piece.column * across
        let count = min(tile.columns * across, geometry.outWidth - left)
        for index in 0..<piece.outputs {
            let channel = piece.group * outputs + piece.firstOutput + index
            let image = (piece.batch * shape.outputChannels + channel) * geometry.outDepth
            let at = (image + piece.depth) * plane
            var ending = unsafe finish.of(channel: channel, addend: addend.map { unsafe $0 + at })
            if index + 1 < piece.outputs {
                let next = at + geometry.outDepth * plane
                unsafe ChannelFinish.fetch(
                    addend.map {
                        unsafe $0 + next + piece.row * down * geometry.outWidth + left
                    }, rows: min(tile.rows * down, geometry.outHeight - piece.row * down),
                    pitch: geometry.outWidth, count: count)
            }
            for y in 0..<tile.rows * down {
                let row = piece.row * down + y
                guard row < geometry.outHeight else { break }
                var from =
                    unsafe sums + y % down * across * perPhase + index * tile.resultFloats
                    + y / down * tile.pitch
                if across > 1 {
                    unsafe kernels.join(
                        from, pitch: perPhase, phases: across, to: line, count: tile.columns)
                    unsafe from = line
                }
                unsafe kernels.finish(
                    &ending, from: from, to: output + at, count: count,
                    at: row * geometry.outWidth + left)
            }
        }
    }
}
