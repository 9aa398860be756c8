/// How a convolution is computed.
package enum ConvolutionAlgorithm: String, CaseIterable, Sendable {
    /// The kernel chooses, Winograd included.
    case automatic
    /// The kernel chooses among those that sum products as the definition does.
    case automaticExact
    /// Matrix products over tiles of the plane.
    case tiled
    /// Winograd's F(4x4, 3x3): 3x3 kernels of stride 1, 4x4 to 6x6 kernels of stride 2.
    case winograd
}

/// What happens to a sum of products before it is stored:
/// `scale * activation(sum + bias [+ addend]) + shift [+ addend]`, or that times the addend; or the
/// shares of several channels' `activation(sum + bias)`.
package struct ConvolutionEpilogue: Equatable, Sendable {
    /// Where a second input, shaped like the output, is added, or that it is multiplied with.
    package enum Addend: Sendable {
        case none
        case beforeActivation
        case last
        case lastAsFactor
    }

    package var activation: Activation
    /// One factor per output channel, after the activation.
    package var scale: [Float]?
    /// One summand per output channel, after the activation.
    package var shift: [Float]?
    package var addend: Addend
    /// So many channels of what is written are made shares that sum to one (a softmax over them):
    /// of C channels, c, c + C / shares, c + 2 C / shares and so on.
    ///
    /// 1 where none are.
    package var shares: Int

    package init(
        activation: Activation = .none, scale: [Float]? = nil, shift: [Float]? = nil,
        addend: Addend = .none, shares: Int = 1
    ) {
        self.activation = activation
        self.scale = scale
        self.shift = shift
        self.addend = addend
        self.shares = shares
    }

    /// Most channels that can become shares.
    static let mostShares = TileKernels.mostShares
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
        precondition(epilogue.addend == .none || shape.isDense, "an addend lies like dense results")
        precondition(
            shape.interleave == 1 || epilogue.scale == nil && epilogue.shift == nil,
            "channels that take turns have no factors of their own after the activation")
        precondition(epilogue.shares == 1 || shape.canShare(epilogue.shares))
        self.shape = shape
        self.epilogue = epilogue
        let finish = unsafe ChannelFinish(
            bias: bias, channels: shape.outputChannels, epilogue: epilogue,
            outputCount: shape.outputRoom)
        self.algorithm = AlgorithmChoice.choose(algorithm, for: shape, kernels: kernels)
        if self.algorithm == .winograd {
            let winograd = unsafe WinogradConvolution(
                shape: shape, weights: weights, finish: finish, kernels: kernels)
            body = .winograd(winograd)
            workspaceFloats = winograd.workspaceFloats(threads: threads)
        } else {
            let tiled = unsafe TiledConvolution(
                shape: shape, weights: weights, finish: finish, kernels: kernels)
            body = .tiled(tiled)
            workspaceFloats = tiled.workspacePerWorker * threads
        }
    }

    /// Computes the convolution.
    ///
    /// - Parameters:
    ///   - input: N C spatial. Must not overlap the output.
    ///   - output: N C spatial, every value is written; where the shape has a pitch, what lies
    ///     between the rows stays as it is.
    ///   - addend: Shaped like the output, which is dense then; needed exactly where the epilogue
    ///     adds one. Must not overlap the output.
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
