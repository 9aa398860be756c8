import CKernels

/// A convolution as matrix products over tiles of the plane, the unfolded input never written out.
///
/// For each tile the input is copied into a slab in L2, padded and split into phases; then the value
/// of a tap for neighbouring results is a run of neighbouring floats, and the inner loop reads it
/// there. Channels that don't fit go in blocks, their sums added up in the order of the blocks.
struct TiledConvolution: Sendable {
    private let shape: ConvolutionShape
    private let geometry: PlaneGeometry
    private let kernels: TileKernels
    private let finish: ChannelFinish
    private let tile: TilePlan
    /// Input channels, depth taps counted, per group and per block.
    private let channels: Int
    private let channelBlock: Int
    /// Output channels per group and per piece of work.
    private let outputs: Int
    private let outputBlock: Int
    /// Floats in the slab of one channel.
    private let slabFloats: Int
    private let offsets: [Int32]
    /// Group, block of channels, panel, (channel, tap), row.
    private let weights: [Float]
    /// Round of channels that take turns, value along a line; empty where none do, or without bias.
    private let turningBias: [Float]
    let workspacePerWorker: Int

    init(
        shape: ConvolutionShape, weights: UnsafePointer<Float>, finish: ChannelFinish,
        kernels: TileKernels
    ) {
        self.shape = shape
        self.kernels = kernels
        self.finish = finish
        let geometry = PlaneGeometry(shape)
        self.geometry = geometry
        let (kernel, stride, dilation) = (geometry.kernel, geometry.stride, geometry.dilation)
        let halo = (
            y: (kernel.y - 1) * dilation.y / stride.y, x: (kernel.x - 1) * dilation.x / stride.x
        )
        let channels = shape.inputChannels / shape.groups * geometry.depthTaps
        let outputs = shape.outputChannels / shape.groups
        (self.channels, self.outputs) = (channels, outputs)
        let choice = TileChoice(
            height: geometry.outHeight, width: geometry.outWidth, halo: halo,
            phases: stride.y * stride.x, channels: channels, outputs: outputs, resultSets: 1,
            others: shape.batch * geometry.outDepth * shape.groups, kernels: kernels)
        tile = choice.tile
        channelBlock = choice.channelBlock
        // Channels that take turns are written together.
        outputBlock = shape.interleave == 1 ? choice.outputBlock : outputs
        let plane = tile.slabRows * tile.slabColumns
        slabFloats = stride.y * stride.x * plane
        var offsets: [Int32] = []
        for channel in 0..<channelBlock {
            for y in 0..<kernel.y {
                for x in 0..<kernel.x {
                    let (down, across) = (y * dilation.y, x * dilation.x)
                    let phase =
                        (channel * stride.y + down % stride.y) * stride.x + across % stride.x
                    offsets.append(
                        Int32(
                            phase * plane + down / stride.y * tile.slabColumns + across / stride.x))
                }
            }
        }
        self.offsets = offsets
        let taps = kernel.y * kernel.x
        var packed: [Float] = []
        packed.reserveCapacity(shape.weightCount)
        for group in 0..<shape.groups {
            for first in Swift.stride(from: 0, to: channels, by: channelBlock) {
                let depth = min(channelBlock, channels - first) * taps
                packed += kernels.panels(m: outputs, k: depth) { row, column in
                    unsafe weights[
                        (group * outputs + row) * channels * taps + first * taps + column]
                }
            }
        }
        self.weights = packed
        workspacePerWorker =
            kernels.roundUp(channelBlock * slabFloats + 2 * kernels.lanes)
            + outputBlock * tile.resultFloats
            + Self.lines(shape, finish) * Self.lineFloats(shape, tile, kernels)
        turningBias = Self.turningBias(finish.bias, shape.interleave, columns: tile.columns)
    }

    /// Lines of channels that took turns that are kept until they are written.
    private static func lines(_ shape: ConvolutionShape, _ finish: ChannelFinish) -> Int {
        if shape.interleave == 1 { return 0 }
        return finish.epilogue.shares == 1 ? 1 : shape.outputChannels / shape.interleave
    }

