internal import CKernels

/// Functions of one number: activations, roots, exponentials, trigonometry, rounding.
enum UnaryOperators {
    static let rules: [String: OperatorRule] = {
        var rules: [String: OperatorRule] = [
            "Abs": { site throws(GraphError) in
                try signed(site, .UK_UNARY_ABS) { $0 < 0 ? 0 &- $0 : $0 }
            },
            "Neg": { site throws(GraphError) in try signed(site, .UK_UNARY_NEG) { 0 &- $0 } },
            "Sign": { site throws(GraphError) in
                try signed(site, .UK_UNARY_SIGN) { $0.signum() }
            },
            "Clip": clip, "Gelu": gelu, "Swish": swish, "Shrink": shrink,
            "HardSigmoid": { site throws(GraphError) in
                try function(
                    site, .UK_UNARY_HARD_SIGMOID, alpha: site.float("alpha", default: 0.2),
                    beta: site.float("beta", default: 0.5))
            },
            "LeakyRelu": { site throws(GraphError) in
                try function(
                    site, .UK_UNARY_LEAKY_RELU, alpha: site.float("alpha", default: 0.01))
            },
            "ThresholdedRelu": { site throws(GraphError) in
                try function(
                    site, .UK_UNARY_THRESHOLDED_RELU, alpha: site.float("alpha", default: 1))
            },
            "Elu": { site throws(GraphError) in
                try function(site, .UK_UNARY_ELU, alpha: site.float("alpha", default: 1))
            },
            "Celu": { site throws(GraphError) in
                try function(site, .UK_UNARY_CELU, alpha: site.float("alpha", default: 1))
            },
            "Selu": { site throws(GraphError) in
                try function(
                    site, .UK_UNARY_SELU, alpha: site.float("alpha", default: 1.67326319),
                    beta: site.float("gamma", default: 1.05070102))
            },
        ]
        for (name, op) in plain {
            rules[name] = rule(op)
        }
        return rules
    }()

    private static func rule(_ op: uk_unary_op) -> OperatorRule {
        { (site: Site) throws(GraphError) -> Lowering in try function(site, op) }
    }

    private static let plain: [String: uk_unary_op] = [
        "Relu": .UK_UNARY_RELU, "Sigmoid": .UK_UNARY_SIGMOID, "Tanh": .UK_UNARY_TANH,
        "Exp": .UK_UNARY_EXP, "Log": .UK_UNARY_LOG, "Sqrt": .UK_UNARY_SQRT,
        "Reciprocal": .UK_UNARY_RECIPROCAL, "Erf": .UK_UNARY_ERF, "Floor": .UK_UNARY_FLOOR,
        "Ceil": .UK_UNARY_CEIL, "Round": .UK_UNARY_ROUND, "Sin": .UK_UNARY_SIN,
        "Cos": .UK_UNARY_COS, "Tan": .UK_UNARY_TAN, "Asin": .UK_UNARY_ASIN,
        "Acos": .UK_UNARY_ACOS, "Atan": .UK_UNARY_ATAN, "Sinh": .UK_UNARY_SINH,
        "Cosh": .UK_UNARY_COSH, "Asinh": .UK_UNARY_ASINH, "Acosh": .UK_UNARY_ACOSH,
        "Atanh": .UK_UNARY_ATANH, "Softplus": .UK_UNARY_SOFTPLUS,
        "Softsign": .UK_UNARY_SOFTSIGN, "Mish": .UK_UNARY_MISH,
        "HardSwish": .UK_UNARY_HARD_SWISH,
    ]

    /// One function of the first input.
    static func function(
        _ site: Site, _ op: uk_unary_op, alpha: Float = 0, beta: Float = 0
    ) throws(GraphError) -> Lowering {
        try program(site, .unary(op, alpha: alpha, beta: beta))
    }

    /// A program of the first input alone.
    private static func program(
        _ site: Site, _ program: ElementwiseProgram
    ) throws(GraphError) -> Lowering {
        let input = try site.float(0)
        guard let lowering = Lowering.elementwise(program, [input.type]) else {
            throw site.error(.shapeMismatch)
        }
        return lowering
    }

    /// A function that whole numbers have too.
    private static func signed(
        _ site: Site, _ op: uk_unary_op, _ integer: @escaping (Int64) -> Int64
    ) throws(GraphError) -> Lowering {
        let input = try site.operand(0)
        guard !input.isFloat else { return try function(site, op) }
        return .integers(input.type, [input.type]) { x, _, _ in integer(x) }
    }

    /// Bounds are attributes up to version 6 and inputs from 11 on.
    private static func clip(_ site: Site) throws(GraphError) -> Lowering {
        let input = try site.operand(0)
        guard input.isFloat else {
            let low = try site.constantInts(1)?.first.map(Int64.init) ?? .min
            let high = try site.constantInts(2)?.first.map(Int64.init) ?? .max
            return .integers(input.type, [input.type]) { x, _, _ in min(max(x, low), high) }
        }
        let least = -Float.greatestFiniteMagnitude
        let low: Float
        let high: Float
        if site.opset < 11 {
            low = try site.float("min", default: least)
            high = try site.float("max", default: -least)
        } else {
            low = try site.constantFloat(1) ?? least
            high = try site.constantFloat(2) ?? -least
        }
        return try function(site, .UK_UNARY_CLIP, alpha: low, beta: high)
    }

    private static func gelu(_ site: Site) throws(GraphError) -> Lowering {
        switch try site.string("approximate", default: "none") {
        case "none": try function(site, .UK_UNARY_GELU)
        case "tanh": try function(site, .UK_UNARY_GELU_TANH)
        default: throw site.error(.invalidAttribute, "approximate")
        }
    }

    private static func swish(_ site: Site) throws(GraphError) -> Lowering {
        try function(site, .UK_UNARY_SILU, alpha: site.float("alpha", default: 1))
    }

    /// x - bias above lambd, x + bias below -lambd, else 0.
    private static func shrink(_ site: Site) throws(GraphError) -> Lowering {
        let lambd = try site.float("lambd", default: 0.5)
        let bias = try site.float("bias", default: 0)
        let input = try site.operand(0)
        return .floats(input.type, [input.type]) { x, _, _ in
            x > lambd ? x - bias : x < -lambd ? x + bias : 0
        }
    }
}
