/// The attributes that convolutions and poolings share, checked and with automatic padding resolved.
struct SpatialWindow {
    /// Sizes of the input's spatial axes.
    let input: [Int]
    let kernel: [Int]
    let strides: [Int]
    let dilations: [Int]
    var padBegin: [Int]
    var padEnd: [Int]
    /// Whether the padding is to be chosen so that the output is the input over the stride.
    let isSame: Bool
    let isLower: Bool

    /// Sizes, strides and pads above this are refused, so that sums of them cannot overflow.
    private static let limit = 1 << 24

    /// Reads the attributes of a node.
    ///
    /// - Parameter kernel: The kernel's sizes as the weights have them, where there are weights.
    init(_ site: Site, input: [Int], kernel weights: [Int]? = nil) throws(GraphError) {
        let rank = input.count
        guard (1...3).contains(rank) else {
            throw site.error(.unsupported, "\(rank) spatial axes")
        }
        let declared = try site.ints("kernel_shape")
        guard let kernel = declared ?? weights, weights == nil || kernel == weights else {
            throw site.error(.invalidAttribute, "kernel_shape")
        }
        let strides = try site.ints("strides") ?? [Int](repeating: 1, count: rank)
        let dilations = try site.ints("dilations") ?? [Int](repeating: 1, count: rank)
        var pads = try site.ints("pads") ?? [Int](repeating: 0, count: 2 * rank)
        for list in [kernel, strides, dilations] {
            guard list.count == rank, list.allSatisfy({ (1...Self.limit).contains($0) }) else {
                throw site.error(.invalidAttribute, "kernel, strides, dilations")
            }
        }
        let mode = try site.string("auto_pad", default: "NOTSET")
        guard ["NOTSET", "", "VALID", "SAME_UPPER", "SAME_LOWER"].contains(mode) else {
            throw site.error(.invalidAttribute, "auto_pad \(mode)")
        }
        if mode != "NOTSET", mode != "" { pads = [Int](repeating: 0, count: 2 * rank) }
        guard pads.count == 2 * rank,
            pads.allSatisfy({ $0.magnitude <= UInt(Self.limit) })
        else { throw site.error(.invalidAttribute, "pads \(pads)") }
        guard input.allSatisfy({ $0 > 0 }) else {
            throw site.error(.shapeMismatch, "input \(input)")
        }
        self.input = input
        self.kernel = kernel
        self.strides = strides
        self.dilations = dilations
        padBegin = Array(pads.prefix(rank))
        padEnd = Array(pads.suffix(rank))
        isSame = mode.hasPrefix("SAME")
        isLower = mode == "SAME_LOWER"
    }

    /// Values that the dilated kernel covers along each axis.
    var extent: [Int] { kernel.indices.map { dilations[$0] * (kernel[$0] - 1) + 1 } }

    /// Splits a total padding; an odd one has a larger half.
    mutating func pad(axis: Int, total: Int, startIsLarger: Bool) {
        // A lack of values is made up for at the end.
        guard total >= 0 else {
            (padBegin[axis], padEnd[axis]) = (0, total)
            return
        }
        let small = total / 2
        padBegin[axis] = startIsLarger ? total - small : small
        padEnd[axis] = startIsLarger ? small : total - small
    }

    /// Resolves automatic padding for windows that slide over the input.
    mutating func resolveSame() {
        guard isSame else { return }
        for axis in input.indices {
            let output = (input[axis] + strides[axis] - 1) / strides[axis]
            let total = (output - 1) * strides[axis] + extent[axis] - input[axis]
            pad(axis: axis, total: max(0, total), startIsLarger: isLower)
        }
    }

    /// Whether the padded input holds at least one window.
    var holdsWindow: Bool {
        input.indices.allSatisfy { input[$0] + padBegin[$0] + padEnd[$0] >= extent[$0] }
    }
}
