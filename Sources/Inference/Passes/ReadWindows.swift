/// Lets convolutions read a run of the last axis of their input where it lies, so that a Slice in
/// front of them need not copy it.
enum ReadWindows {
    static func run(_ graph: inout Graph) {
        var rewriter = GraphRewriter(graph)
        for index in rewriter.indices {
            var node = rewriter[index]
            var fusion = ConvolutionFolding.fusion(node)
            guard node.opType == "Conv", fusion.inputWindow == nil,
                let slice = rewriter.producer(node.inputs.first ?? nil),
                rewriter[slice].opType == "Slice",
                let source = rewriter[slice].inputs.first ?? nil,
                let shape = rewriter.type(source)?.shape,
                let run = (try? SliceBox(rewriter.site(slice)))?.run, run.axis == shape.count - 1
            else { continue }
            fusion.inputWindow = RowWindow(
                offset: run.range.lowerBound, count: run.range.count, whole: shape[run.axis])
            node.inputs[0] = source
            node.fused = .convolution(fusion)
            rewriter.replace(index, with: node)
        }
        graph = rewriter.finish()
    }
}
