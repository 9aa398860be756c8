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
