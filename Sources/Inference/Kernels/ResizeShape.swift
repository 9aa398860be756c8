/// How a resize finds a value between two others.
package enum ResizeMode: Sendable {
    case nearest
    case linear
    case cubic
}

/// Where an output position lies in the input; the names are those of ONNX.
package enum ResizeCoordinates: String, Sendable {
    case halfPixel = "half_pixel"
    case halfPixelSymmetric = "half_pixel_symmetric"
    case pytorchHalfPixel = "pytorch_half_pixel"
    case alignCorners = "align_corners"
    case asymmetric
    case cropAndResize = "tf_crop_and_resize"
    case halfPixelForNearest = "tf_half_pixel_for_nn"
}

/// Which neighbour the mode `nearest` takes; the names are those of ONNX.
package enum ResizeRounding: String, Sendable {
    case preferFloor = "round_prefer_floor"
    case preferCeil = "round_prefer_ceil"
    case floor
    case ceil
}

/// Sizes and options of a resize over any axes.
package struct ResizeShape: Equatable, Sendable {
    package var input: [Int]
    package var output: [Int]
    /// Output over input, per axis; as given by the model, or `output / input`.
    package var scales: [Float]
    package var mode: ResizeMode = .nearest
    package var coordinates: ResizeCoordinates = .halfPixel
    package var rounding: ResizeRounding = .preferFloor
    /// The cubic's coefficient a.
    package var cubicCoefficient: Float = -0.75
    /// Whether weights outside the input become 0 and the others are scaled to sum to 1.
    package var excludeOutside = false
    /// Whether the filter is widened where an axis shrinks.
    package var antialias = false
    /// Value outside the input, `cropAndResize` only.
    package var extrapolation: Float = 0
    /// Starts then ends per axis, as fractions of the input, `cropAndResize` only.
    package var region: [Float] = []

    /// - Precondition: `output` and `scales` are as long as `input`.
    package init(input: [Int], output: [Int], scales: [Float]) {
        precondition(input.count == output.count && input.count == scales.count)
        self.input = input
        self.output = output
        self.scales = scales
    }
}
