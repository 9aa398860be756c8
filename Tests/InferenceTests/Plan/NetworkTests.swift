import Inference
import Testing

/// Properties that every run has.
struct NetworkTests {
    private func output(of network: Network) throws -> [UInt32] {
        try network.withOutput("y") { values in values.indices.map { values[$0].bitPattern } }
    }

    private func fill(_ network: Network) throws {
        try network.withInput("x") { values in
            for index in values.indices { values[index] = ModelBytes.smallInput[index] }
        }
    }

    @Test(arguments: [false, true])
    func theSameBitsForEveryThreadCountAndRun(fuses: Bool) throws {
        let model = try ModelBytes.smallNet().model()
        var options = NetworkOptions()
        options.fuses = fuses
        var first: [UInt32]?
        for threads in 1...3 {
            let network = try Network(model, threads: threads, options: options)
            try fill(network)
            for _ in 0..<3 {
                network.run()
                let bits = try output(of: network)
                #expect(bits == first ?? bits, "\(threads) threads")
                first = bits
            }
        }
    }

    @Test func joiningOperationsChangesNothingButRounding() throws {
        let model = try ModelBytes.smallNet().model()
        var results: [[Float]] = []
        for fuses in [false, true] {
            var options = NetworkOptions()
            options.fuses = fuses
            options.winograd = false
            let network = try Network(model, threads: 1, options: options)
            let x = Tensor(shape: [1, 3, 16, 20], floats: ModelBytes.smallInput)
            results.append(try #require(try network.run(["x": x])["y"]?.floats))
        }
        #expect(zip(results[0], results[1]).allSatisfy { abs($0 - $1) < 1e-6 })
        // Softmax over the second axis: the four parts sum to one everywhere.
        let part = results[1].count / 4
        for index in 0..<part {
            let sum = (0..<4).reduce(Float(0)) { $0 + results[1][$1 * part + index] }
            #expect(abs(sum - 1) < 1e-5)
        }
    }

    @Test func anInputKeepsItsNumbers() throws {
        let network = try Network(try ModelBytes.smallNet().model(), threads: 1)
        try fill(network)
        network.run()
        try network.withInput("x") { values in
            for index in values.indices { #expect(values[index] == ModelBytes.smallInput[index]) }
        }
    }

    @Test func unknownNamesAreRefused() throws {
        let network = try Network(try ModelBytes.smallNet().model(), threads: 1)
        #expect(throws: GraphError.self) { try network.withInput("z") { _ in } }
        #expect(throws: GraphError.self) { try network.withOutput("x") { _ in } }
        #expect(throws: GraphError.self) { try network.run([:]) }
    }

    @Test func theSummaryCountsTheWork() throws {
        let network = try Network(try ModelBytes.smallNet().model(), threads: 1)
        let conv = try #require(network.summary.first { $0.opType == "Conv" })
        #expect(conv.operations == 2 * 3 * 9 * 8 * 16 * 20)
        #expect(conv.outputShape == [1, 8, 16, 20])
        #expect(network.operations >= conv.operations)
    }

    @Test func arraysThatAreNotAliveTogetherShareMemory() throws {
        // A chain of fifty convolutions needs room for two of their results, not for fifty.
        var model = ModelBytes()
        model.input("v0", [1, 4, 64, 64])
        model.weight("w", [4, 4, 1, 1], [Float](repeating: 0.1, count: 16))
        for step in 0..<50 { model.node("Conv", ["v\(step)", "w"], ["v\(step + 1)"]) }
        model.output("v50")
        let network = try Network(try model.model(), threads: 1)
        #expect(network.arenaBytes < 6 * 4 * 64 * 64 * 4)
    }
}
