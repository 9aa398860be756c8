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
    /// Spatial sizes of the output, before channels take turns along the last axis.
    package let output: [Int]
    /// So many neighbouring output channels take turns along the last axis of what is written: with
    /// q of them the output is N (C / q) spatial, its last axis q times as long, and value q x + i
    /// of channel c is value x of channel q c + i.
    ///
    /// 1 where every channel has rows of its own.
    package let interleave: Int
    /// Floats from one row of the last axis to the next, in the input and in what is written: more
    /// than the axis has where the rows are a window of wider ones.
    package let inputPitch: Int
    package let outputPitch: Int

    /// - Parameters:
    ///   - inputPitch: The last axis' size where it is nil; likewise `outputPitch`.
    /// - Precondition: all spatial lists have the same length, 1 to 3; all sizes are positive;
    ///   `groups` divides both channel counts, and `interleave` the output channels of a group; the
    ///   padded input holds the dilated kernel; pitches hold their rows.
    package init(
        batch: Int, inputChannels: Int, outputChannels: Int, groups: Int = 1, input: [Int],
        kernel: [Int], strides: [Int], dilations: [Int], padBegin: [Int], padEnd: [Int],
        interleave: Int = 1, inputPitch: Int? = nil, outputPitch: Int? = nil
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
        let (last, width) = (input.count - 1, output[input.count - 1] * interleave)
        self.interleave = interleave
        self.inputPitch = inputPitch ?? input[last]
        self.outputPitch = outputPitch ?? width
        precondition(interleave > 0 && outputChannels / groups % interleave == 0)
        precondition(self.inputPitch >= input[last] && self.outputPitch >= width)
    }

    /// Floats in the input, all batches and channels.
    package var inputCount: Int { input.reduce(batch * inputChannels, *) }
    /// Floats of results, all batches and channels.
    package var outputCount: Int { output.reduce(batch * outputChannels, *) }
    /// Floats in what is written, from the first row to the end of the last one's pitch.
    package var outputRoom: Int {
        outputCount / (output[output.count - 1] * interleave) * outputPitch
    }
    /// Whether results are written one after another in the order of N C spatial.
    var isDense: Bool { interleave == 1 && outputPitch == output[output.count - 1] }
    /// Whether channels of what is written can become shares: all of a position are written together
    /// only where they take turns.
    func canShare(_ count: Int) -> Bool {
        interleave > 1 && groups == 1 && (2...ConvolutionEpilogue.mostShares).contains(count)
            && outputChannels / interleave % count == 0
    }
    /// Floats in the weights.
    package var weightCount: Int { kernel.reduce(outputChannels * (inputChannels / groups), *) }

    /// Multiplications and additions of the direct sum.
    package var operations: Int {
        2 * kernel.reduce(1, *) * (inputChannels / groups) * outputCount
    }
}
