/// Runs one lowering by itself on tensors: how known values are computed ahead of the run.
enum Evaluation {
    /// The outputs of a lowering for given inputs.
    static func results(
        of lowering: Lowering, inputs: [Tensor?], outputCount: Int, options: NetworkOptions,
        pool: WorkerPool
    ) throws(GraphError) -> [Tensor] {
        if case .view = lowering.layout, let input = inputs.first ?? nil {
            return [input.viewed(as: lowering.outputs[0])]
        }
        let kernel = try lowering.kernel(KernelRequest(threads: pool.threads, options: options))
        guard kernel.workspaceFloats <= options.maximumMemoryBytes / 4 else {
            throw GraphError(.tooLarge, detail: "workspace")
        }
        let types = lowering.outputs.prefix(outputCount)
        var end = 0
        func reserve(_ bytes: Int) -> Int {
            defer { end += (bytes + 63) / 64 * 64 }
            return end
        }
        let sources = inputs.map { tensor in
            tensor.map { reserve($0.count * $0.elementType.storedBytes) }
        }
        let targets = types.map { reserve($0.storedBytes) }
        let scratch = reserve(4 * kernel.workspaceFloats)
        let memory = AlignedMemory(byteCount: end)
        for (tensor, offset) in zip(inputs, sources) {
            if let tensor, let offset { memory.write(tensor, at: offset) }
        }
        kernel.run(
            Operands(
                in: memory, inputs: sources, outputs: targets, scratch: scratch, pool: pool))
        return zip(targets, types).map { memory.tensor($1, at: $0) }
    }
}
