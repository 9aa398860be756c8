/// Where each value of a graph lies: values that may share memory share a buffer, and buffers that
/// are not alive at the same time share a place in the arena.
struct ArenaLayout {
    /// A value's place: byte offset into the arena.
    private(set) var valueOffsets: [Int?]
    /// Byte offset of each step's scratch memory.
    private(set) var workspaceOffsets: [Int] = []
    /// Bytes of the whole arena.
    private(set) var byteCount = 0

    /// A piece of memory with a lifetime in steps.
    private struct Buffer {
        var byteCount: Int
        var first: Int
        var last: Int
        /// Whether nothing may be written over it even after its last reader.
        var isPinned: Bool
        /// Where it lies within another buffer, if it does.
        var home: (buffer: Int, offset: Int)?
        /// Values that lie in it, with those of buffers inside it.
        var values: [Graph.ValueID] = []
    }

    private let graph: Graph
    private let lastUse: [Int]
    private var buffers: [Buffer] = []
    /// For each value its buffer and the byte offset in it.
    private var places: [(buffer: Int, offset: Int)?]

    /// Alignment of every buffer in bytes.
    static let alignment = 64

    /// Lays out a graph.
    ///
    /// - Parameters:
    ///   - lowerings: One per node.
    ///   - workspaces: Floats of scratch memory, one per node.
    ///   - limit: Most bytes that the arena may have.
    init(
        _ graph: Graph, _ lowerings: [Lowering], workspaces: [Int], limit: Int
    ) throws(GraphError) {
        self.graph = graph
        let end = graph.nodes.count
        var lastUse = [Int](repeating: -1, count: graph.values.count)
        for (step, node) in graph.nodes.enumerated() {
            for (index, input) in node.inputs.enumerated() {
                guard let input, !lowerings[step].absorbed.contains(index) else { continue }
                lastUse[input] = step
            }
        }
        for output in graph.outputs { lastUse[output] = end }
        self.lastUse = lastUse
        places = .init(repeating: nil, count: graph.values.count)
        valueOffsets = .init(repeating: nil, count: graph.values.count)
        for input in graph.inputs {
            addBuffer(for: input, first: -1, last: end, isPinned: true)
        }
        for value in graph.values.indices
        where graph.values[value].constant != nil && lastUse[value] >= 0 {
            addBuffer(for: value, first: -1, last: end, isPinned: true)
        }
        for (step, node) in graph.nodes.enumerated() { place(node, lowerings[step], step) }
        try arrange(workspaces: workspaces, limit: limit)
    }

    private mutating func addBuffer(
        for value: Graph.ValueID, first: Int, last: Int, isPinned: Bool = false
    ) {
        let bytes = graph.values[value].type?.storedBytes ?? 0
        buffers.append(
            Buffer(byteCount: bytes, first: first, last: last, isPinned: isPinned, values: [value]))
        places[value] = (buffers.count - 1, 0)
    }

    /// The outermost buffer that a value lies in, and where.
    private func root(_ value: Graph.ValueID) -> (buffer: Int, offset: Int)? {
        guard var place = places[value] else { return nil }
        while let home = buffers[place.buffer].home {
            place = (home.buffer, place.offset + home.offset)
        }
        return place
    }

    private mutating func put(_ value: Graph.ValueID, at place: (buffer: Int, offset: Int)) {
        places[value] = place
        buffers[place.buffer].values.append(value)
        buffers[place.buffer].last = max(buffers[place.buffer].last, lastUse[value])
    }

    private mutating func place(_ node: Graph.Node, _ lowering: Lowering, _ step: Int) {
        let source = node.inputs.first.flatMap { $0 }.flatMap { root($0) }
        let elementBytes = lowering.outputs.first?.elementType.storedBytes ?? 4
        for (index, output) in node.outputs.enumerated() {
            guard let output else { continue }
            switch lowering.layout {
            case .view:
                if index == 0, let source {
                    put(output, at: source)
                    continue
                }
            case .parts(let offsets):
                if let source {
                    put(
                        output,
                        at: (source.buffer, source.offset + offsets[index] * elementBytes))
                    continue
                }
            case .over(let target):
                if index == 0, let place = node.inputs[target].flatMap({ root($0) }) {
                    put(output, at: place)
                    continue
                }
            case .separate, .joined: break
            }
            if index == 0, let reused = reusable(node, lowering, step) {
                put(output, at: (reused, 0))
                continue
            }
            addBuffer(for: output, first: step, last: max(step, lastUse[output]))
            if case .joined(let offsets) = lowering.layout, index == 0 {
                join(node, offsets.map { $0 * elementBytes }, into: output)
            }
        }
    }

