/// Operators over sliding windows without weights.
enum PoolingOperators {
    static let rules: [String: OperatorRule] = [
        "MaxPool": maxPool, "AveragePool": averagePool, "LpPool": lpPool,
    ]

    /// Reads a pooling's attributes.
    private static func shape(_ site: Site) throws(GraphError) -> (PoolingShape, TensorType) {
        let input = try site.float(0).type
        guard input.shape.count >= 3, input.count > 0 else {
            throw site.error(.shapeMismatch, "\(input.shape)")
        }
        var window = try SpatialWindow(site, input: Array(input.shape[2...]))
        let roundsUp = try site.flag("ceil_mode") && !window.isSame
        window.resolveSame()
        guard window.holdsWindow || roundsUp else {
            throw site.error(.shapeMismatch, "kernel too large")
        }
        let shape = PoolingShape(
            planes: input.shape[0] * input.shape[1], input: window.input, kernel: window.kernel,
            strides: window.strides, dilations: window.dilations, padBegin: window.padBegin,
            padEnd: window.padEnd, ceilMode: roundsUp)
        guard shape.output.allSatisfy({ $0 > 0 }) else {
            throw site.error(.shapeMismatch, "empty output")
        }
        let output = try site.options.checked(
            TensorType(Array(input.shape[..<2]) + shape.output, input.elementType))
        return (shape, output)
    }

    private static func operations(_ shape: PoolingShape, _ output: TensorType) -> Int {
        output.count.multipliedReportingOverflow(
            by: Shapes.count(shape.kernel.map { min($0, 4096) })
        )
        .partialValue
    }

    private static func maxPool(_ site: Site) throws(GraphError) -> Lowering {
        let (shape, output) = try shape(site)
        let columnMajor = try site.flag("storage_order")
        let indices = TensorType(output.shape, .int64)
        let wantsIndices = site.node.outputs.count > 1 && site.node.outputs[1] != nil
        return Lowering([output, indices], operations: operations(shape, output)) { _ in
            Kernel("windows") { operands in
                unsafe Pooling.max(
                    shape: shape, input: operands.input(0), output: operands.output(),
                    indices: wantsIndices ? operands.integerOutput(1) : nil,
                    columnMajor: columnMajor, pool: operands.pool)
            }
        }
    }

    private static func averagePool(_ site: Site) throws(GraphError) -> Lowering {
        let (shape, output) = try shape(site)
        let countsPadding = try site.flag("count_include_pad")
        return Lowering([output], operations: operations(shape, output)) { _ in
            Kernel("windows") { operands in
                unsafe Pooling.average(
                    shape: shape, input: operands.input(0), output: operands.output(),
                    countPadding: countsPadding, pool: operands.pool)
            }
        }
    }

    private static func lpPool(_ site: Site) throws(GraphError) -> Lowering {
        let (shape, output) = try shape(site)
        let order = try site.int("p", default: 2)
        guard (1...64).contains(order) else { throw site.error(.invalidAttribute, "p \(order)") }
        return Lowering([output], operations: operations(shape, output)) { _ in
            Kernel("windows") { operands in
                unsafe Pooling.norm(
                    shape: shape, p: order, input: operands.input(0), output: operands.output(),
                    pool: operands.pool)
            }
        }
    }
}
