import ArgumentParser
import Foundation
import Inference

struct NetBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "net",
        abstract: "Time one net on random inputs.",
        discussion: "One run warms up and is not counted; the seconds of every other are printed.")

    @Argument(help: "The .onnx file.")
    var model: String

    @Option(help: "The size that open dimensions are taken as.")
    var open = 1

    @Option(help: "Threads.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Option(help: "Runs that count.")
    var runs = 10

    @Flag(inversion: .prefixedNo, help: "Let 3x3 convolutions go through Winograd's transform.")
    var winograd = true

    @Flag(help: "Print each step's share.")
    var steps = false

    @Flag(help: "Print a JSON object.")
    var json = false

    func run() throws {
        guard runs > 0, threads > 0, open > 0 else {
            throw ValidationError("--runs, --threads and --open are 1 up.")
        }
        let onnx = try OnnxModel(contentsOf: model)
        var options = NetworkOptions()
        options.winograd = winograd
        options.measuresSteps = steps
        let shapes = Dictionary(
            onnx.graph.inputs.map { input in
                let sizes = (input.shape ?? []).map { dimension in
                    if case .size(let size) = dimension { size } else { open }
                }
                return (input.name, sizes)
            }, uniquingKeysWith: { first, _ in first })
        let network = try Network(onnx, inputShapes: shapes, threads: threads, options: options)
        var generator = Generator()
        for input in network.inputs where input.elementType.isFloat {
            try network.withInput(input.name) { values in
                for index in values.indices {
                    values[index] = Float.random(in: -1...1, using: &generator)
                }
            }
        }
        network.run()
        var seconds: [Double] = []
        for _ in 0..<runs {
            let start = ContinuousClock.now
            network.run()
            seconds.append((ContinuousClock.now - start) / .seconds(1))
        }
        report(network, seconds)
    }

    /// Numbers that need not be secret (D.
    ///
    /// Knuth's MMIX generator): the system's take a call each.
    private struct Generator: RandomNumberGenerator {
        private var state: UInt64 = 1

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 33
        }
    }

    private func report(_ network: Network, _ seconds: [Double]) {
        let median = seconds.sorted()[seconds.count / 2]
        let rate = Double(network.operations) / median / 1e9
        if json {
            printJSON([
                "model": model, "threads": threads, "winograd": winograd, "seconds": seconds,
                "median": median, "operations": network.operations, "gflops": rate,
                "peak_memory_bytes": peakMemory(),
            ])
            return
        }
        print(
            String(
                format: "median %.4f s of %d runs, %d threads, %.2f GFLOP, %.0f GFLOP/s",
                median, seconds.count, threads, Double(network.operations) / 1e9, rate))
        guard steps else { return }
        for step in network.summary {
            print(
                String(format: "%8.3f ms  ", (step.seconds ?? 0) * 1e3)
                    + "\(step.opType) \(step.algorithm) \(step.outputShape) \(step.name)")
        }
    }
}
