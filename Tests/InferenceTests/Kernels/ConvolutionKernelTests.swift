import Inference
import Testing

/// A convolution to try; short names keep the table of cases readable.
struct ConvolutionCase: CustomTestStringConvertible, Sendable {
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

    var shape: ConvolutionShape {
        let ones = size.map { _ in 1 }
        let zeros = size.map { _ in 0 }
        return ConvolutionShape(
            batch: batch, inputChannels: channels, outputChannels: outputs, groups: groups,
            input: size, kernel: kernel, strides: strides ?? ones, dilations: dilations ?? ones,
            padBegin: begin ?? zeros, padEnd: end ?? begin ?? zeros)
    }

    var testDescription: String {
        "\(batch)x\(channels)>\(outputs)/\(groups) \(size) k\(kernel) s\(strides ?? []) "
            + "d\(dilations ?? []) p\(begin ?? [])..\(end ?? [])"
    }

    static let all: [ConvolutionCase] = [
        // So few parts that channels are shared out instead.
        .init(
            batch: 2, channels: 20, outputs: 64, size: [16, 15], kernel: [3, 3], begin: [1, 1]),
        .init(
            channels: 35, outputs: 130, size: [21, 32], kernel: [5, 5], strides: [2, 2],
            begin: [1, 1], end: [2, 2]),
        // Five parts, the last of which two threads share, and the last two three.
        .init(channels: 16, outputs: 96, size: [80, 32], kernel: [3, 3], begin: [1, 1]),
        .init(channels: 1, outputs: 1, size: [1, 1], kernel: [1, 1]),
        .init(channels: 3, outputs: 5, size: [7, 9], kernel: [1, 1]),
        .init(batch: 2, channels: 17, outputs: 9, size: [5, 33], kernel: [1, 1]),
        .init(channels: 40, outputs: 24, size: [30, 70], kernel: [1, 1], strides: [2, 2]),
        .init(channels: 2, outputs: 4, size: [8, 8], kernel: [3, 3], begin: [1, 1]),
        .init(channels: 6, outputs: 11, size: [13, 50], kernel: [3, 3], begin: [1, 1]),
        .init(batch: 3, channels: 9, outputs: 8, size: [10, 19], kernel: [3, 3]),
        .init(channels: 33, outputs: 70, size: [12, 40], kernel: [3, 3], begin: [1, 1]),
        .init(channels: 160, outputs: 24, size: [9, 200], kernel: [3, 3], begin: [1, 1]),
        .init(
            channels: 5, outputs: 7, size: [6, 6], kernel: [3, 3], begin: [2, 0], end: [0, 3]),
        .init(channels: 8, outputs: 8, size: [1, 100], kernel: [3, 3], begin: [1, 1]),
        .init(channels: 8, outputs: 8, size: [100, 1], kernel: [3, 3], begin: [1, 1]),
        .init(channels: 4, outputs: 6, size: [20, 40], kernel: [3, 3], dilations: [2, 3]),
        .init(
            channels: 3, outputs: 16, size: [31, 45], kernel: [5, 5], strides: [2, 2],
            begin: [1, 1], end: [2, 2]),
        .init(
            channels: 64, outputs: 130, size: [16, 32], kernel: [5, 5], strides: [2, 2],
            begin: [1, 1], end: [2, 2]),
        .init(
            batch: 2, channels: 12, outputs: 20, groups: 2, size: [27, 90], kernel: [4, 6],
            strides: [2, 2], begin: [1, 3], end: [2, 0]),
        .init(
            channels: 1, outputs: 2, size: [24, 60], kernel: [4, 4], dilations: [2, 2],
            begin: [3, 3]),
        .init(channels: 3, outputs: 4, size: [23, 37], kernel: [2, 7], strides: [3, 5]),
        .init(
            channels: 2, outputs: 3, size: [19, 29], kernel: [3, 4], strides: [2, 3],
            dilations: [3, 2], begin: [2, 5], end: [4, 1]),
        .init(channels: 4, outputs: 4, size: [16, 600], kernel: [3, 3], strides: [1, 4]),
        .init(channels: 2, outputs: 3, size: [9, 500], kernel: [1, 9], begin: [0, 4]),
        .init(channels: 2, outputs: 2, size: [12, 12], kernel: [3, 3], begin: [-1, -2]),
        .init(channels: 2, outputs: 2, size: [3, 3], kernel: [3, 3], begin: [4, 4]),
        .init(
            channels: 12, outputs: 12, groups: 12, size: [9, 21], kernel: [3, 3], begin: [1, 1]),
        .init(
            channels: 8, outputs: 16, groups: 8, size: [11, 11], kernel: [5, 5], begin: [2, 2]),
        .init(
            channels: 32, outputs: 48, groups: 4, size: [9, 40], kernel: [3, 3], begin: [1, 1]),
        .init(channels: 3, outputs: 5, size: [100], kernel: [7], strides: [2], begin: [3]),
        .init(channels: 5, outputs: 3, size: [3000], kernel: [3], dilations: [4], begin: [4]),
        .init(
            batch: 2, channels: 3, outputs: 4, size: [5, 6, 7], kernel: [3, 2, 3],
            strides: [2, 1, 1], dilations: [1, 2, 1], begin: [1, 1, 1]),
    ]
}

