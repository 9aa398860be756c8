/// A model prepared for inputs of fixed shapes: numbers go in, `run`, numbers come out.
///
/// One run at a time: inputs, outputs and all that lies between share one block of memory. A run
/// allocates nothing, whatever the number of threads.
package final class Network {
    /// An input or output.
    package struct Port: Sendable, Equatable {
        /// The name in the model.
        package let name: String
        /// Dimensions, outermost first.
        package let shape: [Int]
        /// What the elements stand for.
        package let elementType: ElementType

        var type: TensorType { TensorType(shape, elementType) }
    }

    /// Inputs in the model's order, weights and known values left out.
    package let inputs: [Port]
    /// Outputs in the model's order.
    package let outputs: [Port]
    private let plan: Plan
    private let options: NetworkOptions
    private var durations: [Duration]
    private var runs = 0

    /// Prepares a model: finds all shapes, computes what is known, joins operations, chooses
    /// algorithms, packs weights and lays out memory.
    ///
    /// - Parameters:
    ///   - inputShapes: Shapes by input name; needed for inputs with open dimensions.
    ///   - constants: Inputs that are known already, by name; they are then no inputs any more.
    ///   - pool: Threads of a run; several networks may share them in turn. The results do not
    ///     depend on their number.
    /// - Throws: `GraphError` that names the node and the reason; `tooLarge` where the model asks for
    ///   more memory than its file and inputs warrant.
    package init(
        _ model: OnnxModel, inputShapes: [String: [Int]] = [:], constants: [String: Tensor] = [:],
        pool: WorkerPool, options: NetworkOptions = NetworkOptions()
    ) throws(GraphError) {
        let options = options.limited(fileBytes: model.byteCount, inputShapes: inputShapes)
        var graph = try GraphBuilder.graph(
            from: model, shapes: inputShapes, constants: constants, options: options)
        var inference = ShapeInference(options: options)
        var lowerings = try inference.run(&graph)
        if options.fuses {
            lowerings = try Passes.run(&graph, lowerings, inference: &inference)
        }
        plan = try Plan(
            graph, lowerings, pool: pool, options: options)
        inputs = graph.inputs.map { Self.port($0, of: graph) }
        outputs = graph.outputs.map { Self.port($0, of: graph) }
        self.options = options
        durations = plan.steps.map { _ in .zero }
    }

    /// Prepares a model to run on threads of its own.
    ///
    /// - Parameter threads: The calling one included; at least 1.
    /// - Throws: `GraphError` that names the node and the reason.
    package convenience init(
        _ model: OnnxModel, inputShapes: [String: [Int]] = [:], constants: [String: Tensor] = [:],
        threads: Int, options: NetworkOptions = NetworkOptions()
    ) throws(GraphError) {
        try self.init(
            model, inputShapes: inputShapes, constants: constants,
            pool: WorkerPool(threads: max(1, threads)), options: options)
    }

    private static func port(_ value: Graph.ValueID, of graph: Graph) -> Port {
        let type = graph.values[value].type ?? TensorType([])
        return Port(
            name: graph.values[value].name, shape: type.shape, elementType: type.elementType)
    }

    /// Computes all outputs from what the inputs hold.
    package func run() {
        guard options.measuresSteps else {
            for step in plan.steps { step.kernel.run(step.operands) }
            return
        }
        let clock = ContinuousClock()
        for (index, step) in plan.steps.enumerated() {
            let start = clock.now
            step.kernel.run(step.operands)
            let duration = clock.now - start
            durations[index] = runs == 0 ? duration : min(durations[index], duration)
        }
        runs += 1
    }

    /// Lets a float input be filled.
    ///
    /// Its numbers stay until they are overwritten.
    ///
    /// - Throws: `GraphError.wrongInput` where the model has no float input of that name.
    package func withInput<Result>(
        _ name: String, _ body: (inout MutableSpan<Float>) -> Result
    ) throws(GraphError) -> Result {
        guard let index = inputs.firstIndex(where: { $0.name == name }),
            inputs[index].elementType.isFloat
        else { throw GraphError(.wrongInput, value: name) }
        let start = unsafe (plan.arena.base + plan.inputOffsets[index])
            .assumingMemoryBound(to: Float.self)
        var span = unsafe MutableSpan(_unsafeStart: start, count: inputs[index].type.count)
        return body(&span)
    }

    /// Shows a float output of the latest run.
    ///
    /// - Throws: `GraphError.wrongInput` where the model has no float output of that name.
    package func withOutput<Result>(
        _ name: String, _ body: (Span<Float>) -> Result
    ) throws(GraphError) -> Result {
        guard let index = outputs.firstIndex(where: { $0.name == name }),
            outputs[index].elementType.isFloat
        else { throw GraphError(.wrongInput, value: name) }
        let start = unsafe (plan.arena.base + plan.outputOffsets[index])
            .assumingMemoryBound(to: Float.self)
        return body(unsafe Span(_unsafeStart: start, count: outputs[index].type.count))
    }

    /// Fills all inputs, runs, and copies all outputs.
    ///
    /// - Throws: `GraphError.wrongInput` where an input is missing or of another type.
    package func run(_ tensors: [String: Tensor]) throws(GraphError) -> [String: Tensor] {
        for (port, offset) in zip(inputs, plan.inputOffsets) {
            guard let tensor = tensors[port.name], tensor.shape == port.shape,
                tensor.elementType.isFloat == port.elementType.isFloat
            else { throw GraphError(.wrongInput, value: port.name) }
            plan.arena.write(tensor, at: offset)
        }
        run()
        var results: [String: Tensor] = [:]
        for (port, offset) in zip(outputs, plan.outputOffsets) {
            results[port.name] = plan.arena.tensor(port.type, at: offset)
        }
        return results
    }
}

extension Network {
    /// What one step is and does.
    package struct StepSummary: Sendable {
        /// The node's name.
        package let name: String
        /// Its operator.
        package let opType: String
        /// How it is computed.
        package let algorithm: String
        /// Shape of its first output.
        package let outputShape: [Int]
        /// Multiplications and additions of one run.
        package let operations: Int
        /// The fewest seconds of all runs, what others did to the machine left out; nil unless
        /// steps are measured and a run has been made.
        package let seconds: Double?
    }

    /// All steps in order.
    package var summary: [StepSummary] {
        zip(plan.steps, durations).map { step, duration in
            StepSummary(
                name: step.name, opType: step.opType, algorithm: step.kernel.algorithm,
                outputShape: step.outputShape, operations: step.operations,
                seconds: runs > 0 ? duration / .seconds(1) : nil)
        }
    }

    /// Multiplications and additions of one run.
    package var operations: Int { plan.steps.reduce(0) { $0 + $1.operations } }

    /// Bytes of memory for values, constants that steps read, and scratch; packed weights excluded.
    package var arenaBytes: Int { plan.arena.byteCount }
}