    private static func lineFloats(
        _ shape: ConvolutionShape, _ tile: TilePlan, _ kernels: TileKernels
    ) -> Int {
        kernels.roundUp(shape.interleave * (tile.columns + kernels.lanes))
    }

    /// For each round of channels that take turns their summands as they fall along a line.
    private static func turningBias(_ bias: [Float]?, _ turns: Int, columns: Int) -> [Float] {
        guard turns > 1, let bias else { return [] }
        return stride(from: 0, to: bias.count, by: turns).flatMap { first in
            (0..<columns * turns).map { bias[first + $0 % turns] }
        }
    }

    private var pieces: TilePieces {
        TilePieces(
            tile: tile, batch: shape.batch, depth: geometry.outDepth, groups: shape.groups,
            outputs: outputs, outputBlock: outputBlock)
    }

    func run(
        input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>,
        addend: UnsafePointer<Float>?, workspace: UnsafeMutablePointer<Float>, pool: WorkerPool
    ) {
        let pieces = pieces
        pool.run(count: pieces.count) { index, worker in
            unsafe compute(
                pieces[index], input: input, output: output, addend: addend,
                workspace: workspace + worker * workspacePerWorker)
        }
    }

    private func compute(
        _ piece: TilePieces.Piece, input: UnsafePointer<Float>,
        output: UnsafeMutablePointer<Float>, addend: UnsafePointer<Float>?,
        workspace: UnsafeMutablePointer<Float>
    ) {
        let vectors = tile.vectors(rows: rows(piece), columns: columns(piece))
        let slabs = unsafe workspace
        let sums = unsafe workspace + kernels.roundUp(channelBlock * slabFloats + 2 * kernels.lanes)
        let taps = geometry.kernel.y * geometry.kernel.x
        var slab = uk_slab(
            height: geometry.height, width: geometry.width, pitch: geometry.pitch,
            top: piece.row * geometry.stride.y - geometry.pad.y,
            left: piece.column * geometry.stride.x - geometry.pad.x, rows: tile.slabRows,
            columns: tile.slabColumns, stride_y: geometry.stride.y, stride_x: geometry.stride.x,
            lines: tile.slabRows * geometry.stride.y, ahead: 0)

        for first in stride(from: 0, to: channels, by: channelBlock) {
            let block = min(channelBlock, channels - first)
            for channel in 0..<block {
                let more = first + channel + 1 < channels && geometry.depthTaps == 1
                slab.ahead = more ? geometry.depth * geometry.planeFloats : 0
                unsafe kernels.fill(
                    &slab,
                    from: source(piece, first + channel).map { unsafe input + $0 },
                    to: slabs + channel * slabFloats)
            }
            unsafe weights.withUnsafeBufferPointer { weights in
                guard let all = weights.baseAddress else { return }
                let panels =
                    unsafe all + (piece.group * channels + first) * outputs * taps
                    + piece.firstOutput * block * taps
                unsafe offsets.withUnsafeBufferPointer { offsets in
                    unsafe tile.starts.withUnsafeBufferPointer { starts in
                        guard let offsets = offsets.baseAddress, let starts = starts.baseAddress
                        else { return }
                        unsafe kernels.product(
                            m: piece.outputs, k: block * taps, vectors: vectors, a: panels,
                            b: slabs,
                            offsets: offsets, starts: starts, c: sums, ldc: tile.resultFloats,
                            accumulate: first > 0)
                    }
                }
            }
        }

        if shape.interleave == 1 {
            unsafe store(piece, sums: sums, output: output, addend: addend)
        } else {
            unsafe storeInterleaved(piece, sums: sums, output: output)
        }
    }

    private func rows(_ piece: TilePieces.Piece) -> Int {
        min(tile.rows, geometry.outHeight - piece.row)
    }