@Suite struct ConvolutionKernelTests {
    @Test(arguments: ConvolutionCase.all)
    func everyAlgorithmMatchesTheDefinition(_ test: ConvolutionCase) {
        let shape = test.shape
        let input = noise(shape.inputCount, seed: 1)
        let weights = noise(shape.weightCount, seed: 2)
        let bias = noise(shape.outputChannels, seed: 3)
        let reference = ConvolutionReference.convolve(
            input: input, batch: test.batch, channels: test.channels, size: test.size,
            weights: weights, outputs: test.outputs, kernel: test.kernel, strides: shape.strides,
            dilations: shape.dilations, padBegin: shape.padBegin, padEnd: shape.padEnd,
            groups: test.groups, bias: bias)
        for kernels in ["avx512", "avx2", "base"].compactMap({ TileKernels(named: $0) }) {
            for algorithm in [ConvolutionAlgorithm.tiled, .winograd] {
                let result = run(
                    shape, input, weights, bias, algorithm: algorithm, kernels: kernels)
                #expect(worstError(result, reference) < 1e-5, "\(algorithm) \(kernels.name)")
            }
        }
    }

    @Test(arguments: ConvolutionCase.all)
    func threadsDoNotChangeABit(_ test: ConvolutionCase) {
        let shape = test.shape
        let input = noise(shape.inputCount, seed: 4)
        let weights = noise(shape.weightCount, seed: 5)
        for algorithm in [ConvolutionAlgorithm.tiled, .winograd] {
            let one = run(shape, input, weights, nil, algorithm: algorithm)
            for threads in [2, 3] {
                let more = run(shape, input, weights, nil, algorithm: algorithm, threads: threads)
                #expect(one.bits == more.bits)
            }
        }
    }

    /// A kernel made for some threads may be run by fewer, in the same memory.
    @Test func fewerThreadsNeedNoMoreMemory() {
        // Eleven parts: four threads share three of them, five threads one.
        let shape = ConvolutionCase(
            channels: 16, outputs: 96, size: [528, 32], kernel: [3, 3], begin: [1, 1]
        ).shape
        let weights = Floats(count: shape.weightCount)
        let needs = (1...8).map { threads in
            unsafe ConvolutionKernel(
                shape: shape, weights: weights.pointer, bias: nil, algorithm: .winograd,
                threads: threads
            ).workspaceFloats
        }
        #expect(needs == needs.sorted(), "\(needs)")
    }