    /// A buffer of an input that nobody needs after this step and that the output may take over.
    private func reusable(_ node: Graph.Node, _ lowering: Lowering, _ step: Int) -> Int? {
        guard node.outputs.count == 1, let output = lowering.outputs.first else { return nil }
        for index in lowering.reusable {
            guard let input = node.inputs[index], let place = root(input) else { continue }
            let buffer = buffers[place.buffer]
            let others = node.inputs.contains { other in
                guard let other, other != input else { return false }
                return root(other)?.buffer == place.buffer
            }
            if !others, !buffer.isPinned, place.offset == 0,
                buffer.byteCount == output.storedBytes,
                buffer.values.allSatisfy({ lastUse[$0] <= step })
            {
                return place.buffer
            }
        }
        return nil
    }

    /// Moves the buffers of a joining node's inputs into their places in its output, where they are
    /// free to lie there: then whoever computes them writes them into place.
    private mutating func join(_ node: Graph.Node, _ offsets: [Int], into output: Graph.ValueID) {
        guard let target = places[output]?.buffer else { return }
        for (index, input) in node.inputs.enumerated() {
            guard let input, let type = graph.values[input].type, let place = root(input),
                place.offset == 0, place.buffer != target
            else { continue }
            let buffer = buffers[place.buffer]
            guard !buffer.isPinned, buffer.byteCount == type.storedBytes else { continue }
            buffers[place.buffer].home = (target, offsets[index])
            buffers[target].first = min(buffers[target].first, buffer.first)
            buffers[target].last = max(buffers[target].last, buffer.last)
            buffers[target].values += buffer.values
        }
    }

    /// Gives every outermost buffer a place where no other lies while it is alive, largest first.
    private mutating func arrange(workspaces: [Int], limit: Int) throws(GraphError) {
        struct Block {
            let byteCount: Int
            let first: Int
            let last: Int
            let buffer: Int?
            let step: Int?
            var offset = 0
        }
        var blocks: [Block] = []
        func rounded(_ bytes: Int) -> Int {
            (bytes + Self.alignment - 1) / Self.alignment * Self.alignment
        }
        for (index, buffer) in buffers.enumerated() where buffer.home == nil {
            blocks.append(
                Block(
                    byteCount: rounded(max(1, buffer.byteCount)), first: buffer.first,
                    last: buffer.last, buffer: index, step: nil))
        }
        for (step, floats) in workspaces.enumerated() where floats > 0 {
            guard floats <= limit / 4 else {
                throw GraphError(.tooLarge, detail: "workspace").at(graph.nodes[step])
            }
            blocks.append(
                Block(
                    byteCount: rounded(4 * floats), first: step, last: step, buffer: nil,
                    step: step))
        }
        blocks.sort { ($0.byteCount, $1.first) > ($1.byteCount, $0.first) }
        workspaceOffsets = [Int](repeating: 0, count: workspaces.count)
        var bufferOffsets = [Int](repeating: 0, count: buffers.count)
        var placed: [Block] = []
        for block in blocks {
            var offset = 0
            // Placed blocks stay sorted by offset: the first gap that is wide enough is taken.
            for other in placed where other.first <= block.last && block.first <= other.last {
                if offset + block.byteCount <= other.offset { break }
                offset = max(offset, other.offset + other.byteCount)
            }
            guard offset <= limit - block.byteCount else {
                throw GraphError(.tooLarge, detail: "\(offset) + \(block.byteCount) bytes")
            }
            var settled = block
            settled.offset = offset
            let position = placed.firstIndex { $0.offset > offset } ?? placed.count
            placed.insert(settled, at: position)
            byteCount = max(byteCount, offset + block.byteCount)
            if let step = block.step { workspaceOffsets[step] = offset }
            if let buffer = block.buffer { bufferOffsets[buffer] = offset }
        }
        for value in graph.values.indices {
            guard let place = root(value) else { continue }
            valueOffsets[value] = bufferOffsets[place.buffer] + place.offset
        }
    }
}
