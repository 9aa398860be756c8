import CAllocationCount
import Inference
import Synchronization
import Testing

/// After the first run no run asks for memory: counted on all threads that take part.
@Suite(.enabled(if: ac_available() != 0, "allocations can be counted with glibc only"))
struct AllocationTests {
    private func allocations(_ model: ModelBytes, threads: Int) throws -> Int {
        let pool = WorkerPool(threads: threads)
        let network = try Network(try model.model(), pool: pool)
        network.run()
        Self.onEachWorker(of: pool) { ac_start() }
        network.run()
        let total = Atomic(0)
        Self.onEachWorker(of: pool) { total.add(ac_stop(), ordering: .relaxed) }
        return total.load(ordering: .relaxed)
    }

    /// Calls `body` once on every thread of a pool.
    private static func onEachWorker(of pool: WorkerPool, _ body: () -> Void) {
        let arrived = Atomic(0)
        pool.run(count: pool.threads) { _, _ in
            body()
            // A worker that left now could take another's piece.
            arrived.add(1, ordering: .relaxed)
            while arrived.load(ordering: .relaxed) < pool.threads {}
        }
    }

    @Test(arguments: 1...3)
    func aNetAllocatesNothing(threads: Int) throws {
        #expect(try allocations(.smallNet(), threads: threads) == 0)
    }

    /// Sizes below and above those that are worth the products of a large matrix.
    @Test(arguments: ["LSTM", "GRU"], [(4, 8), (64, 16), (256, 128)])
    func aRecurrentLayerAllocatesNothing(op: String, _ sizes: (input: Int, hidden: Int)) throws {
        let rows = (op == "LSTM" ? 4 : 3) * sizes.hidden
        func weights(_ columns: Int) -> [Float] {
            [Float](repeating: 0.01, count: 2 * rows * columns)
        }
        var model = ModelBytes()
        model.input("x", [12, 4, sizes.input])
        model.weight("w", [2, rows, sizes.input], weights(sizes.input))
        model.weight("r", [2, rows, sizes.hidden], weights(sizes.hidden))
        model.node(
            op, ["x", "w", "r"], ["y"],
            ["direction": .string("bidirectional"), "hidden_size": .int(sizes.hidden)])
        model.output("y")
        for threads in 1...3 { #expect(try allocations(model, threads: threads) == 0) }
    }

    /// Neither side is known before the run.
    @Test(arguments: [(1, 1, 64), (3, 40, 33), (40, 1, 70), (100, 100, 100), (130, 70, 260)])
    func aProductAllocatesNothing(_ sizes: (m: Int, n: Int, k: Int)) throws {
        var model = ModelBytes()
        model.input("a", [3, sizes.m, sizes.k])
        model.input("b", [3, sizes.k, sizes.n])
        model.input("d", [sizes.k, sizes.n])
        model.input("e", [sizes.n, sizes.k])
        model.node("MatMul", ["a", "b"], ["batched"])
        model.node("MatMul", ["a", "d"], ["single"])
        model.weight("rows", [3 * sizes.m, sizes.k])
        model.node("Reshape", ["a", "rows"], ["tall"])
        model.node("Gemm", ["tall", "e"], ["flipped"], ["transB": .int(1)])
        model.node("Gemm", ["e", "tall"], ["both"], ["transA": .int(0), "transB": .int(1)])
        for output in ["batched", "single", "flipped", "both"] { model.output(output) }
        for threads in 1...3 { #expect(try allocations(model, threads: threads) == 0) }
    }

    @Test(arguments: ["AveragePool", "MaxPool"], 1...3)
    func aPoolingAllocatesNothing(op: String, threads: Int) throws {
        var model = ModelBytes()
        model.input("x", [1, 3, 20, 20])
        model.node(
            op, ["x"], ["y"], ["kernel_shape": .ints([3, 3]), "pads": .ints([1, 1, 1, 1])])
        model.output("y")
        #expect(try allocations(model, threads: threads) == 0)
    }

    @Test(arguments: 1...3)
    func movingNumbersAllocatesNothing(threads: Int) throws {
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
        #expect(try allocations(model, threads: threads) == 0)
    }

    @Test func theCounterSeesWhatThereIs() {
        var kept: [[Int]] = []
        ac_start()
        kept.append([kept.count])
        #expect(ac_stop() > 0)
        #expect(kept.count == 1)
    }

    @Test func theCounterSeesEveryThread() {
        let pool = WorkerPool(threads: 3)
        let kept = Mutex<[[Int]]>([])
        Self.onEachWorker(of: pool) { ac_start() }
        pool.run(count: 300) { index, _ in kept.withLock { $0.append([index]) } }
        let total = Atomic(0)
        Self.onEachWorker(of: pool) { total.add(ac_stop(), ordering: .relaxed) }
        #expect(total.load(ordering: .relaxed) >= 300)
    }
}
