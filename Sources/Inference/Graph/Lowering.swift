/// What an operator's definition makes of a node: the results' types, and how to compute them.
struct Lowering {
    /// Types of the outputs, in order.
    var outputs: [TensorType]
    /// How memory is laid out for it.
    var layout = Layout.separate
    /// Inputs that the kernel takes over when it is made and does not read at run time.
    var absorbed: Set<Int> = []
    /// Inputs whose memory output 0 may take if nobody needs them any more.
    var reusable: [Int] = []
    /// Multiplications and additions of one run.
    var operations = 0
    /// The arithmetic, where the node is elementwise over its first inputs: what passes may join.
    var program: ElementwiseProgram?
    /// How many of the inputs the program takes.
    var programInputs = 0
    /// The outputs, where they follow from the inputs' types alone.
    var known: [Tensor]?
    /// Makes the kernel: packs weights, chooses an algorithm.
    var kernel: (KernelRequest) throws(GraphError) -> Kernel

    /// How the outputs lie in memory.
    enum Layout {
        /// In memory of their own.
        case separate
        /// Output 0 is input 0 under another shape: nothing is computed.
        case view
        /// Output i is a part of input 0 that starts at an offset in elements: nothing is computed.
        case parts([Int])
        /// Output 0 is the input of this number after part of it has been overwritten; nobody else
        /// reads that input.
        case over(Int)
        /// Output 0 is the inputs one after another. An input that is already in its place,
        /// `offsets[i]` elements from the start, costs nothing.
        case joined([Int])
    }

    init(
        _ outputs: [TensorType], layout: Layout = .separate, absorbed: Set<Int> = [],
        reusable: [Int] = [], operations: Int = 0,
        kernel: @escaping (KernelRequest) throws(GraphError) -> Kernel
    ) {
        self.outputs = outputs
        self.layout = layout
        self.absorbed = absorbed
        self.reusable = reusable
        self.operations = operations
        self.kernel = kernel
    }

    /// A result that shares its input's memory.
    static func view(_ type: TensorType) -> Lowering {
        Lowering([type], layout: .view) { _ in Kernel("view") { _ in } }
    }
}

/// What a kernel may know when it is made.
struct KernelRequest {
    let threads: Int
    let options: NetworkOptions
}

/// A computation with fixed shapes, ready to run on memory of anybody's choice.
struct Kernel {
    /// How it computes, for summaries.
    let algorithm: String
    /// Floats of scratch memory that a run needs.
    let workspaceFloats: Int
    /// Computes the outputs.
    ///
    /// Writes nothing else and allocates nothing.
    let run: (Operands) -> Void

    init(_ algorithm: String, workspaceFloats: Int = 0, run: @escaping (Operands) -> Void) {
        self.algorithm = algorithm
        self.workspaceFloats = workspaceFloats
        self.run = run
    }
}

/// Where a kernel's inputs and outputs lie, and who works.
///
/// All lie in one block of memory. The offsets are the plan's business: it has checked that each
/// value has its room.
@safe
struct Operands {
    /// The block's first byte.
    private let base: UnsafeMutableRawPointer
    /// Byte offsets of the inputs in order; nil where one is left out or absorbed.
    let inputs: [Int?]
    /// Byte offsets of the outputs in order; nil where one is not asked for.
    let outputs: [Int?]
    /// Byte offset of scratch memory, a multiple of 64.
    private let scratch: Int
    /// The threads.
    let pool: WorkerPool

    init(
        in memory: AlignedMemory, inputs: [Int?], outputs: [Int?], scratch: Int, pool: WorkerPool
    ) {
        unsafe base = memory.base
        self.inputs = inputs
        self.outputs = outputs
        self.scratch = scratch
        self.pool = pool
    }

    /// Scratch memory, 64-byte aligned.
    var workspace: UnsafeMutablePointer<Float> {
        unsafe (base + scratch).assumingMemoryBound(to: Float.self)
    }

    /// Input `index` as floats.
    func input(_ index: Int) -> UnsafePointer<Float> {
        unsafe UnsafePointer(address(inputs[index]).assumingMemoryBound(to: Float.self))
    }

    /// Input `index` as floats, nil where it is left out.
    func optionalInput(_ index: Int) -> UnsafePointer<Float>? {
        guard index < inputs.count, inputs[index] != nil else { return nil }
        return unsafe input(index)
    }

    /// Output `index` as floats.
    func output(_ index: Int = 0) -> UnsafeMutablePointer<Float> {
        unsafe address(outputs[index]).assumingMemoryBound(to: Float.self)
    }

    /// Output `index` as floats, nil where nobody asked for it.
    func optionalOutput(_ index: Int) -> UnsafeMutablePointer<Float>? {
        guard index < outputs.count, outputs[index] != nil else { return nil }
        return unsafe output(index)
    }

    /// Input `index` as integers.
    func integers(_ index: Int) -> UnsafePointer<Int64> {
        unsafe UnsafePointer(address(inputs[index]).assumingMemoryBound(to: Int64.self))
    }

    /// Output `index` as integers.
    func integerOutput(_ index: Int = 0) -> UnsafeMutablePointer<Int64> {
        unsafe address(outputs[index]).assumingMemoryBound(to: Int64.self)
    }

    private func address(_ offset: Int?) -> UnsafeMutableRawPointer {
        guard let offset else { preconditionFailure("an operand has no memory") }
        return unsafe base + offset
    }
}
