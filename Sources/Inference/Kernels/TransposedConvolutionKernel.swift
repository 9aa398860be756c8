/// A transposed convolution with fixed weights, packed once, run many times.
package final class TransposedConvolutionKernel: Sendable {
    package let shape: TransposedConvolutionShape
    package let epilogue: ConvolutionEpilogue
    /// What was chosen, never `automatic`.
    package let algorithm: ConvolutionAlgorithm
    /// Floats of scratch memory that a run needs, for all workers together.
    package let workspaceFloats: Int
    private let body: Body

    private enum Body {
        case tiled(TiledTransposedConvolution)
        case winograd(WinogradTransposedConvolution)
    }

    /// Copies and packs the weights.
    ///
    /// - Parameters:
    ///   - weights: (input channel) (output channel / groups) kernel, dense.
    ///   - bias: One summand per output channel, or nil.
    ///   - algorithm: One that can't compute this shape counts as `automatic`.
    ///   - threads: Most workers of any pool that `run` will get.
    ///   - kernels: The instruction set to use.
    package init(
        shape: TransposedConvolutionShape, weights: UnsafePointer<Float>,
        bias: UnsafePointer<Float>?, epilogue: ConvolutionEpilogue = .init(),
        algorithm: ConvolutionAlgorithm = .automatic, threads: Int, kernels: TileKernels = .best
    ) {
        self.shape = shape
        self.epilogue = epilogue
        let finish = unsafe ChannelFinish(
            bias: bias, channels: shape.outputChannels, epilogue: epilogue,
            outputCount: shape.outputCount)
        self.algorithm = AlgorithmChoice.choose(algorithm, for: shape, kernels: kernels)
        if self.algorithm == .winograd {
            let winograd = unsafe WinogradTransposedConvolution(
                shape: shape, weights: weights, finish: finish, kernels: kernels)
            body = .winograd(winograd)
            workspaceFloats = winograd.workspaceFloats(threads: threads)
        } else {
            let tiled = unsafe TiledTransposedConvolution(
                shape: shape, weights: weights, finish: finish, kernels: kernels)
            body = .tiled(tiled)
            workspaceFloats = tiled.workspacePerWorker * threads
        }
    }

    /// Computes the transposed convolution; the parameters are those of `ConvolutionKernel.run`.
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
