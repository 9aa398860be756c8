import Inference
import Testing

/// A transposed convolution to try.
struct TransposedCase: CustomTestStringConvertible, Sendable {
    var batch = 1
    var channels: Int
    var outputs: Int
    var groups = 1
    var size: [Int]
    var kernel: [Int]
    var strides: [Int]?
    var dilations: [Int]?
    var begin: [Int]?
    var end: [Int]?
    var extra: [Int]?

    var shape: TransposedConvolutionShape {
        let ones = size.map { _ in 1 }
        let zeros = size.map { _ in 0 }
        return TransposedConvolutionShape(
            batch: batch, inputChannels: channels, outputChannels: outputs, groups: groups,
            input: size, kernel: kernel, strides: strides ?? ones, dilations: dilations ?? ones,
            padBegin: begin ?? zeros, padEnd: end ?? begin ?? zeros, outputPadding: extra ?? zeros)
    }

    var testDescription: String {
        "\(batch)x\(channels)>\(outputs)/\(groups) \(size) k\(kernel) s\(strides ?? []) "
            + "d\(dilations ?? []) p\(begin ?? [])..\(end ?? []) +\(extra ?? [])"
    }

    static let all: [TransposedCase] = [
        .init(channels: 1, outputs: 1, size: [1, 1], kernel: [1, 1]),
        .init(channels: 3, outputs: 4, size: [5, 9], kernel: [3, 3], begin: [1, 1]),
        .init(channels: 20, outputs: 17, size: [9, 33], kernel: [2, 2], strides: [2, 2]),
        .init(
            channels: 33, outputs: 9, size: [8, 16], kernel: [5, 5], strides: [2, 2],
            begin: [1, 1], end: [2, 2]),
        .init(
            batch: 2, channels: 6, outputs: 1, size: [12, 40], kernel: [5, 5], strides: [2, 2],
            begin: [1, 1], end: [2, 2]),
        // So few parts that channels are shared out instead.
        .init(
            channels: 36, outputs: 70, size: [8, 16], kernel: [5, 5], strides: [2, 2],
            begin: [1, 1], end: [2, 2]),
        .init(
            channels: 64, outputs: 40, size: [17, 70], kernel: [4, 4], strides: [2, 2],
            begin: [1, 1]),
        .init(
            batch: 2, channels: 40, outputs: 20, groups: 2, size: [11, 75], kernel: [6, 5],
            strides: [2, 2], begin: [2, 0], end: [1, 3], extra: [1, 1]),
        .init(
            channels: 3, outputs: 2, size: [4, 5], kernel: [2, 3], strides: [3, 5],
            extra: [1, 2]),
        .init(
            channels: 2, outputs: 3, size: [5, 6], kernel: [3, 3], strides: [2, 3],
            dilations: [2, 2], begin: [2, 1], end: [0, 3], extra: [1, 0]),
        .init(
            channels: 2, outputs: 2, size: [7, 3], kernel: [3, 2], strides: [4, 1], begin: [3, 0]),
        .init(
            channels: 4, outputs: 6, groups: 2, size: [5, 20], kernel: [3, 3], strides: [2, 2]),
        .init(channels: 8, outputs: 8, groups: 8, size: [5, 9], kernel: [4, 4], strides: [2, 2]),
        .init(channels: 5, outputs: 3, size: [50], kernel: [8], strides: [4], begin: [2]),
        .init(
            channels: 3, outputs: 2, size: [3, 4, 5], kernel: [3, 2, 2], strides: [2, 2, 1],
            begin: [1, 0, 0]),
    ]
}

@Suite struct TransposedConvolutionKernelTests {
    @Test(arguments: TransposedCase.all)
    func everyInstructionSetMatchesTheDefinition(_ test: TransposedCase) {
        let shape = test.shape
        let input = noise(shape.inputCount, seed: 1)
        let weights = noise(shape.weightCount, seed: 2)
        let bias = noise(shape.outputChannels, seed: 3)
        let reference = ConvolutionReference.scatter(
            input: input, batch: test.batch, channels: test.channels, size: test.size,
            weights: weights, outputs: test.outputs, kernel: test.kernel, strides: shape.strides,
            dilations: shape.dilations, padBegin: shape.padBegin, out: shape.output,
            groups: test.groups, bias: bias)
        for kernels in ["avx512", "avx2", "base"].compactMap({ TileKernels(named: $0) }) {
            for algorithm in [ConvolutionAlgorithm.tiled, .winograd] {
                let result = run(
                    shape, input, weights, bias, algorithm: algorithm, kernels: kernels)
                #expect(worstError(result, reference) < 1e-5, "\(algorithm) \(kernels.name)")
            }
        }
    }

    @Test(arguments: TransposedCase.all)
    func threadsDoNotChangeABit(_ test: TransposedCase) {
        let input = noise(test.shape.inputCount, seed: 4)
        let weights = noise(test.shape.weightCount, seed: 5)
        for algorithm in [ConvolutionAlgorithm.tiled, .winograd] {
            let one = run(test.shape, input, weights, nil, algorithm: algorithm)
            for threads in [2, 3] {
                let more = run(
                    test.shape, input, weights, nil, algorithm: algorithm, threads: threads)
                #expect(more.bits == one.bits)
            }
        }
    }

    @Test(arguments: [ConvolutionAlgorithm.tiled, .winograd])
    func theEpilogueIsAppliedToEveryPhase(_ algorithm: ConvolutionAlgorithm) {
        let shape = TransposedCase.all[3].shape
        let input = noise(shape.inputCount, seed: 6)
        let weights = noise(shape.weightCount, seed: 7)
        let addend = noise(shape.outputCount, seed: 8)
        let scale = noise(shape.outputChannels, seed: 9)
        let shift = noise(shape.outputChannels, seed: 10)
        let plain = run(shape, input, weights, nil, algorithm: algorithm)
        let result = run(
            shape, input, weights, nil,
            epilogue: .init(activation: .relu, scale: scale, shift: shift, addend: .last),
            addend: addend, algorithm: algorithm)
        let plane = shape.output.reduce(1, *)
        let expected = plain.indices.map { at in
            let channel = at / plane % shape.outputChannels
            return Double(max(plain[at], 0)) * Double(scale[channel]) + Double(shift[channel])
                + Double(addend[at])
        }
        #expect(worstError(result, expected) < 1e-6)
    }

    private func run(
        _ shape: TransposedConvolutionShape, _ input: [Float], _ weights: [Float],
        _ bias: [Float]?, epilogue: ConvolutionEpilogue = .init(), addend: [Float]? = nil,
        algorithm: ConvolutionAlgorithm, threads: Int = 1, kernels: TileKernels = .best
    ) -> [Float] {
        let pool = WorkerPool(threads: threads)
        let source = Floats(input)
        let factors = Floats(weights)
        let biases = bias.map { Floats($0) }
        let addends = addend.map { Floats($0) }
        let output = Floats(count: shape.outputCount)
        let kernel = unsafe TransposedConvolutionKernel(
            shape: shape, weights: factors.pointer, bias: biases?.pointer, epilogue: epilogue,
            algorithm: algorithm, threads: threads, kernels: kernels)
        let workspace = Floats(count: kernel.workspaceFloats)
        unsafe kernel.run(
            input: source.pointer, output: output.pointer, addend: addends?.pointer,
            workspace: workspace.pointer, pool: pool)
        return withExtendedLifetime((source, factors, biases, addends, workspace)) {
            output.values
        }
    }
}
