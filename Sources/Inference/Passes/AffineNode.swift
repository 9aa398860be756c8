internal import CKernels

/// An elementwise node that multiplies by and adds known numbers, constant along all axes but one.
struct AffineNode {
    /// The value that is scaled and shifted, shaped like the result.
    let source: Graph.ValueID
    /// The axis along which the numbers differ; nil where there is one number for all.
    let axis: Int?
    /// Factors along the axis, or a single one.
    let scale: [Float]?
    /// Summands along the axis, or a single one.
    let shift: [Float]?

    /// Reads a node; nil where it is something else.
    init?(_ node: Graph.Node, in rewriter: GraphRewriter) {
        guard case .program(let program)? = node.fused, program.steps.count == 1,
            let output = node.outputs.first ?? nil, let shape = rewriter.type(output)?.shape
        else { return nil }
        let step = program.steps[0]
        var parts: (source: Graph.ValueID, scale: Graph.ValueID?, shift: Graph.ValueID?)
        var invertsScale = false
        var negatesShift = false
        func value(_ source: ElementwiseProgram.Source) -> Graph.ValueID? {
            if case .input(let index) = source { node.inputs[index] } else { nil }
        }
        switch step.operation {
        case .unary(.UK_UNARY_AFFINE, let alpha, let beta):
            guard let first = value(step.source), rewriter.type(first)?.shape == shape else {
                return nil
            }
            (source, axis, scale, shift) = (first, nil, [alpha], [beta])
            return
        case .unary: return nil
        case .scaleShift(let scale, let shift):
            guard let first = value(step.source) else { return nil }
            parts = (first, value(scale), value(shift))
        case .binary(let op, let second):
            guard let a = value(step.source), let b = value(second) else { return nil }
            let firstIsKnown = rewriter.floats(a) != nil
            let (data, known) = firstIsKnown ? (b, a) : (a, b)
            switch op {
            case .UK_BINARY_MUL: parts = (data, known, nil)
            case .UK_BINARY_ADD: parts = (data, nil, known)
            case .UK_BINARY_DIV where !firstIsKnown:
                parts = (data, known, nil)
                invertsScale = true
            case .UK_BINARY_SUB where !firstIsKnown:
                parts = (data, nil, known)
                negatesShift = true
            default: return nil
            }
        }
        guard rewriter.type(parts.source)?.shape == shape else { return nil }
        source = parts.source
        var axes: Set<Int> = []
        func numbers(_ value: Graph.ValueID?) -> [Float]?? {
            guard let value else { return .some(nil) }
            guard let floats = rewriter.floats(value), let own = rewriter.type(value)?.shape,
                let axis = Self.axis(of: own, in: shape)
            else { return nil }
            if let axis { axes.insert(axis) }
            return floats
        }
        guard let scale = numbers(parts.scale), let shift = numbers(parts.shift), axes.count <= 1
        else { return nil }
        axis = axes.first
        self.scale = invertsScale ? scale?.map { 1 / $0 } : scale
        self.shift = negatesShift ? shift?.map { -$0 } : shift
    }

    /// The one axis of a result along which a known operand has more than one number.
    ///
    /// The outer optional is nil where it differs along several, the inner one where it is a single
    /// number.
    private static func axis(of own: [Int], in shape: [Int]) -> Int?? {
        let lead = shape.count - own.count
        guard lead >= 0 else { return nil }
        let wide = own.indices.filter { own[$0] != 1 }
        guard wide.count <= 1 else { return nil }
        guard let axis = wide.first else { return .some(nil) }
        return own[axis] == shape[axis + lead] ? .some(axis + lead) : nil
    }

    /// Factors spread over an axis of a size, 1 where there are none.
    func scales(_ count: Int) -> [Float] { Self.spread(scale, count, 1) }

    /// Summands spread over an axis of a size, 0 where there are none.
    func shifts(_ count: Int) -> [Float] { Self.spread(shift, count, 0) }

    private static func spread(_ values: [Float]?, _ count: Int, _ neutral: Float) -> [Float] {
        guard let values else { return [Float](repeating: neutral, count: count) }
        return values.count == 1 ? [Float](repeating: values[0], count: count) : values
    }
}
