private import CKernels

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

/// A block of memory, 64-byte aligned, zero at first.
@safe
final class AlignedMemory {
    /// The first byte.
    let base: UnsafeMutableRawPointer
    /// Size in bytes.
    let byteCount: Int

    init(byteCount: Int) {
        self.byteCount = byteCount
        guard let memory = unsafe uk_pages_allocate(byteCount) else {
            preconditionFailure("no memory for \(byteCount) bytes")
        }
        unsafe base = memory
    }

    deinit {
        unsafe uk_pages_free(base)
    }

    /// Copies a tensor's elements to a byte offset.
    func write(_ tensor: Tensor, at offset: Int) {
        precondition(
            offset >= 0 && offset + tensor.count * tensor.elementType.storedBytes <= byteCount)
        switch tensor.storage {
        case .floats(let values):
            unsafe values.withUnsafeBytes { unsafe copy($0, to: offset) }
        case .integers(let values):
            unsafe values.withUnsafeBytes { unsafe copy($0, to: offset) }
        }
    }

    /// The elements at a byte offset as a tensor.
    func tensor(_ type: TensorType, at offset: Int) -> Tensor {
        precondition(offset >= 0 && offset + type.storedBytes <= byteCount)
        let start = unsafe base + offset
        if type.elementType.isFloat {
            let values = unsafe UnsafeBufferPointer(
                start: start.assumingMemoryBound(to: Float.self), count: type.count)
            return unsafe Tensor(shape: type.shape, floats: Array(values), as: type.elementType)
        }
        let values = unsafe UnsafeBufferPointer(
            start: start.assumingMemoryBound(to: Int64.self), count: type.count)
        return unsafe Tensor(shape: type.shape, integers: Array(values), as: type.elementType)
    }

    private func copy(_ source: UnsafeRawBufferPointer, to offset: Int) {
        guard let start = source.baseAddress else { return }
        unsafe (base + offset).copyMemory(from: start, byteCount: source.count)
    }
}
