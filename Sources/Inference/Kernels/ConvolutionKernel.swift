/// How a convolution is computed.
package enum ConvolutionAlgorithm: String, CaseIterable, Sendable {
    /// The kernel chooses, Winograd included.
    case automatic
    /// The kernel chooses among those that sum products as the definition does.
    case automaticExact
    /// Matrix products over tiles of the plane.
    case tiled
    /// Winograd's F(4x4, 3x3); 3x3 kernels of stride 1 and dilation 1 only.
    case winograd
}

/// What happens to a sum of products before it is stored:
/// `scale * activation(sum + bias [+ addend]) + shift [+ addend]`.
package struct ConvolutionEpilogue: Equatable, Sendable {
    /// Where a second input, shaped like the output, is added.
    package enum Addend: Sendable {
        case none
        case beforeActivation
        case last
    }

    package var activation: Activation
    /// One factor per output channel, after the activation.
    package var scale: [Float]?
    /// One summand per output channel, after the activation.
    package var shift: [Float]?
    package var addend: Addend

    package init(
        activation: Activation = .none, scale: [Float]? = nil, shift: [Float]? = nil,
        addend: Addend = .none
    ) {
        self.activation = activation
        self.scale = scale
        self.shift = shift
        self.addend = addend
    }
}

/// A convolution with fixed weights, packed once, run many times.
package final class ConvolutionKernel: Sendable {
    package let shape: ConvolutionShape
    package let epilogue: ConvolutionEpilogue
    /// What was chosen, never `automatic`.
    package let algorithm: ConvolutionAlgorithm
    /// Floats of scratch memory that a run needs, for all workers together.
    package let workspaceFloats: Int
    private let body: Body

    private enum Body {
        case tiled(TiledConvolution)
        case winograd(WinogradConvolution)
    }

    /// Copies and packs the weights.
    ///
    /// - Parameters:
    ///   - weights: (output channel) (input channel / groups) kernel, dense.
    ///   - bias: One summand per output channel, or nil.
    ///   - algorithm: One that can't compute this shape counts as `automatic`.
    ///   - threads: Most workers of any pool that `run` will get.
    ///   - kernels: The instruction set to use.
    package init(
        shape: ConvolutionShape, weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
        epilogue: ConvolutionEpilogue = .init(), algorithm: ConvolutionAlgorithm = .automatic,
        threads: Int, kernels: TileKernels = .best
    ) {
        self.shape = shape
        self.epilogue = epilogue
        let finish = unsafe ChannelFinish(
            bias: bias, channels: shape.outputChannels, epilogue: epilogue)
        let choice = Self.choose(algorithm, for: shape)
        self.algorithm = choice
        if choice == .winograd {
            let winograd = unsafe WinogradConvolution(
                shape: shape, weights: weights, finish: finish, kernels: kernels)
            body = .winograd(winograd)
            workspaceFloats = winograd.workspacePerWorker * threads
        } else {
            let tiled = unsafe TiledConvolution(
                shape: shape, weights: weights, finish: finish, kernels: kernels)
            body = .tiled(tiled)
            workspaceFloats = tiled.workspacePerWorker * threads
        }
    }

    /// Winograd saves three quarters of the products; its transforms cost about 80 and 70 cycles
    /// per input and output channel and vector of windows, the products saved 54 for each pair.
    private static func choose(
        _ algorithm: ConvolutionAlgorithm, for shape: ConvolutionShape
    ) -> ConvolutionAlgorithm {
        guard WinogradConvolution.computes(shape) else { return .tiled }
        switch algorithm {
        case .tiled, .automaticExact: return .tiled
        case .winograd: return .winograd
        case .automatic:
            let inputs = shape.inputChannels / shape.groups
            let outputs = shape.outputChannels / shape.groups
            return 54 * inputs * outputs > 2 * (80 * inputs + 70 * outputs) ? .winograd : .tiled
        }
    }

    /// Computes the convolution.
    ///
    /// - Parameters:
    ///   - input: N C spatial. Must not overlap the output.
    ///   - output: N C spatial, every value is written.
    ///   - addend: Shaped like the output; needed exactly where the epilogue adds one. Must not
    ///     overlap the output.
    ///   - workspace: `workspaceFloats` floats, 64-byte aligned, contents arbitrary.
    ///   - pool: No more threads than the kernel was made for.
    package func run(
        input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>,
        addend: UnsafePointer<Float>? = nil, workspace: UnsafeMutablePointer<Float>,
        pool: WorkerPool
    ) {
        switch body {
        case .tiled(let tiled):
            unsafe tiled.run(
                input: input, output: output, addend: addend, workspace: workspace, pool: pool)
        case .winograd(let winograd):
            unsafe winograd.run(
                input: input, output: output, addend: addend, workspace: workspace, pool: pool)
        }
    }
}
