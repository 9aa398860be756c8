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
