import Inference
import Testing

/// Models that can be read but not run are refused with the node and the reason.
struct GraphErrorTests {
    private func error(
        _ model: ModelBytes, shapes: [String: [Int]] = [:], options: NetworkOptions = .init()
    ) throws -> GraphError? {
        let model = try model.model()
        do {
            _ = try Network(model, inputShapes: shapes, threads: 1, options: options)
            return nil
        } catch {
            return error
        }
    }

    @Test func anUnknownOperatorIsNamed() throws {
        var model = ModelBytes()
        model.input("x", [2])
        model.node("Frobnicate", ["x"], ["y"], name: "odd one")
        model.output("y")
        let error = try #require(try error(model))
        #expect(error.code == .unknownOperator)
        #expect(error.opType == "Frobnicate")
        #expect(error.node == "odd one")
    }

    @Test func anOperatorOfAnotherDomainIsNotTheStandardOne() throws {
        // Field 7 of a node is its domain: "Relu" of somebody else.
        var model = ModelBytes()
        model.input("x", [2])
        model.node("unbraid.Elementwise", ["x"], ["y"])
        model.output("y")
        #expect(try error(model)?.code == .unknownOperator)
    }

    @Test func impossibleShapesNameTheNode() throws {
        var model = ModelBytes()
        model.input("x", [1, 3, 8, 8])
        model.weight("w", [4, 5, 3, 3], [Float](repeating: 0, count: 180))
        model.node("Conv", ["x", "w"], ["y"], name: "misfit")
        model.output("y")
        let error = try #require(try error(model))
        #expect(error.code == .shapeMismatch)
        #expect(error.node == "misfit")
    }

    @Test(arguments: ["MatMul", "Add", "Concat"])
    func operandsThatDoNotFitAreRefused(op: String) throws {
        var model = ModelBytes()
        model.input("a", [2, 3])
        model.input("b", [5, 7])
        model.node(op, ["a", "b"], ["y"], op == "Concat" ? ["axis": .int(0)] : [:])
        model.output("y")
        #expect(try error(model)?.code == .shapeMismatch)
    }

    @Test func aCircleIsRefused() throws {
        var model = ModelBytes()
        model.input("x", [2])
        model.node("Add", ["x", "b"], ["a"], name: "one")
        model.node("Relu", ["a"], ["b"], name: "two")
        model.output("b")
        #expect(try error(model)?.code == .cycle)
    }

    @Test func aNodeThatReadsItselfIsRefused() throws {
        var model = ModelBytes()
        model.node("Relu", ["a"], ["a"])
        model.output("a")
        #expect(try error(model)?.code == .cycle)
    }

    @Test func twoValuesOfOneNameAreRefused() throws {
        var model = ModelBytes()
        model.input("x", [2])
        model.node("Relu", ["x"], ["y"])
        model.node("Exp", ["x"], ["y"])
        model.output("y")
        let error = try #require(try error(model))
        #expect(error.code == .duplicateName)
        #expect(error.value == "y")
    }

    @Test func aValueThatNobodyWritesIsNamed() throws {
        var model = ModelBytes()
        model.node("Relu", ["ghost"], ["y"])
        model.output("y")
        let error = try #require(try error(model))
        #expect(error.code == .undefinedValue)
        #expect(error.value == "ghost")
    }

    @Test func anOutputThatNobodyWritesIsNamed() throws {
        var model = ModelBytes()
        model.input("x", [2])
        model.output("ghost")
        #expect(try error(model)?.value == "ghost")
    }

    @Test func openDimensionsHaveToBeGiven() throws {
        var model = ModelBytes()
        model.input("x", [1, nil])
        model.node("Relu", ["x"], ["y"])
        model.output("y")
        #expect(try error(model)?.code == .openDimension)
        #expect(try error(model, shapes: ["x": [1, 9]]) == nil)
        #expect(try error(model, shapes: ["x": [2, 9]])?.code == .wrongInput)
        #expect(try error(model, shapes: ["x": [1, 9], "z": [2, 9]])?.code == .wrongInput)
    }

    @Test func nodesInAnyOrderRun() throws {
        var model = ModelBytes()
        model.input("x", [3])
        model.node("Exp", ["b"], ["c"])
        model.node("Relu", ["a"], ["b"])
        model.node("Neg", ["x"], ["a"])
        model.output("c")
        let network = try Network(try model.model(), threads: 1)
        let results = try network.run(["x": Tensor(shape: [3], floats: [0, 1, 2])])
        #expect(results["c"]?.floats == [1, 1, 1])
    }

    @Test func whatNeedsTooMuchMemoryIsRefused() throws {
        var model = ModelBytes()
        model.input("x", [1, 1])
        model.weight("shape", [1 << 20, 1 << 20])
        model.node("Expand", ["x", "shape"], ["y"], name: "balloon")
        model.output("y")
        let error = try #require(try error(model))
        #expect(error.code == .tooLarge)
        #expect(error.node == "balloon")
    }

    /// A few bytes that ask for half a gigabyte: by a shape they hold, and by an input's that they
    /// declare.
    ///
    /// Only what the caller asks for counts for them.
    @Test func theMemoryFollowsFromTheSizeOfTheFile() throws {
        var expanded = ModelBytes()
        expanded.input("x", [1, 1])
        expanded.weight("shape", [1 << 10, 1 << 17])
        expanded.node("Expand", ["x", "shape"], ["y"])
        expanded.output("y")
        #expect(try error(expanded)?.code == .tooLarge)

        var declared = ModelBytes()
        declared.input("x", [1 << 10, 1 << 17])
        declared.node("Relu", ["x"], ["y"])
        declared.output("y")
        #expect(try error(declared)?.code == .tooLarge)
        #expect(try error(declared, shapes: ["x": [1 << 10, 1 << 17]]) == nil)
    }

    @Test func aShapeThatIsKnownOnlyInTheRunIsNamed() throws {
        var model = ModelBytes()
        model.input("x", [4])
        model.input("shape", [2], elementType: 7)
        model.node("Reshape", ["x", "shape"], ["y"])
        model.output("y")
        let error = try #require(try error(model))
        #expect(error.code == .notConstant)
        #expect(error.value == "shape")
        let network = try Network(
            try model.model(), constants: ["shape": Tensor(shape: [2], integers: [2, 2])],
            threads: 1)
        #expect(network.outputs[0].shape == [2, 2])
    }
}