    @Test(arguments: [ConvolutionAlgorithm.tiled, .winograd])
    func outputsLargerThanTheCachesAreTheSame(_ algorithm: ConvolutionAlgorithm) {
        // One channel has too few results to be written past the caches, seven have enough.
        let small = ConvolutionCase(
            channels: 1, outputs: 1, size: [900, 1104], kernel: [3, 3], begin: [1, 1]
        ).shape
        let large = ConvolutionCase(
            channels: 1, outputs: 7, size: [900, 1104], kernel: [3, 3], begin: [1, 1]
        ).shape
        let input = noise(small.inputCount, seed: 10)
        let weights = noise(large.weightCount, seed: 11)
        let epilogue = ConvolutionEpilogue(activation: .leakyRelu(alpha: 0.5))
        let all = run(large, input, weights, nil, epilogue: epilogue, algorithm: algorithm)
        for channel in [0, 6] {
            let one = run(
                small, input, Array(weights[channel * 9..<channel * 9 + 9]), nil,
                epilogue: epilogue, algorithm: algorithm)
            let plane = one.count
            #expect(Array(all[channel * plane..<(channel + 1) * plane]).bits == one.bits)
        }
    }

    static let epilogues: [ConvolutionEpilogue] = [
        .init(activation: .relu),
        .init(activation: .leakyRelu(alpha: 0.2), addend: .beforeActivation),
        .init(activation: .relu, addend: .beforeActivation),
        .init(activation: .sigmoid, addend: .last),
        .init(activation: .relu, scale: [2, -1, 0.5], shift: [0, 3, -1], addend: .last),
        .init(activation: .relu, shift: [0, 3, -1], addend: .lastAsFactor),
        .init(activation: .sigmoid, addend: .lastAsFactor),
    ]

    @Test(arguments: epilogues, [ConvolutionAlgorithm.tiled, .winograd])
    func theEpilogueIsAppliedInItsOrder(
        _ epilogue: ConvolutionEpilogue, _ algorithm: ConvolutionAlgorithm
    ) {
        let test = ConvolutionCase(
            batch: 2, channels: 4, outputs: 3, size: [9, 37], kernel: [3, 3], begin: [1, 1])
        let shape = test.shape
        let input = noise(shape.inputCount, seed: 6)
        let weights = noise(shape.weightCount, seed: 7)
        let bias = noise(3, seed: 8)
        let addend = noise(shape.outputCount, seed: 9)
        let plain = run(shape, input, weights, bias, algorithm: algorithm)
        let plane = shape.output.reduce(1, *)
        let expected = plain.indices.map { at in
            var value = plain[at] + (epilogue.addend == .beforeActivation ? addend[at] : 0)
            switch epilogue.activation {
            case .relu: value = max(value, 0)
            case .leakyRelu(let alpha): value = value < 0 ? alpha * value : value
            case .sigmoid: value = 1 / (1 + exponential(-value))
            default: break
            }
            let channel = at / plane % 3
            value = value * (epilogue.scale?[channel] ?? 1) + (epilogue.shift?[channel] ?? 0)
            switch epilogue.addend {
            case .last: value += addend[at]
            case .lastAsFactor: value *= addend[at]
            case .none, .beforeActivation: break
            }
            return Double(value)
        }
        let result = run(
            shape, input, weights, bias, epilogue: epilogue, addend: addend, algorithm: algorithm)
        #expect(worstError(result, expected) < 2e-6)
    }

    private func exponential(_ x: Float) -> Float {
        // The series is enough for the range of these sums, halved until it converges fast.
        let small = Double(x) / 1024
        var power = 1 + small + small * small / 2 + small * small * small / 6
        for _ in 0..<10 { power *= power }
        return Float(power)
    }

    private func run(
        _ shape: ConvolutionShape, _ input: [Float], _ weights: [Float], _ bias: [Float]?,
        epilogue: ConvolutionEpilogue = .init(), addend: [Float]? = nil,
        algorithm: ConvolutionAlgorithm, threads: Int = 1, kernels: TileKernels = .best
    ) -> [Float] {
        let pool = WorkerPool(threads: threads)
        let source = Floats(input)
        let factors = Floats(weights)
        let biases = bias.map { Floats($0) }
        let addends = addend.map { Floats($0) }
        let output = Floats(count: shape.outputCount)
        let kernel = unsafe ConvolutionKernel(
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
