/// What may be chosen when a network is prepared.
package struct NetworkOptions: Sendable {
    /// Whether 3x3 convolutions may go through Winograd's transform, which is faster and less exact.
    package var winograd = true
    /// Whether nodes are joined and rewritten; off only to find errors.
    package var fuses = true
    /// Whether each step's time is measured.
    package var measuresSteps = false
    /// Most bytes of any one value.
    package var maximumValueBytes = 1 << 32
    /// Most bytes of all values, weights and scratch memory of a run together.
    package var maximumMemoryBytes = 1 << 35

    /// The defaults.
    package init() {}

    /// The same choices, with memory limited by what was given to prepare the network from.
    ///
    /// A few bytes of a file can ask for any amount of memory. Nets of the field take less than 5
    /// times their file and 20 times their inputs; the bound is 3 times that and a fixed part
    /// for nets that have no weights to speak of: 256 MiB + 16 x file + 64 x inputs.
    ///
    /// - Parameters:
    ///   - fileBytes: Size of the model's file.
    ///   - inputShapes: What the caller asks for; what the file says of its inputs counts nothing.
    func limited(fileBytes: Int, inputShapes: [String: [Int]]) -> NetworkOptions {
        func saturatingProduct(_ left: Int, _ right: Int) -> Int {
            let (product, overflow) = left.multipliedReportingOverflow(by: right)
            return overflow ? maximumMemoryBytes : min(product, maximumMemoryBytes)
        }
        var bound = 1 << 28
        bound += saturatingProduct(16, fileBytes)
        for shape in inputShapes.values {
            bound += saturatingProduct(64, shape.reduce(4) { saturatingProduct($0, max(1, $1)) })
        }
        var limited = self
        limited.maximumMemoryBytes = min(maximumMemoryBytes, bound)
        limited.maximumValueBytes = min(maximumValueBytes, bound)
        return limited
    }

    /// A type whose size is known to fit.
    ///
    /// - Throws: `GraphError.tooLarge`.
    func checked(_ type: TensorType, named name: String = "") throws(GraphError) -> TensorType {
        var bytes = type.elementType.storedBytes
        // A zero dimension must not hide a product of the others that overflows.
        for dimension in type.shape {
            guard dimension >= 0 else {
                throw GraphError(.shapeMismatch, value: name, detail: "shape \(type.shape)")
            }
            let (product, overflow) = bytes.multipliedReportingOverflow(by: max(1, dimension))
            guard !overflow, product <= maximumValueBytes else {
                throw GraphError(.tooLarge, value: name, detail: "shape \(type.shape)")
            }
            bytes = product
        }
        return type
    }
}
