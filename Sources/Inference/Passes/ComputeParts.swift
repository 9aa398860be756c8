/// Computes elementwise results and joins in parts where only parts of them are read: what is cut
/// apart afterwards need not be written as a whole first.
///
/// Values that are read by slices of an outermost axis alone, be it through more arithmetic and
/// joins, dissolve; each part that is read is computed from the same parts of what they were
/// computed from, which are views and cost nothing.
struct ComputeParts {
    private let before: Graph
    private let writers: [Int?]
    /// For each value that dissolves the axis it is cut along, and how far the slices are.
    private let dissolving: [Cut?]
    private var after: Graph
    /// What stands for a value that the slices used to compute.
    private var renamed: [Graph.ValueID: Graph.ValueID] = [:]
    private var made: [Part: Graph.ValueID] = [:]
    /// Numbers that nodes wrote before and write now, of those that differ.
    private var saved = 0
    private var spent = 0

    private struct Cut {
        let axis: Int
        let depth: Int
    }

    private struct Part: Hashable {
        let value: Graph.ValueID
        let axis: Int
        let range: Range<Int>
    }

    /// Longer chains stay as they are: a part is computed by recursion.
    private static let mostDepth = 64

    static func run(_ graph: inout Graph) {
        var pass = ComputeParts(graph)
        guard pass.dissolving.contains(where: { $0 != nil }) else { return }
        pass.rewrite()
        // Parts that overlap are computed twice: too many of them would cost more than they save.
        guard pass.spent <= pass.saved else { return }
        graph = pass.after
        DropUnread.run(&graph)
    }

    private init(_ graph: Graph) {
        before = graph
        after = graph
        after.nodes = []
        writers = graph.writers()
        dissolving = Self.dissolving(graph)
    }

    private static func dissolving(_ graph: Graph) -> [Cut?] {
        let rewriter = GraphRewriter(graph)
        let readers = graph.readers()
        var cuts = [Cut?](repeating: nil, count: graph.values.count)
        for index in graph.nodes.indices.reversed() {
            guard graph.nodes[index].outputs.count == 1, let value = graph.nodes[index].outputs[0],
                !rewriter.isOutput(value), let shape = rewriter.type(value)?.shape
            else { continue }
            var cut: Cut?
            let isCut = readers[value].allSatisfy { reader in
                guard let own = Self.cut(of: value, by: reader, rewriter, cuts),
                    own.axis == cut?.axis ?? own.axis
                else { return false }
                cut = Cut(axis: own.axis, depth: max(own.depth, cut?.depth ?? 0))
                return true
            }
            guard isCut, let cut, cut.depth < mostDepth, Shapes.count(shape[..<cut.axis]) == 1,
                canCompute(index, parts: cut.axis, rewriter)
            else { continue }
            cuts[value] = cut
        }
        return cuts
    }

    /// How a reader cuts a value: it is a slice, or something whose result dissolves.
    private static func cut(
        of value: Graph.ValueID, by reader: Int, _ rewriter: GraphRewriter, _ cuts: [Cut?]
    ) -> Cut? {
        let node = rewriter[reader]
        guard let output = node.outputs.first ?? nil, let shape = rewriter.type(value)?.shape else {
            return nil
        }
        if node.opType == "Slice", !rewriter.isOutput(output),
            let run = (try? SliceBox(rewriter.site(reader)))?.run
        {
            return Cut(axis: run.axis, depth: 0)
        }
        guard let cut = cuts[output] else { return nil }
        if node.opType == FusedOperators.elementwise, rewriter.type(output)?.shape != shape {
            return nil
        }
        return Cut(axis: cut.axis, depth: cut.depth + 1)
    }

    /// Whether parts of a node's result follow from parts of its inputs.
    private static func canCompute(
        _ index: Int, parts axis: Int, _ rewriter: GraphRewriter
    ) -> Bool {
        let node = rewriter[index]
        switch node.opType {
        case FusedOperators.elementwise: return true
        case "Concat":
            guard case .int(let given)? = node.attributes["axis"], let output = node.outputs[0],
                let rank = rewriter.type(output)?.shape.count
            else { return false }
            return given == axis || Int(given) + rank == axis
        case "Slice": return (try? SliceBox(rewriter.site(index)))?.run?.axis == axis
        default: return false
        }
    }

