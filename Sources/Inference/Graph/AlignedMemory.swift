private import CKernels

/// A block of memory, 64-byte aligned, zero at first.
@safe
final class AlignedMemory {
    /// The first byte.
    let base: UnsafeMutableRawPointer
    /// Size in bytes.
    let byteCount: Int

    /// Takes the block from the system.
    ///
    /// - Throws: `GraphError.tooLarge` where the system has no such block.
    init(byteCount: Int) throws(GraphError) {
        guard let memory = unsafe uk_pages_allocate(byteCount) else {
            throw GraphError(.tooLarge, detail: "\(byteCount) bytes")
        }
        self.byteCount = byteCount
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
