/// Chooses how a convolution is computed, by a model of its cost fitted to measurements.
///
/// Costs are cycles of one core with 16 floats a vector; all that differs between instruction sets
/// is a common factor.
enum AlgorithmChoice {
    static func choose(
        _ wish: ConvolutionAlgorithm, for shape: ConvolutionShape, kernels: TileKernels
    ) -> ConvolutionAlgorithm {
        let plane = PlaneGeometry(shape)
        let stride = plane.stride.y
        return choose(wish, computes: WinogradConvolution.computes(shape)) {
            isCheaper(
                height: plane.outHeight, width: plane.outWidth,
                images: shape.batch * shape.groups, inputs: shape.inputChannels / shape.groups,
                outputs: shape.outputChannels / shape.groups, phases: stride * stride, sets: 1,
                taps: plane.kernel.y * plane.kernel.x, lanes: kernels.lanes)
        }
    }

    static func choose(
        _ wish: ConvolutionAlgorithm, for shape: TransposedConvolutionShape, kernels: TileKernels
    ) -> ConvolutionAlgorithm {
        let plane = PlaneGeometry(shape)
        let stride = plane.stride.y
        return choose(wish, computes: WinogradTransposedConvolution.computes(shape)) {
            isCheaper(
                height: plane.outHeight / stride, width: plane.outWidth / stride,
                images: shape.batch * shape.groups, inputs: shape.inputChannels / shape.groups,
                outputs: shape.outputChannels / shape.groups, phases: 1, sets: stride * stride,
                taps: plane.kernel.y * plane.kernel.x, lanes: kernels.lanes)
        }
    }

    private static func choose(
        _ wish: ConvolutionAlgorithm, computes: Bool, isCheaper: () -> Bool
    ) -> ConvolutionAlgorithm {
        guard computes else { return .tiled }
        switch wish {
        case .tiled, .automaticExact: return .tiled
        case .winograd: return .winograd
        case .automatic: return isCheaper() ? .winograd : .tiled
        }
    }

    /// Whether Winograd costs less than the plain sum.
    private static func isCheaper(
        height: Int, width: Int, images: Int, inputs: Int, outputs: Int, phases: Int, sets: Int,
        taps: Int, lanes: Int
    ) -> Bool {
        let (inputs, outputs) = (Double(inputs), Double(outputs))
        let (phases, sets, taps) = (Double(phases), Double(sets), Double(taps))
        // Vectors of windows, and of results of one phase.
        let windows = ((width + 3) / 4 + lanes / 2) * ((height + 3) / 4)
        let vectors = Double(images) * max(Double(windows) / Double(lanes), 1)
        let results = Double(images * height * width) / Double(lanes)
        // Factors and terms that are zero because a phase has only two taps are left out.
        let points = taps == 25 ? 121.0 : taps == 16 ? 100.0 : 36 * phases * sets
        let pairs = inputs * outputs
        let products = points * pairs / 2 * vectors
        let transforms = (240 * inputs * phases + 160 * outputs * sets) * vectors
        // Factors come from memory once a run when they are many.
        func loading(_ factors: Double) -> Double {
            let bytes = 4 * factors * Double(images)
            return bytes > 1e6 ? bytes / 4 : 0
        }
        let plain =
            taps * pairs / 2 * results + 40 * (inputs * phases + outputs * sets) * results / 8
        return products + transforms + loading(points * pairs) < plain + loading(taps * pairs)
    }
}
