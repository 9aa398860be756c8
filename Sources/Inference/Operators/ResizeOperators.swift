/// Operators that change the sizes of axes by interpolation.
enum ResizeOperators {
    static let rules: [String: OperatorRule] = ["Resize": resize, "Upsample": upsample]

    /// Scales beyond this, either way, are refused: positions must stay whole numbers.
    private static let largestScale: Float = 65_536

    private static func mode(_ site: Site) throws(GraphError) -> ResizeMode {
        switch try site.string("mode", default: "nearest") {
        case "nearest": .nearest
        case "linear", "bilinear": .linear
        case "cubic": .cubic
        default: throw site.error(.invalidAttribute, "mode")
        }
    }

    /// The forerunner of Resize: nearest or linear by scales, positions by plain division.
    private static func upsample(_ site: Site) throws(GraphError) -> Lowering {
        let input = try site.float(0)
        let scales = site.opset < 9 ? try site.floats("scales") : try site.constant(1)?.floats
        guard let scales else { throw site.error(.missing, "scales") }
        return try byScales(site, input, scales, axes: Array(0..<input.rank)) { shape in
            shape.coordinates = .asymmetric
            shape.rounding = .floor
        }
    }

    private static func resize(_ site: Site) throws(GraphError) -> Lowering {
        let input = try site.float(0)
        guard site.opset >= 11 else { return try upsample(site) }
        let axes = try site.ints("axes")
        var resolved = Array(0..<input.rank)
        if let axes {
            _ = try site.axes(axes, rank: input.rank)
            resolved = []
            for axis in axes { resolved.append(try site.axis(axis, rank: input.rank)) }
        }
        let options = try options(site, input, axes: resolved)
        if let sizes = try site.constantInts(3), !sizes.isEmpty {
            return try bySizes(site, input, sizes, axes: resolved, options)
        }
        guard let scales = try site.constant(2)?.floats, !scales.isEmpty else {
            throw site.error(.missing, "scales or sizes")
        }
        return try byScales(site, input, scales, axes: resolved, options)
    }

    /// The attributes of Resize.
    private static func options(
        _ site: Site, _ input: Site.Operand, axes: [Int]
    ) throws(GraphError) -> (inout ResizeShape) -> Void {
        let coordinates = ResizeCoordinates(
            rawValue: try site.string("coordinate_transformation_mode", default: "half_pixel"))
        let rounding = ResizeRounding(
            rawValue: try site.string("nearest_mode", default: "round_prefer_floor"))
        guard let coordinates, let rounding else {
            throw site.error(.invalidAttribute, "coordinate_transformation_mode, nearest_mode")
        }
        let coefficient = try site.float("cubic_coeff_a", default: -0.75)
        let excludes = try site.flag("exclude_outside")
        let antialias = try site.flag("antialias")
        let extrapolation = try site.float("extrapolation_value", default: 0)
        var region: [Float] = []
        if coordinates == .cropAndResize {
            guard let given = try site.constant(1)?.floats, given.count == 2 * axes.count,
                given.allSatisfy({ $0.magnitude <= 65_536 })
            else { throw site.error(.missing, "roi") }
            region = [Float](repeating: 0, count: input.rank)
            region += [Float](repeating: 1, count: input.rank)
            for (index, axis) in axes.enumerated() {
                region[axis] = given[index]
                region[axis + input.rank] = given[index + axes.count]
            }
        }
        guard coefficient.isFinite else { throw site.error(.invalidAttribute, "cubic_coeff_a") }
        let area = region
        return { shape in
            shape.coordinates = coordinates
            shape.rounding = rounding
            shape.cubicCoefficient = coefficient
            shape.excludeOutside = excludes
            shape.antialias = antialias
            shape.extrapolation = extrapolation
            shape.region = area
        }
    }

    private static func byScales(
        _ site: Site, _ input: Site.Operand, _ given: [Float], axes: [Int],
        _ options: (inout ResizeShape) -> Void
    ) throws(GraphError) -> Lowering {
        guard given.count == axes.count else { throw site.error(.shapeMismatch, "scales") }
        var scales = [Float](repeating: 1, count: input.rank)
        for (axis, scale) in zip(axes, given) {
            guard scale >= 1 / largestScale, scale <= largestScale else {
                throw site.error(.invalidAttribute, "scale \(scale)")
            }
            scales[axis] = scale
        }
        let output = input.shape.indices.map {
            Int((Double(input.shape[$0]) * Double(scales[$0])).rounded(.down))
        }
        return try lowering(site, input, output, scales, options)
    }

    private static func bySizes(
        _ site: Site, _ input: Site.Operand, _ sizes: [Int], axes: [Int],
        _ options: (inout ResizeShape) -> Void
    ) throws(GraphError) -> Lowering {
        guard sizes.count == axes.count, sizes.allSatisfy({ (1...1 << 31).contains($0) }),
            input.shape.allSatisfy({ $0 > 0 })
        else { throw site.error(.shapeMismatch, "sizes \(sizes)") }
        var output = input.shape
        var scales = [Float](repeating: 1, count: input.rank)
        for (axis, size) in zip(axes, sizes) {
            output[axis] = size
            scales[axis] = Float(Double(size) / Double(input.shape[axis]))
        }
        switch try site.string("keep_aspect_ratio_policy", default: "stretch") {
        case "stretch": break
        case "not_larger", "not_smaller":
            let smallest = try site.string("keep_aspect_ratio_policy", default: "") == "not_larger"
            let listed = axes.map { scales[$0] }
            let common = (smallest ? listed.min() : listed.max()) ?? 1
            for axis in axes {
                scales[axis] = common
                output[axis] = Int(
                    (Double(common) * Double(input.shape[axis]) + 0.5).rounded(.down))
            }
        default: throw site.error(.invalidAttribute, "keep_aspect_ratio_policy")
        }
        return try lowering(site, input, output, scales, options)
    }

    private static func lowering(
        _ site: Site, _ input: Site.Operand, _ sizes: [Int], _ scales: [Float],
        _ options: (inout ResizeShape) -> Void
    ) throws(GraphError) -> Lowering {
        guard sizes.allSatisfy({ $0 > 0 }), input.type.count > 0 else {
            throw site.error(.shapeMismatch, "empty")
        }
        for (size, wanted) in zip(input.shape, sizes) {
            let ratio = Float(wanted) / Float(size)
            guard ratio >= 1 / largestScale, ratio <= largestScale else {
                throw site.error(.invalidAttribute, "\(size) to \(wanted)")
            }
        }
        let output = try site.options.checked(TensorType(sizes, input.type.elementType))
        var shape = ResizeShape(input: input.shape, output: sizes, scales: scales)
        shape.mode = try mode(site)
        options(&shape)
        let final = shape
        return Lowering([output], operations: 4 * output.count) { _ in
            let resize = Resize(final)
            return Kernel("resize", workspaceFloats: resize.workspaceFloats) { operands in
                unsafe resize.run(
                    input: operands.input(0), output: operands.output(),
                    workspace: operands.workspace, pool: operands.pool)
            }
        }
    }
}
