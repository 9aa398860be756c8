import CAllocationCount
import Inference
import Testing

/// After the first run no run asks for memory: counted for the thread that runs, with one thread.
@Suite(.enabled(if: ac_available() != 0, "allocations can be counted with glibc only"))
struct AllocationTests {
    private func allocations(_ model: ModelBytes) throws -> Int {
        let network = try Network(try model.model(), threads: 1)
        network.run()
        ac_start()
        network.run()
        return ac_stop()
    }

    @Test func aNetAllocatesNothing() throws {
        #expect(try allocations(.smallNet()) == 0)
    }

    @Test(arguments: ["LSTM", "GRU"])
    func aRecurrentLayerAllocatesNothing(op: String) throws {
        // Wide enough that the library's products for tiny matrices, which ask for memory of their
        // own, are not taken.
        let rows = (op == "LSTM" ? 4 : 3) * 128
        var model = ModelBytes()
        model.input("x", [12, 4, 128])
        model.weight("w", [2, rows, 128], [Float](repeating: 0.01, count: 2 * rows * 128))
        model.weight("r", [2, rows, 128], [Float](repeating: 0.01, count: 2 * rows * 128))
        model.node(
            op, ["x", "w", "r"], ["y"],
            ["direction": .string("bidirectional"), "hidden_size": .int(128)])
        model.output("y")
        #expect(try allocations(model) == 0)
    }

    @Test(arguments: ["AveragePool", "MaxPool"])
    func aPoolingAllocatesNothing(op: String) throws {
        var model = ModelBytes()
        model.input("x", [1, 3, 20, 20])
        model.node(
            op, ["x"], ["y"], ["kernel_shape": .ints([3, 3]), "pads": .ints([1, 1, 1, 1])])
        model.output("y")
        #expect(try allocations(model) == 0)
    }

    @Test func movingNumbersAllocatesNothing() throws {
        var model = ModelBytes()
        model.input("x", [2, 6, 20, 22])
        model.weight("sizes", [2, 6, 40, 33])
        model.node("Transpose", ["x"], ["t"], ["perm": .ints([0, 3, 1, 2])])
        model.node("Softmax", ["t"], ["s"], ["axis": .int(1)])
        model.node("Transpose", ["s"], ["b"], ["perm": .ints([0, 2, 3, 1])])
        model.node("Resize", ["b", "", "", "sizes"], ["r"], ["mode": .string("linear")])
        model.node("ReduceMean", ["r"], ["m"], ["axes": .ints([1, 3])])
        model.node("Sub", ["r", "m"], ["y"])
        model.output("y")
        #expect(try allocations(model) == 0)
    }

    @Test func theCounterSeesWhatThereIs() {
        var kept: [[Int]] = []
        ac_start()
        kept.append([kept.count])
        #expect(ac_stop() > 0)
        #expect(kept.count == 1)
    }
}
