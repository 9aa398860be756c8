/// The taps of a transposed convolution, sorted by the phase of the results that they reach.
///
/// Along one axis, tap k of input i reaches result i stride + k dilation - pad. So the results of
/// phase u, those at q stride + u, take the taps for which u + pad - k dilation is a multiple of the
/// stride, each from input q + (u + pad - k dilation) / stride.
struct TransposedPhases: Sendable {
    /// A tap of some phase.
    struct Tap: Sendable {
        /// Its index in the kernel, rows before columns.
        let index: Int
        /// The input that it reads for the first result of its phase, counted from `first`.
        let at: (y: Int, x: Int)
    }

    /// The taps of each phase, phases down before phases across.
    let taps: [[Tap]]
    /// The first input that any tap reads for the first results; may lie before the input.
    let first: (y: Int, x: Int)
    /// Further inputs that taps read for the first results.
    let halo: (y: Int, x: Int)
    /// Results of the longest phase.
    let size: (y: Int, x: Int)

    init(_ geometry: PlaneGeometry) {
        let down = Axis(
            kernel: geometry.kernel.y, stride: geometry.stride.y, dilation: geometry.dilation.y,
            pad: geometry.pad.y)
        let across = Axis(
            kernel: geometry.kernel.x, stride: geometry.stride.x, dilation: geometry.dilation.x,
            pad: geometry.pad.x)
        taps = down.phases.flatMap { rows in
            across.phases.map { columns in
                rows.flatMap { row in
                    columns.map { column in
                        Tap(
                            index: row.tap * geometry.kernel.x + column.tap,
                            at: (row.at - down.first, column.at - across.first))
                    }
                }
            }
        }
        first = (down.first, across.first)
        halo = (down.last - down.first, across.last - across.first)
        size = (
            (geometry.outHeight + geometry.stride.y - 1) / geometry.stride.y,
            (geometry.outWidth + geometry.stride.x - 1) / geometry.stride.x
        )
    }

    /// Taps along one axis.
    private struct Axis {
        let phases: [[(tap: Int, at: Int)]]
        let first: Int
        let last: Int

        init(kernel: Int, stride: Int, dilation: Int, pad: Int) {
            phases = (0..<stride).map { phase in
                (0..<kernel).compactMap { tap in
                    let reach = phase + pad - tap * dilation
                    return reach % stride == 0 ? (tap, reach / stride) : nil
                }
            }
            let all = phases.flatMap { $0.map(\.at) }
            first = all.min() ?? 0
            last = all.max() ?? 0
        }
    }

    var count: Int { taps.count }

    /// Taps of all phases: those of the kernel.
    var tapCount: Int { taps.reduce(0) { $0 + $1.count } }

    /// Packs weights, (input channel) (output channel / groups) (depth tap) (tap), into panels:
    /// group, block of (channel, depth tap), phase, panel, ((channel, depth tap), tap), row.
    func pack(
        _ weights: UnsafePointer<Float>, shape: TransposedConvolutionShape, channelBlock: Int,
        kernels: TileKernels
    ) -> [Float] {
        let depthTaps = PlaneGeometry(shape).depthTaps
        let inputs = shape.inputChannels / shape.groups
        let outputs = shape.outputChannels / shape.groups
        let channels = inputs * depthTaps
        let all = tapCount
        var packed: [Float] = []
        packed.reserveCapacity(shape.weightCount)
        for group in 0..<shape.groups {
            for first in stride(from: 0, to: channels, by: channelBlock) {
                let block = min(channelBlock, channels - first)
                for phase in taps where !phase.isEmpty {
                    packed += kernels.panels(m: outputs, k: block * phase.count) { row, column in
                        let (channel, tap) = column.quotientAndRemainder(dividingBy: phase.count)
                        let (input, depth) = (first + channel).quotientAndRemainder(
                            dividingBy: depthTaps)
                        let kernel = ((group * inputs + input) * outputs + row) * depthTaps + depth
                        return unsafe weights[kernel * all + phase[tap].index]
                    }
                }
            }
        }
        return packed
    }
}
