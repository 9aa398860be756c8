/// The taps of a transposed convolution, sorted by the phase of the results that they reach.
///
/// Along one axis, tap k of input i reaches result i stride + k dilation - pad. With q and r the
/// quotient and remainder of (result + pad) by the stride, that is phase r = (k dilation) mod
/// stride, and i = q - (k dilation - r) / stride.
struct TransposedPhases: Sendable {
    /// A tap of some phase.
    struct Tap: Sendable {
        /// Its index in the kernel, rows before columns.
        let index: Int
        /// How far before the result's q it reads.
        let back: (y: Int, x: Int)
    }

    /// The taps of each phase, phases down before phases across.
    let taps: [[Tap]]
    /// The furthest that any tap reaches back.
    let reach: (y: Int, x: Int)

    init(_ geometry: PlaneGeometry) {
        let (kernel, stride, dilation) = (geometry.kernel, geometry.stride, geometry.dilation)
        var taps = [[Tap]](repeating: [], count: stride.y * stride.x)
        for y in 0..<kernel.y {
            for x in 0..<kernel.x {
                let (down, across) = (y * dilation.y, x * dilation.x)
                taps[down % stride.y * stride.x + across % stride.x].append(
                    Tap(index: y * kernel.x + x, back: (down / stride.y, across / stride.x)))
            }
        }
        self.taps = taps
        reach = ((kernel.y - 1) * dilation.y / stride.y, (kernel.x - 1) * dilation.x / stride.x)
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
