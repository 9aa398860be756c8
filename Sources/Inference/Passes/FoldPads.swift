/// Lets convolutions add the zeros that a Pad before them adds.
enum FoldPads {
    static func run(_ graph: inout Graph) {
        var rewriter = GraphRewriter(graph)
        for index in rewriter.indices {
            let node = rewriter[index]
            guard node.opType == "Conv", let padded = node.inputs.first ?? nil,
                let producer = rewriter.soleProducer(padded), rewriter[producer].opType == "Pad",
                let source = rewriter[producer].inputs.first ?? nil,
                let pads = pads(rewriter, from: source, to: padded, by: producer),
                let merged = merged(node, pads)
            else { continue }
            var result = merged
            result.inputs[0] = source
            rewriter.absorb(index, into: producer, as: result)
        }
        graph = rewriter.finish()
    }

    /// Zeros before and after each spatial axis, where a Pad does nothing else.
    private static func pads(
        _ rewriter: GraphRewriter, from source: Graph.ValueID, to padded: Graph.ValueID,
        by pad: Int
    ) -> [Int]? {
        guard let input = rewriter.type(source), let output = rewriter.type(padded) else {
            return nil
        }
        let site = rewriter.site(pad)
        guard let mode = try? site.string("mode", default: "constant"), mode == "constant",
            let fill = try? PaddingOperators.fill(site), fill == 0,
            let (begin, end) = try? PaddingOperators.pads(site, rank: input.shape.count),
            input.shape.count >= 3, input.shape.prefix(2) == output.shape.prefix(2),
            (begin + end).allSatisfy({ $0 >= 0 })
        else { return nil }
        return Array(begin[2...] + end[2...])
    }

    private static func merged(_ conv: Graph.Node, _ pads: [Int]) -> Graph.Node? {
        if case .string(let mode)? = conv.attributes["auto_pad"], mode != "NOTSET" { return nil }
        var own = [Int64](repeating: 0, count: pads.count)
        if case .ints(let values)? = conv.attributes["pads"] { own = values }
        guard own.count == pads.count else { return nil }
        var node = conv
        node.attributes["pads"] = .ints(zip(own, pads).map { $0 + Int64($1) })
        return node
    }
}
