/// What a Slice takes of its input: a box with steps.
struct SliceBox {
    /// Sizes of the input, and of the box.
    private let whole: [Int]
    let shape: [Int]
    /// First index along each axis, and the step from one to the next.
    private let starts: [Int]
    private let steps: [Int]

    /// Reads a Slice.
    ///
    /// - Throws: `GraphError` where its operands do not fit each other or are not known.
    init(_ site: Site) throws(GraphError) {
        let input = try site.operand(0)
        let starts: [Int]?
        let ends: [Int]?
        let listedAxes: [Int]?
        var listedSteps: [Int]?
        if site.opset < 10 {
            (starts, ends) = (try site.ints("starts"), try site.ints("ends"))
            listedAxes = try site.ints("axes")
        } else {
            (starts, ends) = (try site.constantInts(1), try site.constantInts(2))
            listedAxes = try site.constantInts(3)
            listedSteps = try site.constantInts(4)
        }
        guard let starts, let ends else { throw site.error(.missing, "starts and ends") }
        let axes = listedAxes ?? Array(starts.indices)
        let steps = listedSteps ?? [Int](repeating: 1, count: starts.count)
        guard ends.count == starts.count, axes.count == starts.count, steps.count == starts.count
        else { throw site.error(.shapeMismatch, "starts, ends, axes, steps") }
        _ = try site.axes(axes, rank: input.rank)
        var shape = input.shape
        var firsts = [Int](repeating: 0, count: input.rank)
        var strides = [Int](repeating: 1, count: input.rank)
        for index in axes.indices {
            let axis = try site.axis(axes[index], rank: input.rank)
            guard steps[index] != 0 else { throw site.error(.invalidAttribute, "step 0") }
            (firsts[axis], shape[axis]) = Self.range(
                start: starts[index], end: ends[index], step: steps[index],
                size: input.shape[axis])
            strides[axis] = steps[index]
        }
        whole = input.shape
        self.shape = shape
        self.starts = firsts
        self.steps = strides
    }

    /// Elements of the input from one index of the box to the next along each axis.
    var strides: [Int] {
        zip(zip(Shapes.strides(whole), steps), shape).map { $1 > 1 ? $0.0 * $0.1 : 0 }
    }

    /// Elements of the input before the first of the box.
    var offset: Int { zip(Shapes.strides(whole), starts).reduce(0) { $0 + $1.0 * $1.1 } }

    /// Whether the box is the input as it is.
    var isWhole: Bool { shape == whole && steps.allSatisfy { $0 == 1 } }

    /// The one axis along which the box is a run of neighbours, and that run; nil where it is cut,
    /// or walked with steps, in any other way, or empty.
    var run: (axis: Int, range: Range<Int>)? {
        let cut = shape.indices.filter { shape[$0] != whole[$0] || steps[$0] != 1 }
        guard cut.count == 1, let axis = cut.first, steps[axis] == 1, shape[axis] > 0 else {
            return nil
        }
        return (axis, starts[axis]..<starts[axis] + shape[axis])
    }

    /// The first index and the number of indices of a slice, under ONNX's rules of clamping.
    private static func range(start: Int, end: Int, step: Int, size: Int) -> (Int, Int) {
        let low = step > 0 ? 0 : -1
        let high = step > 0 ? size : size - 1
        func clamped(_ index: Int) -> Int {
            let counted = index < 0 ? index.addingReportingOverflow(size).partialValue : index
            return min(max(counted, low), high)
        }
        let first = min(
            max(start < 0 ? start.addingReportingOverflow(size).partialValue : start, 0), high)
        let last = clamped(end)
        let span = step > 0 ? last - first : first - last
        guard span > 0, size > 0 else { return (0, 0) }
        let magnitude = Int(clamping: step.magnitude)
        return (first, (span - 1) / magnitude + 1)
    }
}
