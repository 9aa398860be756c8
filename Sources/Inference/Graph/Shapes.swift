/// Arithmetic on shapes.
enum Shapes {
    /// The common shape of several under ONNX's rule: aligned at the end, a 1 stretches.
    ///
    /// - Returns: nil where the shapes do not fit.
    static func broadcast(_ shapes: [[Int]]) -> [Int]? {
        let rank = shapes.map(\.count).max() ?? 0
        var result = [Int](repeating: 1, count: rank)
        for shape in shapes {
            let lead = rank - shape.count
            for (index, size) in shape.enumerated() where size != 1 {
                guard result[lead + index] == 1 || result[lead + index] == size else { return nil }
                result[lead + index] = size
            }
        }
        return result
    }

    /// Elements from one index of each dimension to the next, for a dense row-major array.
    static func strides(_ shape: [Int]) -> [Int] {
        var strides = [Int](repeating: 1, count: shape.count)
        var step = 1
        for axis in shape.indices.reversed() {
            strides[axis] = step
            step *= shape[axis]
        }
        return strides
    }

    /// Strides that read an array as if it had another shape: 0 along stretched dimensions.
    ///
    /// - Precondition: `shape` broadcasts to `target`.
    static func strides(_ shape: [Int], broadcastTo target: [Int]) -> [Int] {
        let own = strides(shape)
        let lead = target.count - shape.count
        return target.indices.map { axis in
            axis < lead || shape[axis - lead] == 1 ? 0 : own[axis - lead]
        }
    }

    /// Elements of a shape.
    static func count(_ shape: some Sequence<Int>) -> Int { shape.reduce(1, *) }
}

/// Loops over one shape that walk through several arrays at once, with as few dimensions as do.
///
/// Dimensions of size 1 are dropped, and neighbours are joined wherever each array walks through
/// both in even steps.
struct JointLoops {
    /// Sizes, outermost first; at least one.
    var sizes: [Int] = []
    /// For each array its stride along each size.
    var strides: [[Int]]

    init(shape: [Int], strides arrays: [[Int]]) {
        strides = arrays.map { _ in [] }
        for axis in shape.indices where shape[axis] != 1 {
            let joins =
                !sizes.isEmpty
                && arrays.indices.allSatisfy { array in
                    strides[array][sizes.count - 1] == arrays[array][axis] * shape[axis]
                }
            if joins {
                sizes[sizes.count - 1] *= shape[axis]
                for array in arrays.indices {
                    strides[array][sizes.count - 1] = arrays[array][axis]
                }
            } else {
                sizes.append(shape[axis])
                for array in arrays.indices { strides[array].append(arrays[array][axis]) }
            }
        }
        if sizes.isEmpty {
            sizes = [1]
            strides = arrays.map { _ in [0] }
        }
    }

    /// The offset of an array at a flat index over the first `depth` sizes.
    func offset(_ array: Int, at index: Int, depth: Int) -> Int {
        var rest = index
        var offset = 0
        for axis in (0..<depth).reversed() {
            offset += rest % sizes[axis] * strides[array][axis]
            rest /= sizes[axis]
        }
        return offset
    }
}
