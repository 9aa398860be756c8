/// Operators that make values out of nothing, or change their type.
enum ConstantOperators {
    static let rules: [String: OperatorRule] = [
        "Constant": constant, "ConstantOfShape": constantOfShape, "Range": range, "Cast": cast,
        "CastLike": castLike, "Identity": identity, "Dropout": dropout, "EyeLike": eyeLike,
    ]

    /// A value that is known already.
    static func filled(_ tensor: Tensor) -> Lowering {
        Lowering([TensorType(tensor.shape, tensor.elementType)]) { _ in
            Kernel("constant") { operands in
                switch tensor.storage {
                case .floats(let values):
                    unsafe values.withUnsafeBufferPointer {
                        guard let start = $0.baseAddress else { return }
                        unsafe operands.output().update(from: start, count: values.count)
                    }
                case .integers(let values):
                    unsafe values.withUnsafeBufferPointer {
                        guard let start = $0.baseAddress else { return }
                        unsafe operands.integerOutput().update(from: start, count: values.count)
                    }
                }
            }
        }
    }

    private static func constant(_ site: Site) throws(GraphError) -> Lowering {
        for (name, value) in site.node.attributes.sorted(by: { $0.key < $1.key }) {
            switch (name, value) {
            case ("value", .tensor(let tensor)): return filled(tensor)
            case ("value_float", .float(let value)):
                return filled(Tensor(shape: [], floats: [value]))
            case ("value_floats", .floats(let values)):
                return filled(Tensor(shape: [values.count], floats: values))
            case ("value_int", .int(let value)):
                return filled(Tensor(shape: [], integers: [value]))
            case ("value_ints", .ints(let values)):
                return filled(Tensor(shape: [values.count], integers: values))
            default: continue
            }
        }
        throw site.error(.unsupported, "kind of value")
    }

    private static func constantOfShape(_ site: Site) throws(GraphError) -> Lowering {
        guard let shape = try site.constantInts(0) else { throw site.error(.missing, "shape") }
        var value = Tensor(shape: [1], floats: [0])
        if case .tensor(let given)? = site.node.attributes["value"] { value = given }
        guard value.count == 1 else { throw site.error(.invalidAttribute, "value") }
        let type = try site.options.checked(TensorType(shape, value.elementType))
        let count = type.count
        return Lowering([type]) { _ in
            Kernel("fill") { operands in
                switch value.storage {
                case .floats(let values):
                    unsafe operands.output().update(repeating: values[0], count: count)
                case .integers(let values):
                    unsafe operands.integerOutput().update(repeating: values[0], count: count)
                }
            }
        }
    }

    private static func range(_ site: Site) throws(GraphError) -> Lowering {
        guard let start = try site.constant(0), let limit = try site.constant(1),
            let delta = try site.constant(2), start.count == 1, limit.count == 1, delta.count == 1
        else { throw site.error(.missing, "start, limit, delta") }
        if let first = start.floats?[0], let end = limit.floats?[0], let step = delta.floats?[0] {
            let count = ((Double(end) - Double(first)) / Double(step)).rounded(.up)
            let type = TensorType(
                [count > 0 ? Int(exactly: count) ?? .max : 0], start.elementType)
            _ = try site.options.checked(type)
            return filled(
                Tensor(
                    shape: type.shape, floats: (0..<type.count).map { first + Float($0) * step },
                    as: start.elementType))
        }
        guard let first = start.integers?[0], let end = limit.integers?[0],
            let step = delta.integers?[0], step != 0
        else { throw site.error(.typeMismatch) }
        let (span, overflow) = end.subtractingReportingOverflow(first)
        guard !overflow, step != .min else { throw site.error(.tooLarge) }
        let isEmpty = step > 0 ? span <= 0 : span >= 0
        let count = isEmpty ? 0 : (span.magnitude - 1) / step.magnitude + 1
        let type = try site.options.checked(
            TensorType([Int(clamping: count)], start.elementType))
        return filled(
            Tensor(
                shape: type.shape, integers: (0..<type.count).map { first + Int64($0) * step },
                as: start.elementType))
    }

    private static func cast(_ site: Site) throws(GraphError) -> Lowering {
        guard let target = ElementType(rawValue: try site.int("to", default: 0)) else {
            throw site.error(.unsupported, "element type \(try site.int("to", default: 0))")
        }
        return try converted(site, to: target)
    }

    private static func castLike(_ site: Site) throws(GraphError) -> Lowering {
        try converted(site, to: site.operand(1).type.elementType)
    }

    private static func converted(
        _ site: Site, to target: ElementType
    ) throws(GraphError) -> Lowering {
        let input = try site.operand(0).type
        let output = TensorType(input.shape, target)
        let source = input.elementType
        switch (source.isFloat, target.isFloat) {
        case (true, true):
            guard target == .float16 || target == .bfloat16, source != target else {
                return .view(output)
            }
            return .floats(output, [input]) { x, _, _ in target.round(x) }
        case (false, true):
            return .generic(output, [input]) { operands, _, at, _, _, index in
                unsafe operands.output()[index] = target.round(Float(operands.integers(0)[at]))
            }
        case (true, false):
            return .generic(output, [input]) { operands, _, at, _, _, index in
                let value = unsafe operands.input(0)[at]
                let whole =
                    target == .bool
                    ? value != 0 ? 1 : 0 : Int64(exactly: value.rounded(.towardZero)) ?? .min
                unsafe operands.integerOutput()[index] = target.wrap(whole)
            }
        case (false, false):
            guard source != target else { return .view(output) }
            return .integers(output, [input]) { x, _, _ in x }
        }
    }

    private static func identity(_ site: Site) throws(GraphError) -> Lowering {
        .view(try site.operand(0).type)
    }

    /// The identity at inference.
    ///
    /// Its second output is a mask of everything.
    private static func dropout(_ site: Site) throws(GraphError) -> Lowering {
        let input = try site.operand(0).type
        if let training = try site.constant(2)?.integers?.first, training != 0,
            try site.constantFloat(1) ?? 0.5 != 0
        {
            throw site.error(.unsupported, "training")
        }
        guard site.outputCount > 1, site.node.outputs[1] != nil else { return .view(input) }
        let mask = TensorType(input.shape, .bool)
        let count = input.count
        return Lowering([input, mask]) { _ in
            Kernel("copy") { operands in
                unsafe operands.output().update(from: operands.input(0), count: count)
                unsafe operands.integerOutput(1).update(repeating: 1, count: count)
            }
        }
    }

    private static func eyeLike(_ site: Site) throws(GraphError) -> Lowering {
        let input = try site.operand(0).type
        let target =
            try site.optionalInt("dtype").map(ElementType.init(rawValue:))
            ?? input.elementType
        guard let target, input.shape.count == 2 else { throw site.error(.shapeMismatch) }
        let offset = try site.int("k", default: 0)
        let columns = input.shape[1]
        let output = TensorType(input.shape, target)
        return .generic(output, [input]) { operands, _, _, _, _, index in
            let isOne = index % columns - index / columns == offset
            if target.isFloat {
                unsafe operands.output()[index] = isOne ? 1 : 0
            } else {
                unsafe operands.integerOutput()[index] = isOne ? 1 : 0
            }
        }
    }
}
