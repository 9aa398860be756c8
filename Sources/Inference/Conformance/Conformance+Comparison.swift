extension Conformance {
    /// What differs between two tensors beyond the tolerance, or nil.
    func difference(_ actual: Tensor, _ expected: Tensor) -> String? {
        guard actual.shape == expected.shape else {
            return "shape \(actual.shape), expected \(expected.shape)"
        }
        guard actual.elementType == expected.elementType else {
            return "element type \(actual.elementType), expected \(expected.elementType)"
        }
        switch (actual.storage, expected.storage) {
        case (.floats(let actual), .floats(let wanted)):
            let relative = max(relativeTolerance, Self.rounding(expected.elementType))
            let index = actual.indices.first { index in
                !Self.isClose(
                    actual[index], wanted[index], relative: relative, absolute: absoluteTolerance)
            }
            return index.map { "[\($0)] is \(actual[$0]), expected \(wanted[$0])" }
        case (.integers(let actual), .integers(let wanted)):
            let index = actual.indices.first { actual[$0] != wanted[$0] }
            return index.map { "[\($0)] is \(actual[$0]), expected \(wanted[$0])" }
        default: return "floats against whole numbers"
        }
    }

    /// Half of the last place of the narrow types: what rounding alone may make differ.
    private static func rounding(_ type: ElementType) -> Float {
        switch type {
        case .float16: 0x1p-10
        case .bfloat16: 0x1p-7
        default: 0
        }
    }

    private static func isClose(
        _ actual: Float, _ expected: Float, relative: Float, absolute: Float
    ) -> Bool {
        if actual.isNaN || expected.isNaN { return actual.isNaN && expected.isNaN }
        if actual.isInfinite || expected.isInfinite { return actual == expected }
        return (actual - expected).magnitude <= absolute + relative * expected.magnitude
    }

    /// Root mean square of the difference over that of the expected numbers.
    static func relativeError(_ actual: Tensor, _ expected: Tensor) -> Double {
        guard let actual = actual.floats, let expected = expected.floats,
            actual.count == expected.count
        else { return 0 }
        var difference = 0.0
        var power = 0.0
        for (a, b) in zip(actual, expected) where a.isFinite && b.isFinite {
            difference += (Double(a) - Double(b)) * (Double(a) - Double(b))
            power += Double(b) * Double(b)
        }
        guard difference > 0 else { return 0 }
        return power > 0 ? (difference / power).squareRoot() : .infinity
    }
}
