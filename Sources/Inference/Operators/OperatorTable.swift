/// The definition of an operator: checks a node and says what it gives and how to compute it.
typealias OperatorRule = @Sendable (Site) throws(GraphError) -> Lowering

/// All operators by name, a family per file.
enum OperatorTable {
    /// The definitions.
    ///
    /// An operator is in one family only.
    static let rules: [String: OperatorRule] = {
        let families = [
            FusedOperators.rules,
            UnaryOperators.rules, BinaryOperators.rules, ComparisonOperators.rules,
            ConstantOperators.rules, ShapeOperators.rules, MovementOperators.rules,
            IndexingOperators.rules, ScatterOperators.rules, SelectionOperators.rules,
            EinsumOperators.rules, PaddingOperators.rules, ReductionOperators.rules,
            SoftmaxOperators.rules, NormalizationOperators.rules, ProductOperators.rules,
            ConvolutionOperators.rules, PoolingOperators.rules, ResizeOperators.rules,
            RecurrentOperators.rules,
        ]
        return families.reduce(into: [:]) { all, family in
            all.merge(family) { _, _ in preconditionFailure("an operator is defined twice") }
        }
    }()
}
