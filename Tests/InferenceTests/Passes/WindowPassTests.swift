import Inference
import Testing

/// Slices and joins along the last axis that convolutions take over, and those that they must leave.
struct WindowPassTests {
    /// The steps with passes, whose results are those without them, and the same bits for every
    /// number of threads.
    private func steps(
        _ model: ModelBytes, _ shape: [Int], sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> [String] {
        let x = Tensor(shape: shape, floats: noise(shape.reduce(1, *), seed: 41))
        var options = NetworkOptions()
        options.winograd = false
        let fused = try Network(try model.model(), threads: 1, options: options)
        let results = try fused.run(["x": x])
        let two = try Network(try model.model(), threads: 2, options: options).run(["x": x])
        options.fuses = false
        let plain = try Network(try model.model(), threads: 1, options: options).run(["x": x])
        for (name, tensor) in plain {
            let expected = try #require(tensor.floats)
            let result = try #require(results[name]?.floats)
            #expect(results[name]?.shape == tensor.shape, sourceLocation: sourceLocation)
            let isClose = zip(result, expected).allSatisfy { abs($0 - $1) < 1e-5 }
            #expect(isClose, "\(name)", sourceLocation: sourceLocation)
            #expect(two[name]?.floats?.bits == result.bits, sourceLocation: sourceLocation)
        }
        return fused.summary.map(\.opType)
    }

    private func slice(
        _ model: inout ModelBytes, _ input: String, _ output: String, _ range: (Int, Int),
        axis: Int = 3, step: Int = 1
    ) {
        for (name, value) in [
            ("start", range.0), ("end", range.1), ("axis", axis), ("step", step),
        ] {
            model.weight("\(name)_\(output)", [value])
        }
        model.node(
            "Slice",
            [input] + ["start", "end", "axis", "step"].map { "\($0)_\(output)" }, [output])
    }

    private func convolution(
        _ model: inout ModelBytes, _ input: String, _ output: String, channels: Int = 4,
        outputs: Int = 4, kernel: Int = 1
    ) {
        let count = outputs * channels * kernel * kernel
        model.weight("w_\(output)", [outputs, channels, kernel, kernel], noise(count, seed: 42))
        model.weight("b_\(output)", [outputs], noise(outputs, seed: 43))
        let pad = kernel / 2
        model.node(
            "Conv", [input, "w_\(output)", "b_\(output)"], [output],
            ["pads": .ints([pad, pad, pad, pad])])
    }

    @Test(arguments: [(0, 13), (13, 50), (-17, 1 << 40), (1, -1)], [1, 3])
    func aConvolutionReadsASliceWhereItLies(_ range: (Int, Int), kernel: Int) throws {
        var model = ModelBytes()
        model.input("x", [2, 4, 6, 50])
        slice(&model, "x", "s", range, axis: -1)
        convolution(&model, "s", "y", kernel: kernel)
        model.output("y")
        #expect(try steps(model, [2, 4, 6, 50]) == ["Conv"])
    }

    @Test func severalConvolutionsReadOneSlice() throws {
        var model = ModelBytes()
        model.input("x", [1, 4, 6, 50])
        slice(&model, "x", "s", (3, 40))
        convolution(&model, "s", "y")
        convolution(&model, "s", "z", kernel: 3)
        model.output("y")
        model.output("z")
        #expect(try steps(model, [1, 4, 6, 50]) == ["Conv", "Conv"])
    }

    @Test func aSliceThatOthersReadStays() throws {
        var model = ModelBytes()
        model.input("x", [1, 4, 6, 50])
        slice(&model, "x", "s", (3, 40))
        convolution(&model, "s", "y")
        model.weight("w", [4, 2, 2, 2], noise(32, seed: 44))
        model.node("ConvTranspose", ["s", "w"], ["z"], ["strides": .ints([2, 2])])
        model.output("y")
        model.output("z")
        #expect(try steps(model, [1, 4, 6, 50]) == ["Slice", "Conv", "ConvTranspose"])
    }

    @Test func aSliceThatIsAnOutputStays() throws {
        var model = ModelBytes()
        model.input("x", [1, 4, 6, 50])
        slice(&model, "x", "s", (3, 40))
        convolution(&model, "s", "y")
        model.output("s")
        model.output("y")
        #expect(try steps(model, [1, 4, 6, 50]) == ["Slice", "Conv"])
    }

    @Test(arguments: [(49, 10, 3, -1), (0, 50, 3, 2), (1, 5, 2, 1)])
    func otherSlicesAreCopied(start: Int, end: Int, axis: Int, step: Int) throws {
        var model = ModelBytes()
        model.input("x", [1, 4, 6, 50])
        slice(&model, "x", "s", (start, end), axis: axis, step: step)
        convolution(&model, "s", "y")
        model.output("y")
        #expect(try steps(model, [1, 4, 6, 50]) == ["Slice", "Conv"])
    }

    @Test func convolutionsWriteIntoAJoin() throws {
        var model = ModelBytes()
        model.input("x", [2, 4, 6, 50])
        slice(&model, "x", "a", (0, 13))
        slice(&model, "x", "b", (13, 50))
        convolution(&model, "b", "d")
        convolution(&model, "a", "c", kernel: 3)
        convolution(&model, "x", "e")
        model.node("Concat", ["c", "d", "e"], ["j"], ["axis": .int(3)])
        model.node("Relu", ["j"], ["y"])
        model.output("j")
        model.output("y")
        let steps = try steps(model, [2, 4, 6, 50])
        #expect(steps == ["Conv", "Conv", "Conv", "unbraid.Elementwise"])
    }

    @Test func aJoinAsAnOutermostPartOfAnotherStaysInPlace() throws {
        var model = ModelBytes()
        model.input("x", [1, 4, 6, 50])
        slice(&model, "x", "a", (0, 21))
        slice(&model, "x", "b", (21, 50))
        convolution(&model, "a", "c")
        convolution(&model, "b", "d")
        model.node("Concat", ["c", "d"], ["j"], ["axis": .int(-1)])
        convolution(&model, "j", "e")
        model.node("Concat", ["e", "j"], ["k"], ["axis": .int(1)])
        slice(&model, "k", "l", (0, 21))
        convolution(&model, "l", "y", channels: 8)
        model.output("y")
        let steps = try steps(model, [1, 4, 6, 50])
        #expect(steps == ["Conv", "Conv", "Conv", "Concat", "Conv"])
    }

    @Test func aJoinOfWhatOthersReadOrMakeIsCopied() throws {
        for other in ["read", "output", "twice", "pooled", "added"] {
            var model = ModelBytes()
            model.input("x", [1, 4, 6, 50])
            convolution(&model, "x", "c")
            convolution(&model, "x", "d")
            var parts = ["c", "d"]
            switch other {
            case "read": model.node("Softsign", ["c"], ["z"])
            case "output": break
            case "twice": parts = ["c", "d", "c"]
            case "pooled":
                model.node("MaxPool", ["x"], ["p"], ["kernel_shape": .ints([1, 1])])
                parts = ["c", "p", "d"]
            default:
                model.node("Add", ["c", "x"], ["s"])
                parts = ["s", "d"]
            }
            model.node("Concat", parts, ["y"], ["axis": .int(3)])
            model.output("y")
            if other == "read" { model.output("z") }
            if other == "output" { model.output("c") }
            #expect(try steps(model, [1, 4, 6, 50]).contains("Concat"), "\(other)")
        }
    }

    @Test(arguments: [[0, 2, 3, 4, 1], [0, 1, 3, 4, 2]])
    func channelsThatAreFoldedFrequenciesAreWrittenInTurns(_ order: [Int]) throws {
        var model = ModelBytes()
        model.input("x", [2, 4, 6, 50])
        let split = order[1] == 2 ? [2, 5, 3, 6, -1] : [2, 3, 5, 6, -1]
        for (part, range) in [("a", (0, 21)), ("b", (21, 50))] {
            slice(&model, "x", "s\(part)", range)
            convolution(&model, "s\(part)", "c\(part)", outputs: 15)
            model.weight("split\(part)", split)
            model.weight("whole\(part)", [2, 3, 6, -1])
            model.node("Reshape", ["c\(part)", "split\(part)"], ["r\(part)"])
            model.node("Transpose", ["r\(part)"], ["t\(part)"], ["perm": .ints(order)])
            model.node("Reshape", ["t\(part)", "whole\(part)"], ["f\(part)"])
        }
        model.node("Concat", ["fa", "fb"], ["y"], ["axis": .int(3)])
        model.output("y")
        #expect(try steps(model, [2, 4, 6, 50]) == ["Conv", "Conv"])
    }

    @Test func otherOrdersAreTransposed() throws {
        var model = ModelBytes()
        model.input("x", [2, 4, 6, 50])
        convolution(&model, "x", "c", outputs: 15)
        model.weight("split", [2, 5, 3, 6, 50])
        model.weight("whole", [2, 3, 6, 250])
        model.node("Reshape", ["c", "split"], ["r"])
        model.node("Transpose", ["r"], ["t"], ["perm": .ints([0, 2, 3, 1, 4])])
        model.node("Reshape", ["t", "whole"], ["y"])
        model.output("y")
        #expect(try steps(model, [2, 4, 6, 50]) == ["Conv", "Transpose"])
    }

    /// Two convolutions of folded frequencies, joined, with stems on an axis of their own.
    private func stems(
        _ model: inout ModelBytes, shares: Int, channels: Int, axis: Int, isRead: Bool = false
    ) {
        model.input("x", [2, 4, 6, 50])
        for (part, range) in [("a", (0, 21)), ("b", (21, 50))] {
            slice(&model, "x", "s\(part)", range)
            convolution(&model, "s\(part)", "c\(part)", outputs: 5 * shares * channels)
            model.weight("split\(part)", [2, 5, shares * channels, 6, -1])
            model.weight("whole\(part)", [2, shares * channels, 6, -1])
            model.node("Reshape", ["c\(part)", "split\(part)"], ["r\(part)"])
            model.node(
                "Transpose", ["r\(part)"], ["t\(part)"], ["perm": .ints([0, 2, 3, 4, 1])])
            model.node("Reshape", ["t\(part)", "whole\(part)"], ["f\(part)"])
        }
        model.node("Concat", ["fa", "fb"], ["j"], ["axis": .int(3)])
        model.weight("stems", [2, shares, channels, 6, -1])
        model.node("Reshape", ["j", "stems"], ["k"])
        model.node("Softmax", ["k"], ["y"], ["axis": .int(axis)])
        model.output("y")
        if isRead { model.output("j") }
    }

    @Test(arguments: [(4, 2, 1), (3, 1, -4), (2, 3, 1), (8, 1, 1)])
    func convolutionsWriteSharesOfStems(shares: Int, channels: Int, axis: Int) throws {
        var model = ModelBytes()
        stems(&model, shares: shares, channels: channels, axis: axis)
        #expect(try steps(model, [2, 4, 6, 50]) == ["Conv", "Conv"])
    }

    @Test(arguments: [(4, 2, 2, false), (4, 2, 4, false), (9, 1, 1, false), (4, 2, 1, true)])
    func otherSharesAreMadeOfWhatIsStored(
        shares: Int, channels: Int, axis: Int, isRead: Bool
    ) throws {
        var model = ModelBytes()
        stems(&model, shares: shares, channels: channels, axis: axis, isRead: isRead)
        #expect(try steps(model, [2, 4, 6, 50]) == ["Conv", "Conv", "Softmax"])
    }
}
