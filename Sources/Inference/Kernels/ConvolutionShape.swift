/// Sizes of a convolution over 1 to 3 spatial axes.
///
/// Layouts, with N batch, C channel, and the spatial axes in order, the last one dense:
/// input N C spatial, weights (output channel) (input channel / groups) kernel, output N C spatial.
package struct ConvolutionShape: Equatable, Sendable {
    package let batch: Int
    package let inputChannels: Int
    package let outputChannels: Int
    /// Channels are split into this many groups that don't see each other; divides both counts.
    package let groups: Int
    /// Spatial sizes of the input.
    package let input: [Int]
    package let kernel: [Int]
    package let strides: [Int]
    package let dilations: [Int]
    /// Zeros before the first value of each spatial axis; a negative count crops.
    package let padBegin: [Int]
    /// Zeros after the last value of each spatial axis; a negative count crops.
    package let padEnd: [Int]
    /// Spatial sizes of the output.
    package let output: [Int]

    /// - Precondition: all spatial lists have the same length, 1 to 3; all sizes are positive;
    ///   `groups` divides both channel counts; the padded input holds the dilated kernel.
    package init(
        batch: Int, inputChannels: Int, outputChannels: Int, groups: Int = 1, input: [Int],
        kernel: [Int], strides: [Int], dilations: [Int], padBegin: [Int], padEnd: [Int]
    ) {
        precondition((1...3).contains(input.count), "a convolution has 1 to 3 spatial axes")
        precondition(
            [kernel, strides, dilations, padBegin, padEnd].allSatisfy { $0.count == input.count })
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
        output = input.indices.map { axis in
            let room =
                input[axis] + padBegin[axis] + padEnd[axis]
                - (dilations[axis] * (kernel[axis] - 1) + 1)
            precondition(room >= 0, "the padded input holds the dilated kernel")
            return room / strides[axis] + 1
        }
    }

    /// Floats in the input, all batches and channels.
    package var inputCount: Int { input.reduce(batch * inputChannels, *) }
    /// Floats in the output, all batches and channels.
    package var outputCount: Int { output.reduce(batch * outputChannels, *) }
    /// Floats in the weights.
    package var weightCount: Int { kernel.reduce(outputChannels * (inputChannels / groups), *) }

    /// Multiplications and additions of the direct sum.
    package var operations: Int {
        2 * kernel.reduce(1, *) * (inputChannels / groups) * outputCount
    }
}
