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

    /// Phases whose results come from one matrix product.
    struct Set: Sendable {
        let phases: Range<Int>
        /// The inputs that any of their taps reads.
        let places: [(y: Int, x: Int)]
        /// For each phase and place the tap's index in the kernel; nil where the phase has none.
        let taps: [[Int?]]
    }

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

    /// A set for each phase; or one of all, with zeros where a phase has no tap, if there are so few
    /// outputs that the sums of one phase alone would leave the multipliers waiting.
    func sets(outputs: Int) -> [Set] {
        if outputs > Self.fewOutputs || count == 1 {
            return taps.enumerated().map { phase, taps in
                Set(phases: phase..<phase + 1, places: taps.map(\.at), taps: [taps.map(\.index)])
            }
        }
        var places: [(y: Int, x: Int)] = []
        for tap in taps.joined() where !places.contains(where: { $0 == tap.at }) {
            places.append(tap.at)
        }
        places.sort { $0 < $1 }
        return [
            Set(
                phases: 0..<count, places: places,
                taps: taps.map { taps in
                    places.map { place in taps.first { $0.at == place }?.index }
                })
        ]
    }

    private static let fewOutputs = 2

    /// Packs weights, (input channel) (output channel / groups) (depth tap) (tap), into panels:
    /// group, block of (channel, depth tap), set, panel, ((channel, depth tap), place), row.
    ///
    /// The rows of a set are its phases' outputs, one phase after the other.
    func pack(
        _ sets: [Set], _ weights: UnsafePointer<Float>, shape: TransposedConvolutionShape,
        channelBlock: Int, kernels: TileKernels
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
                for set in sets where !set.places.isEmpty {
                    let count = set.places.count
                    packed += kernels.panels(m: set.phases.count * outputs, k: block * count) {
                        row, column in
                        let (channel, place) = column.quotientAndRemainder(dividingBy: count)
                        guard let tap = set.taps[row / outputs][place] else { return 0 }
                        let (input, depth) = (first + channel).quotientAndRemainder(
                            dividingBy: depthTaps)
                        let output = (group * inputs + input) * outputs + row % outputs
                        return unsafe weights[(output * depthTaps + depth) * all + tap]
                    }
                }
            }
        }
        return packed
    }
}
