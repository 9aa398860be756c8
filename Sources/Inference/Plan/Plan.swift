/// A graph ready to run: a flat list of steps over one arena.
struct Plan {
    /// One step.
    struct Step {
        let name: String
        let opType: String
        let operations: Int
        let outputShape: [Int]
        let kernel: Kernel
        let operands: Operands
    }

    /// The memory of all values, weights and scratch.
    let arena: AlignedMemory
    /// What is computed, in order.
    let steps: [Step]
    /// Byte offsets of the graph's inputs and outputs in the arena, in the graph's order.
    let inputOffsets: [Int]
    let outputOffsets: [Int]

    /// Makes kernels, lays out the arena and puts constants into it.
    ///
    /// - Throws: `GraphError`, such as `tooLarge`.
    init(
        _ graph: Graph, _ lowerings: [Lowering], pool: WorkerPool, options: NetworkOptions
    ) throws(GraphError) {
        var kernels: [Kernel] = []
        let request = KernelRequest(threads: pool.threads, options: options)
        for (node, lowering) in zip(graph.nodes, lowerings) {
            do throws(GraphError) {
                kernels.append(try lowering.kernel(request))
            } catch {
                throw error.at(node)
            }
        }
        let layout = try ArenaLayout(
            graph, lowerings, workspaces: kernels.map(\.workspaceFloats),
            limit: options.maximumMemoryBytes)
        let arena = AlignedMemory(byteCount: layout.byteCount)
        for (value, offset) in zip(graph.values, layout.valueOffsets) {
            if let constant = value.constant, let offset { arena.write(constant, at: offset) }
        }
        var steps: [Step] = []
        for (index, node) in graph.nodes.enumerated() {
            switch lowerings[index].layout {
            case .view, .parts: continue
            case .separate, .joined, .over: break
            }
            let absorbed = lowerings[index].absorbed
            let inputs = node.inputs.enumerated().map { position, value in
                value.flatMap { absorbed.contains(position) ? nil : layout.valueOffsets[$0] }
            }
            let outputs = node.outputs.map { $0.flatMap { layout.valueOffsets[$0] } }
            steps.append(
                Step(
                    name: node.name, opType: node.opType,
                    operations: lowerings[index].operations,
                    outputShape: lowerings[index].outputs.first?.shape ?? [],
                    kernel: kernels[index],
                    operands: Operands(
                        in: arena, inputs: inputs, outputs: outputs,
                        scratch: layout.workspaceOffsets[index], pool: pool)))
        }
        self.arena = arena
        self.steps = steps
        inputOffsets = graph.inputs.map { layout.valueOffsets[$0] ?? 0 }
        outputOffsets = graph.outputs.map { layout.valueOffsets[$0] ?? 0 }
    }
}
