/// Why a model that could be read cannot be run.
package struct GraphError: Error, Equatable, Sendable {
    /// The kind of error.
    package enum Code: String, Sendable {
        /// The operator is not one of ours.
        case unknownOperator
        /// The operator is ours, but not in this form.
        case unsupported
        /// Shapes do not fit together.
        case shapeMismatch
        /// Element types do not fit the operator.
        case typeMismatch
        /// An attribute has an impossible value.
        case invalidAttribute
        /// A required input or attribute is missing.
        case missing
        /// A value has to be known before the run, but is not; `value` names it.
        case notConstant
        /// A node reads a value that nothing writes.
        case undefinedValue
        /// Two nodes, inputs or weights give the same name to a value.
        case duplicateName
        /// Nodes read each other's results in a circle.
        case cycle
        /// A dimension of an input is open and was not given.
        case openDimension
        /// A name or size that the caller gave does not belong to the model.
        case wrongInput
        /// A value or the whole plan needs more memory than the options allow.
        case tooLarge
        /// No matrix product library could be loaded.
        case noMatrixLibrary
    }

    /// The kind of error.
    package let code: Code
    /// The node's name as in the file, or the name of its first output; empty outside nodes.
    package private(set) var node: String
    /// The node's operator, such as "Conv"; empty outside nodes.
    package private(set) var opType: String
    /// The value it is about, where it is about one.
    package let value: String
    /// A short technical fact.
    package let detail: String

    init(
        _ code: Code, node: String = "", opType: String = "", value: String = "",
        detail: String = ""
    ) {
        self.code = code
        self.node = node
        self.opType = opType
        self.value = value
        self.detail = detail
    }

    /// The same error, said of a node.
    func at(_ node: Graph.Node) -> GraphError {
        guard opType.isEmpty else { return self }
        var error = self
        error.node = node.name
        error.opType = node.opType
        return error
    }
}
