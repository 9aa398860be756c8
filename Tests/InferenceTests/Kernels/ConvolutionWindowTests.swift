import Foundation
import Inference
import Testing

/// Convolutions whose rows are windows of wider rows, or whose channels take turns along them.
@Suite struct ConvolutionWindowTests {
    /// A convolution on windows: floats before the first row, and how far apart rows are.
    struct Windows: CustomTestStringConvertible, Sendable {
        let name: String
        let size: [Int]
        let kernel: [Int]
        var strides = [1, 1]
        var pads = [0, 0]
        let read: (offset: Int, pitch: Int)
        let written: (offset: Int, more: Int)

        var testDescription: String { name }

        func shape(read: Bool, written: Bool) -> ConvolutionShape {
            let dense = ConvolutionShape(
                batch: 2, inputChannels: 5, outputChannels: 9, input: size, kernel: kernel,
                strides: strides, dilations: [1, 1], padBegin: pads, padEnd: pads)
            return ConvolutionShape(
                batch: 2, inputChannels: 5, outputChannels: 9, input: size, kernel: kernel,
                strides: strides, dilations: [1, 1], padBegin: pads, padEnd: pads,
                inputPitch: read ? self.read.pitch : nil,
                outputPitch: written ? dense.output[1] + self.written.more : nil)
        }
    }

    static let windows: [Windows] = [
        .init(
            name: "single values", size: [6, 33], kernel: [1, 1], read: (7, 41),
            written: (3, 20)),
        .init(
            name: "a stride", size: [3, 76], kernel: [1, 4], strides: [1, 4], read: (1, 77),
            written: (5, 5)),
        .init(
            name: "a padded kernel", size: [9, 37], kernel: [3, 3], pads: [1, 1],
            read: (11, 64), written: (16, 27)),
        .init(
            name: "a wide row", size: [4, 700], kernel: [1, 1], read: (100, 801),
            written: (0, 1)),
        .init(
            name: "five by five", size: [14, 21], kernel: [5, 5], strides: [2, 2], pads: [2, 2],
            read: (2, 30), written: (1, 9)),
    ]

    @Test(arguments: windows, [ConvolutionAlgorithm.tiled, .winograd])
    func windowsGiveTheBitsOfCopies(_ test: Windows, _ algorithm: ConvolutionAlgorithm) {
        let dense = test.shape(read: false, written: false)
        let shape = test.shape(read: true, written: true)
        let rows = dense.inputCount / test.size[1]
        let wide = noise(rows * test.read.pitch, seed: 21)
        let copied = (0..<rows).flatMap { row in
            let start = row * test.read.pitch + test.read.offset
            return (0..<test.size[1]).map { start + $0 < wide.count ? wide[start + $0] : 0 }
        }
        // The last row of the window may reach beyond the rows: let it.
        let padded = wide + [Float](repeating: 0, count: test.read.offset)
        let weights = noise(dense.weightCount, seed: 22)
        let bias = noise(9, seed: 23)
        let outRows = dense.outputCount / dense.output[1]
        let room = outRows * shape.outputPitch + test.written.offset
        for kernels in ["avx512", "avx2", "base"].compactMap({ TileKernels(named: $0) }) {
            let expected = run(
                dense, copied, weights, bias, algorithm, kernels, room: dense.outputCount)
            for threads in [1, 2] {
                let result = run(
                    shape, padded, weights, bias, algorithm, kernels, threads: threads,
                    from: test.read.offset, to: test.written.offset, room: room)
                var wanted = [Float](repeating: untouched, count: room)
                for row in 0..<outRows {
                    for column in 0..<dense.output[1] {
                        wanted[test.written.offset + row * shape.outputPitch + column] =
                            expected[row * dense.output[1] + column]
                    }
                }
                #expect(result.bits == wanted.bits, "\(kernels.name), \(threads) threads")
            }
        }
    }

