/// For each output position of one axis, the input positions and weights that make it up.
struct ResizeTable: Sendable {
    let inputSize: Int
    let outputSize: Int
    /// Weights per output position.
    let taps: Int
    /// Input positions, all within the input: output position, tap.
    private(set) var positions: [Int] = []
    /// Weights: output position, tap.
    private(set) var weights: [Float] = []
    /// Whether an output position lies outside the input and takes the extrapolation value.
    private(set) var outside: [Bool] = []
    let extrapolation: Float

    /// Whether the table copies the axis as it is.
    var isIdentity: Bool {
        inputSize == outputSize && !outside.contains(true)
            && (0..<outputSize).allSatisfy { at in
                (at * taps..<(at + 1) * taps).allSatisfy {
                    weights[$0] == (positions[$0] == at ? 1 : 0)
                        || (weights[$0] == 0 && positions[$0] == at)
                }
            }
    }

    init(_ shape: ResizeShape, axis: Int) {
        inputSize = shape.input[axis]
        outputSize = shape.output[axis]
        extrapolation = shape.extrapolation
        let axisMap = ResizeAxis(shape, axis: axis)
        // Where an axis shrinks, antialiasing widens the filter by the same factor.
        let shrink = shape.antialias ? min(axisMap.scale, 1) : 1
        let reach: Double
        switch shape.mode {
        case .nearest: reach = 0.5
        case .linear: reach = 1 / shrink
        case .cubic: reach = 2 / shrink
        }
        taps = shape.mode == .nearest ? 1 : 2 * Int(reach.rounded(.up))
        for at in 0..<outputSize {
            let x = axisMap.position(of: at)
            let isOutside =
                shape.coordinates == .cropAndResize && (x < 0 || x > Double(inputSize - 1))
            outside.append(isOutside)
            if shape.mode == .nearest {
                positions.append(clamp(Self.round(x, shape.rounding)))
                weights.append(1)
                continue
            }
            appendFilter(around: x, shape: shape, shrink: shrink)
        }
    }

    private func clamp(_ position: Int) -> Int { min(max(position, 0), inputSize - 1) }

    private mutating func appendFilter(around x: Double, shape: ResizeShape, shrink: Double) {
        let first = Int(x.rounded(.down)) - taps / 2 + 1
        var row: [Double] = []
        for position in first..<first + taps {
            let distance = abs(Double(position) - x) * shrink
            var weight =
                shape.mode == .linear
                ? max(1 - distance, 0) : Self.cubic(distance, Double(shape.cubicCoefficient))
            if shape.excludeOutside, position < 0 || position >= inputSize { weight = 0 }
            row.append(weight)
        }
        let sum = row.reduce(0, +)
        let scale = (shape.excludeOutside || shrink < 1) && sum != 0 ? 1 / sum : 1
        for (tap, weight) in row.enumerated() {
            positions.append(clamp(first + tap))
            weights.append(Float(weight * scale))
        }
    }

    /// Keys' cubic kernel.
    private static func cubic(_ d: Double, _ a: Double) -> Double {
        if d <= 1 { return ((a + 2) * d - (a + 3)) * d * d + 1 }
        if d < 2 { return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a }
        return 0
    }

    private static func round(_ x: Double, _ rounding: ResizeRounding) -> Int {
        switch rounding {
        case .preferFloor: Int((x - 0.5).rounded(.up))
        case .preferCeil: Int((x + 0.5).rounded(.down))
        case .floor: Int(x.rounded(.down))
        case .ceil: Int(x.rounded(.up))
        }
    }
}

/// The map from output to input positions of one axis.
struct ResizeAxis {
    let scale: Double
    private let input: Double
    private let output: Double
    private let coordinates: ResizeCoordinates
    private let start: Double
    private let end: Double

    init(_ shape: ResizeShape, axis: Int) {
        scale = Double(shape.scales[axis])
        input = Double(shape.input[axis])
        output = Double(shape.output[axis])
        coordinates = shape.coordinates
        let axes = shape.input.count
        let given = shape.region.count == 2 * axes
        start = given ? Double(shape.region[axis]) : 0
        end = given ? Double(shape.region[axes + axis]) : 1
    }

    func position(of at: Int) -> Double {
        let x = Double(at)
        switch coordinates {
        case .halfPixel: return (x + 0.5) / scale - 0.5
        case .halfPixelSymmetric:
            // Where rounding made the output's size differ from input times scale, the middle of
            // the output stays over the middle of the input.
            let adjustment = output / (input * scale)
            let offset = input / 2 * (1 - adjustment)
            return offset + (x + 0.5) / scale - 0.5
        case .pytorchHalfPixel: return output > 1 ? (x + 0.5) / scale - 0.5 : 0
        case .alignCorners: return output > 1 ? x * (input - 1) / (output - 1) : 0
        case .asymmetric: return x / scale
        case .halfPixelForNearest: return (x + 0.5) / scale
        case .cropAndResize:
            return output > 1
                ? start * (input - 1) + x * (end - start) * (input - 1) / (output - 1)
                : 0.5 * (start + end) * (input - 1)
        }
    }
}
