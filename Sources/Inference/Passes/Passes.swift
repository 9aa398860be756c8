/// Rewrites of a graph that keep its results and make it cheaper, in the order in which they run.
enum Passes {
    /// Runs all passes.
    static func run(_ graph: inout Graph, options: NetworkOptions) throws(GraphError) {
    }
}