    @Test(arguments: [2, 3, 4, 12, 20], [1, 7, 16, 67, 600])
    func channelsTakeTurnsAlongTheLastAxis(turns: Int, width: Int) {
        func shape(_ turns: Int, pitch: Int? = nil) -> ConvolutionShape {
            ConvolutionShape(
                batch: 2, inputChannels: 6, outputChannels: 60, input: [5, width],
                kernel: [1, 1], strides: [1, 1], dilations: [1, 1], padBegin: [0, 0],
                padEnd: [0, 0], interleave: turns, outputPitch: pitch)
        }
        let dense = shape(1)
        let pitch = turns * width + 6
        let input = noise(dense.inputCount, seed: 31)
        let weights = noise(dense.weightCount, seed: 32)
        let epilogue = ConvolutionEpilogue(activation: .leakyRelu(alpha: 0.25))
        for bias in [nil, noise(60, seed: 33)] {
            for kernels in ["avx512", "avx2", "base"].compactMap({ TileKernels(named: $0) }) {
                let plain = run(
                    dense, input, weights, bias, .tiled, kernels, epilogue: epilogue,
                    room: dense.outputCount)
                let room = dense.outputCount / (width * turns) * pitch
                let result = run(
                    shape(turns, pitch: pitch), input, weights, bias, .automatic, kernels,
                    epilogue: epilogue, threads: 2, room: room)
                var wanted = [Float](repeating: untouched, count: room)
                for batch in 0..<2 {
                    for channel in 0..<60 {
                        for row in 0..<5 {
                            let image = batch * (60 / turns) + channel / turns
                            for column in 0..<width {
                                wanted[
                                    (image * 5 + row) * pitch + column * turns + channel % turns
                                ] = plain[((batch * 60 + channel) * 5 + row) * width + column]
                            }
                        }
                    }
                }
                #expect(result.bits == wanted.bits, "\(kernels.name), bias \(bias != nil)")
            }
        }
    }

    /// Shares of channels that take turns, on all instruction sets, beside those of what is written
    /// without.
    @Test(arguments: [2, 3, 5], [1, 16, 67, 600])
    func channelsThatTakeTurnsBecomeShares(shares: Int, width: Int) {
        let turns = 4
        let shape = ConvolutionShape(
            batch: 2, inputChannels: 6, outputChannels: 120, input: [5, width], kernel: [1, 1],
            strides: [1, 1], dilations: [1, 1], padBegin: [0, 0], padEnd: [0, 0],
            interleave: turns, outputPitch: turns * width + 6)
        let input = noise(shape.inputCount, seed: 51)
        let weights = noise(shape.weightCount, seed: 52)
        let bias = noise(120, seed: 53)
        let channels = 120 / turns
        let (row, apart) = (shape.outputPitch, channels / shares)
        for kernels in ["avx512", "avx2", "base"].compactMap({ TileKernels(named: $0) }) {
            func result(_ shares: Int, threads: Int) -> [Float] {
                run(
                    shape, input, weights, bias, .automatic, kernels,
                    epilogue: .init(activation: .leakyRelu(alpha: 0.25), shares: shares),
                    threads: threads, room: shape.outputRoom)
            }
            let plain = result(1, threads: 1)
            let one = result(shares, threads: 1)
            #expect(one.bits == result(shares, threads: 2).bits, "\(kernels.name)")
            var worst = 0.0
            for index in plain.indices {
                if index % row >= turns * width {
                    worst = max(worst, one[index] == untouched ? 0 : 1)
                    continue
                }
                let (image, channel) = (index / (5 * row) / channels, index / (5 * row) % channels)
                let powers = (0..<shares).map { share in
                    let other = image * channels + channel % apart + share * apart
                    return exp(Double(plain[other * 5 * row + index % (5 * row)]))
                }
                let share = powers[channel / apart] / powers.reduce(0, +)
                worst = max(worst, abs(Double(one[index]) - share))
            }
            #expect(worst < 1e-6, "\(kernels.name)")
        }
    }

    /// What lies in the output before a run.
    private let untouched: Float = -77

    private func run(
        _ shape: ConvolutionShape, _ input: [Float], _ weights: [Float], _ bias: [Float]?,
        _ algorithm: ConvolutionAlgorithm, _ kernels: TileKernels,
        epilogue: ConvolutionEpilogue = .init(), threads: Int = 1, from: Int = 0, to: Int = 0,
        room: Int
    ) -> [Float] {
        let pool = WorkerPool(threads: threads)
        let source = Floats(input)
        let factors = Floats(weights)
        let biases = bias.map { Floats($0) }
        let output = Floats([Float](repeating: untouched, count: room))
        let kernel = unsafe ConvolutionKernel(
            shape: shape, weights: factors.pointer, bias: biases?.pointer, epilogue: epilogue,
            algorithm: algorithm, threads: threads, kernels: kernels)
        let workspace = Floats(count: kernel.workspaceFloats)
        unsafe kernel.run(
            input: source.pointer + from, output: output.pointer + to,
            workspace: workspace.pointer, pool: pool)
        return withExtendedLifetime((source, factors, biases, workspace)) { output.values }
    }
}
