/// Sizes of a transposed convolution over 1 to 3 spatial axes.
///
/// Layouts, with N batch, C channel, and the spatial axes in order, the last one dense:
/// input N C spatial, weights (input channel) (output channel / groups) kernel, output N C spatial.
package struct TransposedConvolutionShape: Equatable, Sendable {
    package let batch: Int
    package let inputChannels: Int
    package let outputChannels: Int
    package let groups: Int
    package let input: [Int]
    package let kernel: [Int]
    package let strides: [Int]
    package let dilations: [Int]
    /// Values dropped before the first and after the last of each spatial axis of the full result.
    package let padBegin: [Int]
    package let padEnd: [Int]
    /// Values added after the last of each spatial axis; they hold the bias where nothing reaches.
    package let outputPadding: [Int]
    /// Spatial sizes of the output.
    package let output: [Int]

    /// - Precondition: all spatial lists have the same length, 1 to 3; `groups` divides both channel
    ///   counts; the output is not empty.
    package init(
        batch: Int, inputChannels: Int, outputChannels: Int, groups: Int = 1, input: [Int],
        kernel: [Int], strides: [Int], dilations: [Int], padBegin: [Int], padEnd: [Int],
        outputPadding: [Int]
    ) {
        precondition((1...3).contains(input.count), "a convolution has 1 to 3 spatial axes")
        precondition(
            [kernel, strides, dilations, padBegin, padEnd, outputPadding]
                .allSatisfy { $0.count == input.count })
        precondition(inputChannels % groups == 0 && outputChannels % groups == 0)
        self.batch = batch
        self.inputChannels = inputChannels
        self.outputChannels = outputChannels
        self.groups = groups
        self.input = input
        self.kernel = kernel
        self.strides = strides
        self.dilations = dilations
        self.padBegin = padBegin
        self.padEnd = padEnd
        self.outputPadding = outputPadding
        output = input.indices.map { axis in
            let size =
                (input[axis] - 1) * strides[axis] + dilations[axis] * (kernel[axis] - 1) + 1
                + outputPadding[axis] - padBegin[axis] - padEnd[axis]
            precondition(size > 0, "the output is not empty")
            return size
        }
    }

    /// Floats in the input, all batches and channels.
    package var inputCount: Int { input.reduce(batch * inputChannels, *) }
    /// Floats in the output, all batches and channels.
    package var outputCount: Int { output.reduce(batch * outputChannels, *) }
    /// Floats in the weights.
    package var weightCount: Int { kernel.reduce(inputChannels * (outputChannels / groups), *) }

    /// Multiplications and additions of the direct sum, those into dropped values included.
    package var operations: Int {
        2 * kernel.reduce(1, *) * (outputChannels / groups) * inputCount
    }
}

/// A transposed convolution with fixed weights, packed once, run many times.
package final class TransposedConvolutionKernel: Sendable {
    package let shape: TransposedConvolutionShape
    package let epilogue: ConvolutionEpilogue
    /// Floats of scratch memory that a run needs, for all workers together.
    package let workspaceFloats: Int
    private let weights: [Float]
    private let bias: [Float]?

    /// Copies and packs the weights.
    ///
    /// - Parameters:
    ///   - weights: (input channel) (output channel / groups) kernel, dense.
    ///   - bias: One summand per output channel, or nil.
    ///   - threads: Most workers of any pool that `run` will get.
    package init(
        shape: TransposedConvolutionShape, weights: UnsafePointer<Float>,
        bias: UnsafePointer<Float>?, epilogue: ConvolutionEpilogue = .init(), threads: Int
    ) {
        self.shape = shape
        self.epilogue = epilogue
        unsafe self.weights = Array(UnsafeBufferPointer(start: weights, count: shape.weightCount))
        unsafe self.bias = bias.map { bias in
            unsafe Array(UnsafeBufferPointer(start: bias, count: shape.outputChannels))
        }
        workspaceFloats = 0
    }

    /// Computes the transposed convolution; the parameters are those of `ConvolutionKernel.run`.
    package func run(
        input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>,
        addend: UnsafePointer<Float>? = nil, workspace: UnsafeMutablePointer<Float>,
        pool: WorkerPool
    ) {
        let plane = shape.output.reduce(1, *)
        pool.run(count: shape.batch * shape.outputChannels) { piece, _ in
            let channel = piece % shape.outputChannels
            let target = unsafe output + piece * plane
            for i in 0..<plane { unsafe target[i] = bias?[channel] ?? 0 }
            unsafe scatter(
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

    private func scatter(
        batch: Int, channel: Int, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>
    ) {
        let perGroup = shape.outputChannels / shape.groups
        let group = channel / perGroup
        let inPerGroup = shape.inputChannels / shape.groups
        func axes(_ list: [Int], _ filler: Int) -> [Int] {
            Array(repeating: filler, count: 3 - list.count) + list
        }
        let size = axes(shape.input, 1)
        let kernel = axes(shape.kernel, 1)
        let strides = axes(shape.strides, 1)
        let dilations = axes(shape.dilations, 1)
        let pads = axes(shape.padBegin, 0)
        let out = axes(shape.output, 1)
        for c in 0..<inPerGroup {
            let source = group * inPerGroup + c
            for z in 0..<size[0] {
                for y in 0..<size[1] {
                    for x in 0..<size[2] {
                        let plane = batch * shape.inputChannels + source
                        let value = unsafe input[
                            ((plane * size[0] + z) * size[1] + y) * size[2] + x]
                        for kz in 0..<kernel[0] {
                            let oz = z * strides[0] + kz * dilations[0] - pads[0]
                            guard oz >= 0, oz < out[0] else { continue }
                            for ky in 0..<kernel[1] {
                                let oy = y * strides[1] + ky * dilations[1] - pads[1]
                                guard oy >= 0, oy < out[1] else { continue }
                                for kx in 0..<kernel[2] {
                                    let ox = x * strides[2] + kx * dilations[2] - pads[2]
                                    guard ox >= 0, ox < out[2] else { continue }
                                    let tap =
                                        (((source * perGroup + channel % perGroup) * kernel[0] + kz)
                                            * kernel[1] + ky) * kernel[2] + kx
                                    unsafe output[(oz * out[1] + oy) * out[2] + ox] +=
                                        value * weights[tap]
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