    private func columns(_ piece: TilePieces.Piece) -> Int {
        min(tile.columns, geometry.outWidth - piece.column)
    }

    private func store(
        _ piece: TilePieces.Piece, sums: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>,
        addend: UnsafePointer<Float>?
    ) {
        let (rows, columns) = (rows(piece), columns(piece))
        for index in 0..<piece.outputs {
            let channel = piece.group * outputs + piece.firstOutput + index
            let image = (piece.batch * shape.outputChannels + channel) * geometry.outDepth
            let at = (image + piece.depth) * geometry.outPlaneFloats
            var ending = unsafe finish.of(channel: channel, addend: addend.map { unsafe $0 + at })
            for y in 0..<rows {
                unsafe kernels.finish(
                    &ending, from: sums + index * tile.resultFloats + y * tile.pitch,
                    to: output + at, count: columns,
                    at: (piece.row + y) * geometry.outPitch + piece.column)
            }
        }
    }

    /// Joins the lines of channels that take turns, and writes them, or shares of them; the lines lie
    /// behind the sums.
    private func storeInterleaved(
        _ piece: TilePieces.Piece, sums: UnsafeMutablePointer<Float>,
        output: UnsafeMutablePointer<Float>
    ) {
        let turns = shape.interleave
        let (rows, columns) = (rows(piece), columns(piece))
        let lines = unsafe sums + outputBlock * tile.resultFloats
        let pitch = Self.lineFloats(shape, tile, kernels)
        let perPlane = geometry.outPlaneFloats * geometry.outDepth
        let written = shape.outputChannels / turns
        let shares = finish.epilogue.shares
        for y in 0..<rows {
            let at =
                piece.depth * geometry.outPlaneFloats
                + (piece.row + y) * geometry.outPitch + piece.column * turns
            for index in stride(from: 0, to: piece.outputs, by: turns) {
                let channel = piece.group * outputs + piece.firstOutput + index
                let line = unsafe shares == 1 ? lines : lines + channel / turns * pitch
                unsafe kernels.join(
                    sums + index * tile.resultFloats + y * tile.pitch,
                    pitch: tile.resultFloats, phases: turns, to: line, count: columns)
                let plane = piece.batch * written + channel / turns
                unsafe end(
                    line, channel: channel, count: columns * turns,
                    to: shares == 1 ? output + plane * perPlane + at : line)
            }
            if shares == 1 { continue }
            let apart = written / shares
            for channel in 0..<apart {
                unsafe kernels.shares(
                    of: lines + channel * pitch, pitch: apart * pitch,
                    to: output + (piece.batch * written + channel) * perPlane + at,
                    resultPitch: apart * perPlane, count: shares, width: columns * turns,
                    streams: finish.streams)
            }
        }
    }

    /// The end of a line of channels that take turns, the first of which is `channel`.
    private func end(
        _ line: UnsafePointer<Float>, channel: Int, count: Int, to: UnsafeMutablePointer<Float>
    ) {
        unsafe turningBias.withUnsafeBufferPointer { bias in
            var ending = unsafe finish.of(channel: channel, addend: nil)
            unsafe ending.bias = 0
            unsafe ending.before =
                bias.isEmpty ? nil : bias.baseAddress.map { unsafe $0 + channel * tile.columns }
            unsafe ending.stream = ending.stream && finish.epilogue.shares == 1
            unsafe kernels.finish(&ending, from: line, to: to, count: count, at: 0)
        }
    }

    /// Where the plane of a channel starts in the input; nil for padding.
    private func source(_ piece: TilePieces.Piece, _ channel: Int) -> Int? {
        let (real, tap) = channel.quotientAndRemainder(dividingBy: geometry.depthTaps)
        let perGroup = shape.inputChannels / shape.groups
        let plane = piece.batch * shape.inputChannels + piece.group * perGroup + real
        return geometry.source(plane: piece.depth, tap: tap).map {
            (plane * geometry.depth + $0) * geometry.planeFloats
        }
    }
}
