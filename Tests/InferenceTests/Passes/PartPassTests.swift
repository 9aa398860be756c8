import Inference
import Testing

/// Arithmetic that is cut apart afterwards, and shares of many numbers.
struct PartPassTests {
    private func results(
        _ model: ModelBytes, _ x: Tensor, fuses: Bool = true, threads: Int = 1
    ) throws -> (steps: [String], outputs: [String: Tensor]) {
        var options = NetworkOptions()
        options.fuses = fuses
        let network = try Network(try model.model(), threads: threads, options: options)
        return (network.summary.map(\.opType), try network.run(["x": x]))
    }

    private func slice(
        _ model: inout ModelBytes, _ input: String, _ output: String, _ start: Int, _ end: Int
    ) {
        model.weight("start_\(output)", [start])
        model.weight("end_\(output)", [end])
        model.weight("axis_\(output)", [1])
        model.node(
            "Slice", [input, "start_\(output)", "end_\(output)", "axis_\(output)"], [output])
    }

    /// Left, right, middle and side as complex numbers, and the powers of each: [1, 4, rows, bins].
    private func features(isKept: Bool) -> ModelBytes {
        var model = ModelBytes()
        model.input("x", [1, 4, 5, 67])
        model.weight("scale", [1], [0.25])
        model.weight("half", [1], [0.5])
        model.node("Mul", ["x", "scale"], ["m"])
        slice(&model, "m", "l", 0, 2)
        slice(&model, "m", "r", 2, 4)
        model.node("Add", ["l", "r"], ["sum"])
        model.node("Sub", ["l", "r"], ["difference"])
        model.node("Mul", ["sum", "half"], ["mid"])
        model.node("Mul", ["difference", "half"], ["side"])
        model.node("Concat", ["l", "r", "mid", "side"], ["all"], ["axis": .int(1)])
        model.node("Mul", ["all", "all"], ["squares"])
        for part in 0..<4 {
            slice(&model, "squares", "re\(part)", 2 * part, 2 * part + 1)
            slice(&model, "squares", "im\(part)", 2 * part + 1, 2 * part + 2)
            model.node("Add", ["re\(part)", "im\(part)"], ["p\(part)"])
        }
        model.node("Concat", ["p0", "p1", "p2", "p3"], ["powers"], ["axis": .int(1)])
        model.node("Sqrt", ["powers"], ["y"])
        model.output("y")
        if isKept { model.output("squares") }
        return model
    }

    private let x = Tensor(shape: [1, 4, 5, 67], floats: noise(1340, seed: 51))

    @Test func partsAreComputedFromParts() throws {
        let model = features(isKept: false)
        let plain = try results(model, x, fuses: false).outputs
        for threads in 1...2 {
            let (steps, outputs) = try results(model, x, threads: threads)
            // One program for each power, a join that finds them in place, and the root.
            #expect(
                steps == [String](repeating: "unbraid.Elementwise", count: 4)
                    + ["Concat", "unbraid.Elementwise"])
            #expect(outputs["y"]?.floats?.bits == plain["y"]?.floats?.bits)
        }
    }

    @Test func aWholeThatIsAnOutputIsComputedAsAWhole() throws {
        let model = features(isKept: true)
        let plain = try results(model, x, fuses: false).outputs
        let (steps, outputs) = try results(model, x)
        #expect(steps.count > 6)
        for name in ["y", "squares"] {
            #expect(outputs[name]?.floats?.bits == plain[name]?.floats?.bits)
        }
    }

    @Test(arguments: [(0, 3), (1, 4)])
    func partsAcrossAJoinAndPartsThatOverlapAreRight(_ first: (Int, Int)) throws {
        var model = ModelBytes(opset: 13)
        model.input("x", [1, 4, 5, 67])
        model.weight("row", [1, 1, 67], noise(67, seed: 52))
        model.weight("channels", [4, 1, 1], noise(4, seed: 53))
        model.node("Add", ["x", "row"], ["a"])
        model.node("Mul", ["a", "channels"], ["b"])
        model.node("Softsign", ["x"], ["c"])
        model.node("Concat", ["b", "c"], ["j"], ["axis": .int(1)])
        model.node("Exp", ["j"], ["e"])
        slice(&model, "e", "s", first.0, first.1)
        slice(&model, "e", "t", 3, 6)
        model.node("Relu", ["s"], ["y"])
        model.node("Abs", ["t"], ["z"])
        model.output("y")
        model.output("z")
        let plain = try results(model, x, fuses: false).outputs
        let outputs = try results(model, x).outputs
        for name in ["y", "z"] {
            let expected = try #require(plain[name]?.floats)
            let result = try #require(outputs[name]?.floats)
            #expect(zip(result, expected).allSatisfy { abs($0 - $1) < 1e-5 * max(1, abs($1)) })
        }
    }

    @Test(arguments: [1, 2, 4, 8, 9])
    func sharesOfManyNumbersAreThoseOfFew(count: Int) throws {
        // So many that they are written past the caches, in rows that begin anywhere, and so few.
        let wide = 3_200_037 / count
        let narrow = 137
        var values = noise(count * wide, seed: 54).map { 20 * $0 }
        values[5] = .infinity
        values[70] = .nan
        func shares(_ width: Int, threads: Int) throws -> [Float] {
            var model = ModelBytes()
            model.input("x", [1, count, 1, width])
            model.node("Softmax", ["x"], ["y"], ["axis": .int(1)])
            model.output("y")
            let part = (0..<count).flatMap { values[$0 * wide..<$0 * wide + width] }
            let x = Tensor(shape: [1, count, 1, width], floats: part)
            return try #require(
                try results(model, x, threads: threads).outputs["y"]?.floats)
        }
        let many = try shares(wide, threads: 2)
        let few = try shares(narrow, threads: 1)
        for row in 0..<count {
            for column in 0..<narrow {
                let (a, b) = (many[row * wide + column], few[row * narrow + column])
                #expect(a.bitPattern == b.bitPattern || a.isNaN && b.isNaN)
            }
        }
        for column in [0, 1023, 1024, wide - 65, wide - 1] {
            let inputs = (0..<count).map { Double(values[$0 * wide + column]) }
            let peak = inputs.max() ?? 0
            let exponentials = inputs.map { power($0 - peak) }
            let sum = exponentials.reduce(0, +)
            for row in 0..<count {
                #expect(abs(Double(many[row * wide + column]) - exponentials[row] / sum) < 1e-6)
            }
        }
    }

    /// e to the power of x, by squaring a short series.
    private func power(_ x: Double) -> Double {
        let small = x / 4096
        var result = 1 + small + small * small / 2 + small * small * small / 6
        for _ in 0..<12 { result *= result }
        return result
    }
}
