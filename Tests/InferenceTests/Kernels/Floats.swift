/// Memory on a 64-byte boundary for the kernels; all NaN where no values are given, so that reading
/// what was never written shows.
@safe
final class Floats {
    let pointer: UnsafeMutablePointer<Float>
    let count: Int

    init(count: Int) {
        self.count = count
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: max(count, 1) * 4, alignment: 64)
        unsafe pointer = memory.bindMemory(to: Float.self, capacity: max(count, 1))
        unsafe pointer.initialize(repeating: .nan, count: count)
    }

    convenience init(_ values: [Float]) {
        self.init(count: values.count)
        for (index, value) in values.enumerated() { unsafe pointer[index] = value }
    }

    deinit { unsafe UnsafeMutableRawPointer(pointer).deallocate() }

    var values: [Float] { unsafe Array(UnsafeBufferPointer(start: pointer, count: count)) }
}