    private mutating func rewrite() {
        let rewriter = GraphRewriter(before)
        for (index, node) in before.nodes.enumerated() {
            if node.outputs.count == 1, let output = node.outputs[0], dissolving[output] != nil {
                if node.opType != "Slice" { saved += count(output) }
                continue
            }
            if node.opType == "Slice", let input = node.inputs[0], dissolving[input] != nil,
                let output = node.outputs[0],
                let run = (try? SliceBox(rewriter.site(index)))?.run
            {
                renamed[output] = part(
                    Part(value: input, axis: run.axis, range: run.range), rewriter)
                continue
            }
            var node = node
            node.inputs = node.inputs.map { $0.map { renamed[$0] ?? $0 } }
            after.nodes.append(node)
        }
    }

    private func count(_ value: Graph.ValueID) -> Int { after.values[value].type?.count ?? 0 }

    private func size(_ value: Graph.ValueID, along axis: Int) -> Int {
        after.values[value].type?.shape[axis] ?? 0
    }

    /// The value that is a part of another one.
    private mutating func part(_ part: Part, _ rewriter: GraphRewriter) -> Graph.ValueID {
        if let known = made[part] { return known }
        let result = make(part, rewriter)
        made[part] = result
        return result
    }

    private mutating func make(_ part: Part, _ rewriter: GraphRewriter) -> Graph.ValueID {
        guard dissolving[part.value] != nil, let writer = writers[part.value] else {
            return slice(part)
        }
        var node = before.nodes[writer]
        switch node.opType {
        case "Slice":
            guard let source = node.inputs[0],
                let run = (try? SliceBox(rewriter.site(writer)))?.run
            else { preconditionFailure("only runs of an axis dissolve") }
            let first = run.range.lowerBound
            let range = part.range.lowerBound + first..<part.range.upperBound + first
            return self.part(Part(value: source, axis: part.axis, range: range), rewriter)
        case "Concat":
            var pieces: [Graph.ValueID] = []
            var start = 0
            for case let input? in node.inputs {
                let end = start + size(input, along: part.axis)
                let range = part.range.clamped(to: start..<end)
                if !range.isEmpty {
                    pieces.append(
                        self.part(
                            Part(
                                value: input, axis: part.axis,
                                range: range.lowerBound - start..<range.upperBound - start),
                            rewriter))
                }
                start = end
            }
            if pieces.count == 1 { return pieces[0] }
            node.inputs = pieces
        default:
            let rank = before.values[part.value].type?.shape.count ?? 0
            node.inputs = node.inputs.map { input in
                guard let input, let shape = before.values[input].type?.shape else { return nil }
                let axis = part.axis - (rank - shape.count)
                // What is stretched along the axis is the same for all parts.
                guard axis >= 0, shape[axis] != 1 else { return renamed[input] ?? input }
                return self.part(Part(value: input, axis: axis, range: part.range), rewriter)
            }
        }
        let result = addValue(part)
        node.outputs = [result]
        after.nodes.append(node)
        spent += count(result)
        return result
    }

    private mutating func addValue(_ part: Part) -> Graph.ValueID {
        let whole = after.values[part.value]
        var type = whole.type
        type?.shape[part.axis] = part.range.count
        return after.addValue(whole.name, type: type)
    }

    /// A slice of a value that does not dissolve.
    private mutating func slice(_ part: Part) -> Graph.ValueID {
        let value = renamed[part.value] ?? part.value
        if part.range == 0..<size(part.value, along: part.axis) { return value }
        let result = addValue(part)
        let numbers = [part.range.lowerBound, part.range.upperBound, part.axis].map { Int64($0) }
        var node = Graph.Node(
            name: after.values[result].name, opType: "Slice", attributes: [:], inputs: [value],
            outputs: [result])
        let names = ["starts", "ends", "axes"]
        for (name, number) in zip(names, numbers) {
            if after.opset < 10 {
                node.attributes[name] = .ints([number])
            } else {
                node.inputs.append(
                    after.addConstant(name, Tensor(shape: [1], integers: [number])))
            }
        }
        after.nodes.append(node)
        return result
    }
}
