internal import FoundationEssentials

/// Runs test cases in ONNX's own layout: a folder with `model.onnx` and folders `test_data_set_*`
/// that hold `input_*.pb` and the expected `output_*.pb`.
package struct Conformance: Sendable {
    /// How a case went.
    package enum Outcome: Sendable, Equatable {
        /// All outputs lie within the tolerance.
        case passed
        /// An output differs, or a model that should run is refused; with the reason.
        case failed(String)
        /// The case needs an operator, form or type that the engine does not have; with the reason.
        case unsupported(String)
    }

    /// A case's name and how it went.
    package struct Result: Sendable {
        /// Path of the case's folder below the folder that was searched.
        package let name: String
        /// How it went.
        package let outcome: Outcome
        /// Root mean square of the differences over that of the expected numbers, the worst of all
        /// float outputs; 0 where nothing was compared.
        package let relativeError: Double
    }

    /// Largest difference allowed per expected number's magnitude, as in ONNX's own test runner.
    package var relativeTolerance: Float = 1e-3
    /// Largest difference allowed near zero, as in ONNX's own test runner.
    package var absoluteTolerance: Float = 1e-7
    /// Threads of each run.
    package var threads = 1
    /// How networks are prepared.
    package var options = NetworkOptions()

    /// The standard's tolerances, one thread.
    package init() {}

    /// The folders at or below a folder that hold a case, in alphabetical order.
    package static func cases(below folder: String) -> [String] {
        let manager = FileManager.default
        var found: [String] = []
        var waiting = [folder]
        while let path = waiting.popLast() {
            guard let entries = try? manager.contentsOfDirectory(atPath: path) else { continue }
            if entries.contains("model.onnx") {
                found.append(path)
                continue
            }
            waiting += entries.map { path + "/" + $0 }
        }
        return found.sorted()
    }

    /// Runs all cases at or below a folder.
    ///
    /// - Parameter report: Called after each case.
    @discardableResult
    package func run(below folder: String, report: (Result) -> Void = { _ in }) -> [Result] {
        Self.cases(below: folder).map { path in
            let name = path == folder ? path : String(path.dropFirst(folder.count + 1))
            let result = run(at: path, name: name)
            report(result)
            return result
        }
    }

    /// Runs one case.
    package func run(at path: String, name: String) -> Result {
        do {
            let model = try OnnxModel(contentsOf: path + "/model.onnx")
            let ports = model.graph.inputs + model.graph.outputs
            if let port = ports.first(where: { $0.elementType == 0 && !$0.name.isEmpty }) {
                return Result(
                    name: name, outcome: .unsupported("\(port.name) is no tensor"),
                    relativeError: 0)
            }
            let entries = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
            let sets = entries.filter { $0.hasPrefix("test_data_set_") }.sorted()
            var worst = 0.0
            for set in sets {
                let (outcome, error) = try runSet(model, path + "/" + set)
                worst = max(worst, error)
                guard outcome == .passed else {
                    return Result(name: name, outcome: outcome, relativeError: worst)
                }
            }
            return Result(
                name: name, outcome: sets.isEmpty ? .failed("no data") : .passed,
                relativeError: worst)
        } catch {
            return Result(name: name, outcome: Self.outcome(of: error), relativeError: 0)
        }
    }

    /// Whether an error says that something is not ours, or that something went wrong.
    private static func outcome(of error: any Error) -> Outcome {
        switch error {
        case let error as OnnxError:
            let reason = "\(error.code.rawValue) \(error.subject) \(error.detail)"
            switch error.code {
            case .unsupportedElementType, .externalData, .unsupportedOperatorSet:
                return .unsupported(reason)
            default: return .failed(reason)
            }
        case let error as GraphError:
            let reason =
                "\(error.code.rawValue) \(error.opType) \(error.node) \(error.value) \(error.detail)"
            switch error.code {
            case .unknownOperator, .unsupported, .typeMismatch, .notConstant, .openDimension:
                return .unsupported(reason)
            default: return .failed(reason)
            }
        default: return .failed("\(error)")
        }
    }

    private func runSet(_ model: OnnxModel, _ folder: String) throws -> (Outcome, Double) {
        let weights = Set(model.graph.initializers.map(\.name))
        let names = model.graph.inputs.map(\.name).filter { !weights.contains($0) }
        var inputs: [String: Tensor] = [:]
        for (index, name) in names.enumerated() {
            let path = "\(folder)/input_\(index).pb"
            guard FileManager.default.fileExists(atPath: path) else { continue }
            let tensor = try Tensor(protobuf: try OnnxFile.bytes(path))
            let declared = model.graph.inputs.first { $0.name == name }?.elementType
            inputs[name] = Self.unpacked(tensor, declared: declared)
        }
        let (network, known) = try prepare(model, inputs)
        let results = try network.run(inputs.filter { !known.contains($0.key) })
        var worst = 0.0
        for (index, port) in network.outputs.enumerated() {
            let path = "\(folder)/output_\(index).pb"
            guard FileManager.default.fileExists(atPath: path) else { continue }
            let expected = Self.unpacked(
                try Tensor(protobuf: try OnnxFile.bytes(path)),
                declared: port.elementType.rawValue)
            guard let actual = results[port.name] else { continue }
            worst = max(worst, Self.relativeError(actual, expected))
            if let reason = difference(actual, expected) {
                return (.failed("\(port.name): \(reason)"), worst)
            }
        }
        return (.passed, worst)
    }

    /// The standard's files hold bfloat16 as whole numbers of 16 bits.
    private static func unpacked(_ tensor: Tensor, declared: Int?) -> Tensor {
        guard declared == ElementType.bfloat16.rawValue, tensor.elementType == .uint16,
            let bits = tensor.integers
        else { return tensor }
        return Tensor(
            shape: tensor.shape,
            floats: bits.map { Float(bitPattern: UInt32(truncatingIfNeeded: $0) << 16) },
            as: .bfloat16)
    }

    /// Prepares a model.
    ///
    /// Inputs that it has to know ahead, such as a shape to expand to, are given to it as known
    /// values: first the one it asks for, then all whole numbers, then all.
    private func prepare(
        _ model: OnnxModel, _ inputs: [String: Tensor]
    ) throws(GraphError) -> (Network, known: Set<String>) {
        var known: Set<String> = []
        while true {
            do throws(GraphError) {
                let network = try Network(
                    model,
                    inputShapes: inputs.filter { !known.contains($0.key) }.mapValues(\.shape),
                    constants: inputs.filter { known.contains($0.key) }, threads: threads,
                    options: options)
                return (network, known)
            } catch {
                guard error.code == .notConstant else { throw error }
                let whole = Set(inputs.filter { $0.value.integers != nil }.keys)
                if inputs[error.value] != nil, !known.contains(error.value) {
                    known.insert(error.value)
                } else if !whole.isSubset(of: known) {
                    known.formUnion(whole)
                } else if known.count < inputs.count {
                    known.formUnion(inputs.keys)
                } else {
                    throw error
                }
            }
        }
    }
}
