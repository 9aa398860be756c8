import Inference
import Testing

/// What passes join and leave alone, seen in the steps of the finished plan.
///
/// That results stay the same is the reference cases' business.
struct PassTests {
    private func steps(_ model: ModelBytes) throws -> [String] {
        try Network(try model.model(), threads: 1).summary.map(\.opType)
    }

    private func convolution(_ model: inout ModelBytes, _ input: String, _ output: String) {
        model.weight(
            "w_\(output)", [4, 4, 3, 3], (0..<144).map { Float($0 % 7) / 10 - 0.3 })
        model.node("Conv", [input, "w_\(output)"], [output], ["pads": .ints([1, 1, 1, 1])])
    }

    private func batchNorm(_ model: inout ModelBytes, _ input: String, _ output: String) {
        let names = ["gamma", "beta", "mean", "variance"].map { "\($0)_\(output)" }
        for name in names { model.weight(name, [4], [1, 2, 3, 4]) }
        model.node("BatchNormalization", [input] + names, [output])
    }

    @Test func aResidualBlockIsOneStepAConvolution() throws {
        var model = ModelBytes()
        model.input("x", [1, 4, 9, 9])
        convolution(&model, "x", "c1")
        batchNorm(&model, "c1", "n1")
        model.node("Relu", ["n1"], ["r1"])
        convolution(&model, "r1", "c2")
        batchNorm(&model, "c2", "n2")
        model.node("Add", ["n2", "x"], ["s"])
        model.node("Relu", ["s"], ["y"])
        model.output("y")
        #expect(try steps(model) == ["Conv", "Conv"])
    }

    @Test func aSkipIsMultipliedWithInTheConvolution() throws {
        var model = ModelBytes()
        model.input("x", [1, 4, 9, 9])
        convolution(&model, "x", "c1")
        batchNorm(&model, "c1", "n1")
        model.node("Relu", ["n1"], ["r1"])
        model.node("Mul", ["x", "r1"], ["y"])
        model.output("y")
        #expect(try steps(model) == ["Conv"])
        var options = NetworkOptions()
        options.fuses = false
        let x = Tensor(shape: [1, 4, 9, 9], floats: (0..<324).map { Float($0 % 13) / 4 - 1.5 })
        let fused = try Network(try model.model(), threads: 1).run(["x": x])["y"]?.floats
        let plain = try Network(try model.model(), threads: 1, options: options)
            .run(["x": x])["y"]?.floats
        for (a, b) in zip(try #require(fused), try #require(plain)) { #expect(abs(a - b) < 1e-4) }
    }

    @Test func aRawSkipKeepsItsBatchNormApart() throws {
        var model = ModelBytes()
        model.input("x", [1, 4, 9, 9])
        convolution(&model, "x", "c1")
        batchNorm(&model, "c1", "n1")
        model.node("Elu", ["n1"], ["e"])
        model.node("Concat", ["c1", "e"], ["y"], ["axis": .int(1)])
        model.output("y")
        #expect(try steps(model) == ["Conv", "unbraid.Elementwise", "Concat"])
    }

    @Test func aResultThatIsAnOutputIsNotSwallowed() throws {
        var model = ModelBytes()
        model.input("x", [1, 4, 9, 9])
        convolution(&model, "x", "c1")
        model.node("Relu", ["c1"], ["y"])
        model.output("c1")
        model.output("y")
        let network = try Network(try model.model(), threads: 1)
        let x = Tensor(shape: [1, 4, 9, 9], floats: (0..<324).map { Float($0 % 11) - 5 })
        let results = try network.run(["x": x])
        let plain = try #require(results["c1"]?.floats)
        #expect(plain.contains { $0 < 0 })
        #expect(results["y"]?.floats == plain.map { max(0, $0) })
    }

    @Test func chainsOfArithmeticAreOneStep() throws {
        var model = ModelBytes()
        model.input("x", [3, 50])
        model.weight("a", [50], [Float](repeating: 2, count: 50))
        model.weight("b", [1], [0.5])
        model.node("Mul", ["x", "a"], ["m"])
        model.node("Add", ["m", "b"], ["s"])
        model.node("Abs", ["s"], ["p"])
        model.node("Sqrt", ["p"], ["y"])
        model.output("y")
        #expect(try steps(model) == ["unbraid.Elementwise"])
        let network = try Network(try model.model(), threads: 1)
        let x = Tensor(shape: [3, 50], floats: (0..<150).map { Float($0) - 70 })
        let y = try #require(try network.run(["x": x])["y"]?.floats)
        for (index, value) in y.enumerated() {
            #expect(abs(value - abs(Float(index - 70) * 2 + 0.5).squareRoot()) < 1e-5)
        }
    }

    @Test func changesOfShapeCostNothing() throws {
        var model = ModelBytes()
        model.input("x", [2, 3, 4])
        model.weight("shape", [6, 4])
        model.node("Reshape", ["x", "shape"], ["r"])
        model.node("Identity", ["r"], ["i"])
        model.node("Dropout", ["i"], ["d"])
        model.node("Flatten", ["d"], ["f"], ["axis": .int(0)])
        model.node("Relu", ["f"], ["y"])
        model.output("y")
        #expect(try steps(model) == ["unbraid.Elementwise"])
    }

    @Test func knownArithmeticOnShapesIsDoneAhead() throws {
        var model = ModelBytes()
        model.input("x", [2, 3, 4])
        model.weight("two", [2])
        model.weight("rest", [-1])
        model.node("Shape", ["x"], ["s"])
        model.node("Gather", ["s", "two"], ["last"])
        model.node("Mul", ["last", "two"], ["double"])
        model.node("Concat", ["double", "rest"], ["target"], ["axis": .int(0)])
        model.node("Reshape", ["x", "target"], ["r"])
        model.node("Exp", ["r"], ["y"])
        model.output("y")
        let network = try Network(try model.model(), threads: 1)
        #expect(network.summary.map(\.opType) == ["unbraid.Elementwise"])
        #expect(network.outputs[0].shape == [8, 3])
    }

    @Test func aWrittenOutLayerNormIsOneStep() throws {
        var model = ModelBytes(opset: 13)
        model.input("x", [5, 40])
        model.weight("two", [1], [2])
        model.weight("epsilon", [1], [1e-5])
        let last: [String: ModelBytes.Attribute] = ["axes": .ints([-1])]
        model.node("ReduceMean", ["x"], ["mean"], last)
        model.node("Sub", ["x", "mean"], ["d"])
        model.node("Pow", ["d", "two"], ["square"])
        model.node("ReduceMean", ["square"], ["variance"], last)
        model.node("Add", ["variance", "epsilon"], ["v"])
        model.node("Sqrt", ["v"], ["deviation"])
        model.node("Div", ["d", "deviation"], ["y"])
        model.output("y")
        #expect(try steps(model) == ["LayerNormalization"])
    }

    @Test func zerosBeforeAConvolutionAreItsPadding() throws {
        var model = ModelBytes()
        model.input("x", [1, 4, 9, 9])
        model.weight("pads", [0, 0, 2, 1, 0, 0, 0, 3])
        model.node("Pad", ["x", "pads"], ["p"])
        convolution(&model, "p", "y")
        model.output("y")
        #expect(try steps(model) == ["Conv"])
    }
}
