private import CKernels

/// An elementwise program laid out for fixed shapes.
struct ElementwiseKernel {
    /// How a tile of an input is found.
    private enum Access {
        /// As dense as the output.
        case dense
        /// One number for the whole output.
        case scalar
        /// Along one row of the loops: a start of its own per row, then this stride (0 or 1).
        case row(Int)
        /// Copied out tile by tile into scratch memory with this number.
        case gathered(Int)
    }

    /// Floats that one piece of work covers at least, where there are that many.
    private static let grain = 32_768

    private let program: ElementwiseProgram
    private let loops: JointLoops
    private let access: [Access]
    /// Scratch tile of each step's result but the last one's.
    private let registers: [Int]
    private let scratchTiles: Int
    private let rows: Int
    private let rowLength: Int
    private let threads: Int
    /// Whether arrays of the output's size take turns: the CPU sees one of them coming, but not the
    /// next pieces of several.
    private let fetches: Bool
    /// Floats of a tile: a few of them fit the first-level cache together, with what is fetched.
    private let tileFloats: Int

    /// Lays out a program.
    ///
    /// - Precondition: every input shape broadcasts to `shape`.
    init(_ program: ElementwiseProgram, inputs: [[Int]], shape: [Int], threads: Int) {
        self.program = program
        self.threads = threads
        let dense = Shapes.strides(shape)
        let loops = JointLoops(
            shape: shape, strides: inputs.map { Shapes.strides($0, broadcastTo: shape) } + [dense])
        self.loops = loops
        let output = loops.strides[inputs.count]
        let inner = loops.sizes.count - 1
        var access: [Access] = inputs.indices.map { index in
            let strides = loops.strides[index]
            if strides == output { return .dense }
            if strides.allSatisfy({ $0 == 0 }) { return .scalar }
            return .row(strides[inner])
        }
        let hasRows = access.contains { if case .row = $0 { true } else { false } }
        let total = Shapes.count(shape)
        var tiles = 0
        // Short rows would make many short calls: their inputs are copied out to full tiles.
        if hasRows, loops.sizes[inner] < 256 {
            for index in access.indices {
                guard case .row = access[index] else { continue }
                access[index] = .gathered(tiles)
                tiles += 1
            }
            rows = 1
            rowLength = total
        } else {
            rowLength = hasRows ? loops.sizes[inner] : total
            rows = rowLength == 0 ? 0 : total / rowLength
        }
        self.access = access
        fetches = access.count(where: { if case .dense = $0 { true } else { false } }) > 1
        tileFloats = fetches ? 1024 : 2048
        let (registers, count) = Self.allocate(program, firstTile: tiles)
        self.registers = registers
        scratchTiles = count
    }

    /// Floats of scratch memory for all workers.
    var workspaceFloats: Int { scratchTiles * tileFloats * threads }

    /// Gives each step a scratch tile that is free from its last reader on.
    private static func allocate(
        _ program: ElementwiseProgram, firstTile: Int
    ) -> (registers: [Int], count: Int) {
        var lastUse = [Int](repeating: 0, count: program.steps.count)
        for (index, step) in program.steps.enumerated() {
            for case .step(let source) in step.sources { lastUse[source] = index }
        }
        var free: [Int] = []
        var next = firstTile
        var registers: [Int] = []
        for (index, step) in program.steps.enumerated() {
            let ending = Set(
                step.sources.compactMap { source -> Int? in
                    if case .step(let earlier) = source, lastUse[earlier] == index {
                        registers[earlier]
                    } else {
                        nil
                    }
                })
            // A step of two parts writes its result before it has read everything.
            if case .scaleShift = step.operation {} else { free += ending.sorted() }
            if let register = free.popLast() {
                registers.append(register)
            } else {
                registers.append(next)
                next += 1
            }
            if case .scaleShift = step.operation { free += ending.sorted() }
        }
        return (registers, next)
    }

