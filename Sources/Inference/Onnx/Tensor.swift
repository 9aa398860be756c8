/// A multi-dimensional array of numbers with its shape, outermost dimension first.
package struct Tensor: Sendable, Equatable {
    /// The numbers in row-major order.
    package enum Storage: Sendable, Equatable {
        case floats([Float])
        case integers([Int64])
    }

    /// What the elements stand for.
    package let elementType: ElementType
    /// The dimensions, outermost first; empty for a scalar.
    package let shape: [Int]
    /// The elements, row-major.
    package let storage: Storage

    /// Number of elements.
    package var count: Int {
        switch storage {
        case .floats(let values): values.count
        case .integers(let values): values.count
        }
    }

    /// The elements if they are floats, else nil.
    package var floats: [Float]? {
        if case .floats(let values) = storage { values } else { nil }
    }

    /// The elements if they are whole numbers or truth values, else nil.
    package var integers: [Int64]? {
        if case .integers(let values) = storage { values } else { nil }
    }

    /// A tensor of floats.
    ///
    /// - Precondition: `shape` multiplies to the number of elements.
    package init(shape: [Int], floats: [Float], as elementType: ElementType = .float) {
        precondition(shape.reduce(1, *) == floats.count && elementType.isFloat)
        self.shape = shape
        self.elementType = elementType
        storage = .floats(floats)
    }

    /// A tensor of whole numbers or truth values.
    ///
    /// - Precondition: `shape` multiplies to the number of elements.
    package init(shape: [Int], integers: [Int64], as elementType: ElementType = .int64) {
        precondition(shape.reduce(1, *) == integers.count && !elementType.isFloat)
        self.shape = shape
        self.elementType = elementType
        storage = .integers(integers)
    }

    /// A list of whole numbers as a tensor of one dimension.
    init(_ list: [Int]) {
        self.init(shape: [list.count], integers: list.map(Int64.init))
    }

    /// The same elements under another type of the same size and kind.
    func viewed(as type: TensorType) -> Tensor {
        switch storage {
        case .floats(let values): Tensor(shape: type.shape, floats: values, as: type.elementType)
        case .integers(let values):
            Tensor(shape: type.shape, integers: values, as: type.elementType)
        }
    }
}

/// What is known of a value before it is computed: its element type and its shape.
package struct TensorType: Sendable, Equatable {
    /// What the elements stand for.
    package var elementType: ElementType
    /// The dimensions, outermost first; empty for a scalar.
    package var shape: [Int]

    /// Number of elements.
    ///
    /// Shapes inside a graph are checked so that this cannot overflow.
    package var count: Int { shape.reduce(1, *) }

    /// Bytes in the engine's memory.
    var storedBytes: Int { count * elementType.storedBytes }

    /// A type of a given shape, float unless said otherwise.
    package init(_ shape: [Int], _ elementType: ElementType = .float) {
        self.shape = shape
        self.elementType = elementType
    }
}
