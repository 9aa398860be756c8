private import CKernels

/// Shares that sum to one along an axis.
enum SoftmaxOperators {
    static let rules: [String: OperatorRule] = [
        "Softmax": { site throws(GraphError) in try softmax(site, .share) },
        "LogSoftmax": { site throws(GraphError) in try softmax(site, .logarithm) },
        "Hardmax": { site throws(GraphError) in try softmax(site, .hard) },
    ]

    private enum Form { case share, logarithm, hard }

    /// Up to version 12 all axes from the given one on are one.
    private static func softmax(_ site: Site, _ form: Form) throws(GraphError) -> Lowering {
        let input = try site.float(0)
        let isOld = site.opset < 13
        guard input.rank > 0 else { throw site.error(.shapeMismatch, "scalar") }
        let axis = try site.axis(site.int("axis", default: isOld ? 1 : -1), rank: input.rank)
        let outer = Shapes.count(input.shape[..<axis])
        let count = isOld ? Shapes.count(input.shape[axis...]) : input.shape[axis]
        let inner = isOld ? 1 : Shapes.count(input.shape[(axis + 1)...])
        let isRows = inner == 1 && form != .hard
        return Lowering(
            [input.type], reusable: isRows ? [0] : [], operations: 5 * input.type.count
        ) { request in
            guard !isRows else {
                return Kernel("rows") { operands in
                    let perPiece = max(1, 16_384 / max(1, count))
                    operands.pool.run(count: (outer + perPiece - 1) / perPiece) { piece, _ in
                        let rows = min(perPiece, outer - piece * perPiece)
                        let start = piece * perPiece * count
                        let run =
                            form == .share ? unsafe uk_softmax_rows : unsafe uk_log_softmax_rows
                        unsafe run(
                            operands.input(0) + start, operands.output() + start, rows, count)
                    }
                }
            }
            let tiles = (inner + tile - 1) / tile
            let isShort = form == .share && (1...TileKernels.mostShares).contains(count)
            // Too many to be found in a cache by whoever reads them.
            let streams = input.type.count >= ChannelFinish.streamFrom
            let scratch = isShort ? 0 : 2 * tile
            return Kernel("columns", workspaceFloats: scratch * request.threads) { operands in
                operands.pool.run(count: outer * tiles) { piece, worker in
                    let start = piece / tiles * count * inner + piece % tiles * tile
                    let width = min(tile, inner - piece % tiles * tile)
                    let x = unsafe operands.input(0) + start
                    let y = unsafe operands.output() + start
                    if isShort {
                        unsafe TileKernels.best.shares(
                            of: x, pitch: inner, to: y, resultPitch: inner, count: count,
                            width: width, streams: streams)
                    } else {
                        unsafe columns(
                            x, y, count: count, stride: inner, width: width, form,
                            operands.workspace + scratch * worker)
                    }
                }
            }
        }
    }

    /// Columns that are computed side by side.
    private static let tile = 1024
    /// Columns side by side: `count` rows of `width` numbers, `stride` apart.
    private static func columns(
        _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int, stride: Int,
        width: Int, _ form: Form, _ scratch: UnsafeMutablePointer<Float>
    ) {
        guard count > 0 else { return }
        let peak = unsafe scratch
        let sum = unsafe scratch + tile
        unsafe peak.update(from: x, count: width)
        for row in 1..<max(count, 1) {
            unsafe uk_binary(.UK_BINARY_MAX, peak, 1, x + row * stride, 1, peak, width)
        }
        if form == .hard {
            for column in 0..<width {
                var isFound = false
                for row in 0..<count {
                    let isPeak = unsafe !isFound && x[row * stride + column] == peak[column]
                    isFound = isFound || isPeak
                    unsafe y[row * stride + column] = isPeak ? 1 : 0
                }
            }
            return
        }
        unsafe sum.update(repeating: 0, count: width)
        for row in 0..<count {
            let target = unsafe y + row * stride
            unsafe uk_binary(.UK_BINARY_SUB, x + row * stride, 1, peak, 1, target, width)
            if form == .share {
                unsafe uk_unary(.UK_UNARY_EXP, target, target, width, 0, 0)
                unsafe uk_binary(.UK_BINARY_ADD, sum, 1, target, 1, sum, width)
            }
        }
        if form == .share {
            unsafe uk_unary(.UK_UNARY_RECIPROCAL, sum, sum, width, 0, 0)
            for row in 0..<count {
                let target = unsafe y + row * stride
                unsafe uk_binary(.UK_BINARY_MUL, target, 1, sum, 1, target, width)
            }
            return
        }
        // The peak has been subtracted from every row, so its room is free for the exponentials.
        for row in 0..<count {
            unsafe uk_unary(.UK_UNARY_EXP, y + row * stride, peak, width, 0, 0)
            unsafe uk_binary(.UK_BINARY_ADD, sum, 1, peak, 1, sum, width)
        }
        unsafe uk_unary(.UK_UNARY_LOG, sum, sum, width, 0, 0)
        for row in 0..<count {
            let target = unsafe y + row * stride
            unsafe uk_binary(.UK_BINARY_SUB, target, 1, sum, 1, target, width)
        }
    }
}