    /// Computes the output.
    ///
    /// It may lie where a dense input lies.
    func run(_ operands: Operands) {
        let tilesPerRow = (rowLength + tileFloats - 1) / tileFloats
        let tiles = rows * tilesPerRow
        let perPiece = max(1, Self.grain / max(1, min(rowLength, tileFloats)))
        operands.pool.run(count: (tiles + perPiece - 1) / perPiece) { piece, worker in
            let scratch = unsafe operands.workspace + worker * scratchTiles * tileFloats
            for tile in piece * perPiece..<min(tiles, (piece + 1) * perPiece) {
                let row = tile / tilesPerRow
                let start = tile % tilesPerRow * tileFloats
                unsafe runTile(
                    operands, scratch, row: row, start: start,
                    count: min(tileFloats, rowLength - start))
            }
        }
    }

    /// Where a source's numbers for a tile start, and the stride from one to the next.
    private func locate(
        _ source: ElementwiseProgram.Source, _ operands: Operands,
        _ scratch: UnsafeMutablePointer<Float>, row: Int, start: Int
    ) -> (UnsafePointer<Float>, Int) {
        switch source {
        case .step(let step):
            return unsafe (UnsafePointer(scratch + registers[step] * tileFloats), 1)
        case .input(let index):
            switch access[index] {
            case .dense: return unsafe (operands.input(index) + row * rowLength + start, 1)
            case .scalar: return unsafe (operands.input(index), 0)
            case .row(let stride):
                let base = loops.offset(index, at: row, depth: loops.sizes.count - 1)
                return unsafe (operands.input(index) + base + start * stride, stride)
            case .gathered(let tile): return unsafe (UnsafePointer(scratch + tile * tileFloats), 1)
            }
        }
    }

    private func runTile(
        _ operands: Operands, _ scratch: UnsafeMutablePointer<Float>, row: Int, start: Int,
        count: Int
    ) {
        for index in access.indices {
            guard case .gathered(let tile) = access[index] else { continue }
            unsafe gather(
                operands.input(index), index, start: start, count: count,
                into: scratch + tile * tileFloats)
        }
        // The loops below leave the memory idle: meanwhile the next tile can come from afar.
        for index in access.indices {
            guard fetches, case .dense = access[index] else { continue }
            unsafe uk_fetch(operands.input(index) + row * rowLength + start + count, count)
        }
        let output = unsafe operands.output() + row * rowLength + start
        for (index, step) in program.steps.enumerated() {
            let isLast = index == program.steps.count - 1
            let target = unsafe isLast ? output : scratch + registers[index] * tileFloats
            let (x, stride) = unsafe locate(
                step.source, operands, scratch, row: row, start: start)
            switch step.operation {
            case .unary(let op, let alpha, let beta):
                guard stride == 0 else {
                    unsafe uk_unary(op, x, target, count, alpha, beta)
                    continue
                }
                unsafe uk_unary(op, x, target, 1, alpha, beta)
                unsafe target.update(repeating: target[0], count: count)
            case .binary(let op, let second):
                let (y, secondStride) = unsafe locate(
                    second, operands, scratch, row: row, start: start)
                unsafe uk_binary(op, x, stride, y, secondStride, target, count)
            case .scaleShift(let scale, let shift):
                let (a, aStride) = unsafe locate(scale, operands, scratch, row: row, start: start)
                let (b, bStride) = unsafe locate(shift, operands, scratch, row: row, start: start)
                if stride == 1, aStride == 0, bStride == 0 {
                    unsafe uk_scale_shift(x, target, count, a[0], b[0])
                } else {
                    unsafe uk_binary(.UK_BINARY_MUL, x, stride, a, aStride, target, count)
                    unsafe uk_binary(.UK_BINARY_ADD, target, 1, b, bStride, target, count)
                }
            }
        }
    }

    /// Copies what an input shows under one tile of the flat output.
    private func gather(
        _ input: UnsafePointer<Float>, _ index: Int, start: Int, count: Int,
        into target: UnsafeMutablePointer<Float>
    ) {
        let depth = loops.sizes.count - 1
        let length = loops.sizes[depth]
        let stride = loops.strides[index][depth]
        var done = 0
        while done < count {
            let row = (start + done) / length
            let column = (start + done) % length
            let run = min(length - column, count - done)
            let source = unsafe input + loops.offset(index, at: row, depth: depth)
            if stride == 0 {
                unsafe (target + done).update(repeating: source[0], count: run)
            } else {
                unsafe (target + done).update(from: source + column, count: run)
            }
            done += run
        }
    }
}
