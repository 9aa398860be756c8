/// Rewrites of a graph that keep its results and make it cheaper, in the order in which they run.
enum Passes {
    /// Runs all passes on a graph whose shapes are known.
    ///
    /// - Parameters:
    ///   - lowerings: One per node.
    /// - Returns: The lowerings of the rewritten graph.
    static func run(
        _ graph: inout Graph, _ lowerings: [Lowering], inference: inout ShapeInference
    ) throws(GraphError) -> [Lowering] {
        DropIdentities.run(&graph)
        RecognizeNormalization.run(&graph)
        GemmToProduct.run(&graph)
        var lowerings = try inference.run(&graph)
        ToPrograms.run(&graph, lowerings)
        RecognizeActivations.run(&graph)
        FoldPads.run(&graph)
        FuseEpilogues.run(&graph)
        ComputeParts.run(&graph)
        FuseElementwise.run(&graph)
        InterleaveChannels.run(&graph)
        FuseShares.run(&graph)
        ReadWindows.run(&graph)
        WriteWindows.run(&graph)
        DropUnread.run(&graph)
        lowerings = try inference.run(&graph)
        return lowerings
    }
}
