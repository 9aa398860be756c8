private import CKernels

/// Copies a box of elements from one array with strides to another: slices, joins, permutations,
/// repetitions.
struct StridedCopy {
    /// Elements of one piece of work, at least where there are that many.
    private static let grain = 32_768
    private let loops: JointLoops
    private let sourceOffset: Int
    private let targetOffset: Int
    private let planes: Int
    private let rowBlock: Int
    private let columnBlock: Int
    private let outer: Int
    private let rows: Int
    private let columns: Int

    /// Lays out a copy.
    ///
    /// - Parameters:
    ///   - shape: Sizes of the box.
    ///   - source: Elements of the source from one index of each dimension to the next; may be 0 or
    ///     negative.
    ///   - target: Likewise of the target.
    init(
        shape: [Int], source: [Int], sourceOffset: Int = 0, target: [Int], targetOffset: Int = 0
    ) {
        // With the target's steps in falling order neighbours can be joined best.
        let order = shape.indices.sorted {
            target[$0] > target[$1] || target[$0] == target[$1] && $0 < $1
        }
        var loops = JointLoops(
            shape: order.map { shape[$0] },
            strides: [order.map { source[$0] }, order.map { target[$0] }])
        loops.bringUnitStrideNextToLast(array: 0)
        self.loops = loops
        self.sourceOffset = sourceOffset
        self.targetOffset = targetOffset
        let depth = loops.sizes.count
        columns = loops.sizes[depth - 1]
        rows = depth > 1 ? loops.sizes[depth - 2] : 1
        outer = max(0, depth - 2)
        planes = shape.contains(0) ? 0 : Shapes.count(loops.sizes.prefix(outer))
        columnBlock = min(columns, Self.grain)
        rowBlock = min(rows, max(16, Self.grain / max(1, columnBlock)))
    }

    /// Elements that are copied.
    var count: Int { planes * rows * columns }

    /// Copies.
    ///
    /// Source and target must not overlap.
    func run<Element: BitwiseCopyable>(
        from source: UnsafePointer<Element>, to target: UnsafeMutablePointer<Element>,
        pool: WorkerPool
    ) {
        guard count > 0 else { return }
        let across = (columns + columnBlock - 1) / columnBlock
        let down = (rows + rowBlock - 1) / rowBlock
        pool.run(count: planes * down * across) { piece, _ in
            let plane = piece / (down * across)
            let row = piece / across % down * rowBlock
            let column = piece % across * columnBlock
            unsafe copyBlock(
                from: source + sourceOffset + loops.offset(0, at: plane, depth: outer),
                to: target + targetOffset + loops.offset(1, at: plane, depth: outer),
                rows: row..<min(rows, row + rowBlock),
                columns: column..<min(columns, column + columnBlock))
        }
    }

    /// A transposition; floats go through a loop of their own.
    private func transpose<Element: BitwiseCopyable>(
        from source: UnsafePointer<Element>, to target: UnsafeMutablePointer<Element>, rows: Int,
        columns: Int, sourceStep: Int, targetRow: Int
    ) {
        if let source = unsafe source as? UnsafePointer<Float>,
            let target = unsafe target as? UnsafeMutablePointer<Float>
        {
            unsafe uk_transpose(source, sourceStep, target, targetRow, rows, columns)
            return
        }
        for row in 0..<rows {
            for column in 0..<columns {
                unsafe target[row * targetRow + column] = source[column * sourceStep + row]
            }
        }
    }

    private func copyBlock<Element: BitwiseCopyable>(
        from source: UnsafePointer<Element>, to target: UnsafeMutablePointer<Element>,
        rows: Range<Int>, columns: Range<Int>
    ) {
        let depth = loops.sizes.count
        let (sourceStep, targetStep) = (loops.strides[0][depth - 1], loops.strides[1][depth - 1])
        let sourceRow = depth > 1 ? loops.strides[0][depth - 2] : 0
        let targetRow = depth > 1 ? loops.strides[1][depth - 2] : 0
        let isTransposition = sourceRow == 1 && targetStep == 1 && sourceStep != 1 && rows.count > 1
        guard !isTransposition else {
            unsafe transpose(
                from: source + rows.lowerBound + columns.lowerBound * sourceStep,
                to: target + rows.lowerBound * targetRow + columns.lowerBound, rows: rows.count,
                columns: columns.count, sourceStep: sourceStep, targetRow: targetRow)
            return
        }
        for row in rows {
            let x = unsafe source + row * sourceRow + columns.lowerBound * sourceStep
            let y = unsafe target + row * targetRow + columns.lowerBound * targetStep
            if sourceStep == 1, targetStep == 1 {
                unsafe y.update(from: x, count: columns.count)
            } else if sourceStep == 0, targetStep == 1 {
                unsafe y.update(repeating: x[0], count: columns.count)
            } else if targetStep == 1 {
                for column in 0..<columns.count { unsafe y[column] = x[column * sourceStep] }
            } else {
                for column in 0..<columns.count {
                    unsafe y[column * targetStep] = x[column * sourceStep]
                }
            }
        }
    }
}

extension JointLoops {
    /// Moves the dimension along which an array is dense to the last place but one, where the last
    /// one walks through another array densely: the two then make a transposition in blocks.
    mutating func bringUnitStrideNextToLast(array: Int) {
        let last = sizes.count - 1
        guard last > 1, strides[array][last] != 1,
            let dense = (0..<last).last(where: { strides[array][$0] == 1 }), dense != last - 1
        else { return }
        sizes.insert(sizes.remove(at: dense), at: last - 1)
        for index in strides.indices {
            strides[index].insert(strides[index].remove(at: dense), at: last - 1)
        }
    }
}

/// Copies by a table of source offsets per dimension: paddings that mirror or repeat, picks by
/// known indices.
///
/// An offset of -1 stands for a fill value.
struct TableCopy {
    /// Output sizes and, for each, the source offset of each index.
    private let tables: [[Int]]
    private let rowIsDense: Bool

    init(tables: [[Int]]) {
        self.tables = tables.isEmpty ? [[0]] : tables
        let last = self.tables[self.tables.count - 1]
        rowIsDense =
            !last.isEmpty && last[0] >= 0 && last.indices.allSatisfy { last[$0] == last[0] + $0 }
    }

    /// Elements of the output.
    var count: Int { tables.reduce(1) { $0 * $1.count } }

    /// Fills the output.
    func run<Element: BitwiseCopyable>(
        from source: UnsafePointer<Element>, to target: UnsafeMutablePointer<Element>,
        filling fill: Element, pool: WorkerPool
    ) {
        let row = tables[tables.count - 1]
        guard count > 0 else { return }
        let rows = count / row.count
        let perPiece = max(1, 16_384 / row.count)
        pool.run(count: (rows + perPiece - 1) / perPiece) { piece, _ in
            for index in piece * perPiece..<min(rows, (piece + 1) * perPiece) {
                let output = unsafe target + index * row.count
                guard let base = offset(ofRow: index) else {
                    unsafe output.update(repeating: fill, count: row.count)
                    continue
                }
                if rowIsDense {
                    unsafe output.update(from: source + base + row[0], count: row.count)
                } else {
                    for column in row.indices {
                        let place = row[column]
                        unsafe output[column] = place < 0 ? fill : source[base + place]
                    }
                }
            }
        }
    }

    private func offset(ofRow index: Int) -> Int? {
        var rest = index
        var offset = 0
        for axis in (0..<tables.count - 1).reversed() {
            let size = tables[axis].count
            let place = tables[axis][rest % size]
            guard place >= 0 else { return nil }
            offset += place
            rest /= size
        }
        return offset
    }
}
