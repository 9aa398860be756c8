/// How a convolution is computed.
package enum ConvolutionAlgorithm: String, CaseIterable, Sendable {
    /// The kernel chooses, Winograd included.
    case automatic
    /// The kernel chooses among those that sum products as the definition does.
    case automaticExact
    /// Tiles of the unfolded input, one matrix product each.
    case im2col
    /// Winograd's F(4x4, 3x3); 3x3 kernels of stride 1 and dilation 1 only.
    case winograd
    /// Sums in place, for few channels per group.
    case direct
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
    private let weights: [Float]
    private let bias: [Float]?

    /// Copies and packs the weights.
    ///
    /// - Parameters:
    ///   - weights: (output channel) (input channel / groups) kernel, dense.
    ///   - bias: One summand per output channel, or nil.
    ///   - algorithm: One that can't compute this shape counts as `automatic`.
    ///   - threads: Most workers of any pool that `run` will get.
    package init(
        shape: ConvolutionShape, weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
        epilogue: ConvolutionEpilogue = .init(), algorithm: ConvolutionAlgorithm = .automatic,
        threads: Int
    ) {
        self.shape = shape
        self.epilogue = epilogue
        self.algorithm = .direct
        unsafe self.weights = Array(UnsafeBufferPointer(start: weights, count: shape.weightCount))
        unsafe self.bias = bias.map { bias in
            unsafe Array(UnsafeBufferPointer(start: bias, count: shape.outputChannels))
        }
        workspaceFloats = 0
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
        let plane = shape.output.reduce(1, *)
        pool.run(count: shape.batch * shape.outputChannels) { piece, _ in
            let channel = piece % shape.outputChannels
            let target = unsafe output + piece * plane
            unsafe directPlane(
                batch: piece / shape.outputChannels, channel: channel, input: input, output: target)
            if epilogue.addend == .beforeActivation, let addend = unsafe addend {
                for i in 0..<plane { unsafe target[i] += addend[piece * plane + i] }
            }
            unsafe epilogue.activation.apply(target, count: plane)
            let scale = epilogue.scale?[channel] ?? 1
            let shift = epilogue.shift?[channel] ?? 0
            for i in 0..<plane { unsafe target[i] = target[i] * scale + shift }
            if epilogue.addend == .last, let addend = unsafe addend {
                for i in 0..<plane { unsafe target[i] += addend[piece * plane + i] }
            }
        }
    }

    private func directPlane(
        batch: Int, channel: Int, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>
    ) {
        let perGroup = shape.inputChannels / shape.groups
        let group = channel / (shape.outputChannels / shape.groups)
        func axes(_ list: [Int], _ filler: Int) -> [Int] {
            Array(repeating: filler, count: 3 - list.count) + list
        }
        let size = axes(shape.input, 1)
        let kernel = axes(shape.kernel, 1)
        let strides = axes(shape.strides, 1)
        let dilations = axes(shape.dilations, 1)
        let pads = axes(shape.padBegin, 0)
        let out = axes(shape.output, 1)
        for z in 0..<out[0] {
            for y in 0..<out[1] {
                for x in 0..<out[2] {
                    var sum = bias?[channel] ?? 0
                    for c in 0..<perGroup {
                        for kz in 0..<kernel[0] {
                            let iz = z * strides[0] + kz * dilations[0] - pads[0]
                            guard iz >= 0, iz < size[0] else { continue }
                            for ky in 0..<kernel[1] {
                                let iy = y * strides[1] + ky * dilations[1] - pads[1]
                                guard iy >= 0, iy < size[1] else { continue }
                                for kx in 0..<kernel[2] {
                                    let ix = x * strides[2] + kx * dilations[2] - pads[2]
                                    guard ix >= 0, ix < size[2] else { continue }
                                    let plane = batch * shape.inputChannels + group * perGroup + c
                                    let at = ((plane * size[0] + iz) * size[1] + iy) * size[2] + ix
                                    let tap =
                                        (((channel * perGroup + c) * kernel[0] + kz) * kernel[1]
                                            + ky) * kernel[2] + kx
                                    unsafe sum += input[at] * weights[tap]
                                }
                            }
                        }
                    }
                    unsafe output[(z * out[1] + y) * out[2] + x] = sum
                }
            }
        }
    }
}
