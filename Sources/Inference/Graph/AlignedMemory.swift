private import CKernels

/// A block of memory, 64-byte aligned, zero at first.
@safe
final class AlignedMemory {
    /// The first byte.
    let base: UnsafeMutableRawPointer
    /// Size in bytes.
    let byteCount: Int

    /// Whether the system gave it rather than the allocator.
    private let isMapped: Bool

    init(byteCount: Int) {
        self.byteCount = byteCount
        if byteCount >= Self.large, let mapped = unsafe uk_map(byteCount) {
            unsafe base = mapped
            isMapped = true
            return
        }
        let size = max(byteCount, 64)
        unsafe base = .allocate(byteCount: size, alignment: 64)
        unsafe base.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        isMapped = false
    }

    /// Bytes from which on the system is asked.
    private static let large = 1 << 22

    deinit {
        if isMapped {
            unsafe uk_unmap(base, byteCount)
        } else {
            unsafe base.deallocate()
        }
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
