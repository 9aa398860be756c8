import CKernels

/// What happens to a matrix product before it is stored:
/// `activation(rowScale[row / rowsPerScale] (sum + columnBias[column]) + rowShift[row / rowsPerScale]
/// [+ addend]) [+ addend]`.
@unsafe
package struct ProductEpilogue {
    /// One summand per column, or nil.
    package var columnBias: UnsafePointer<Float>?
    /// One factor per block of `rowsPerScale` rows, or nil.
    package var rowScale: UnsafePointer<Float>?
    /// One summand per block of `rowsPerScale` rows, or nil.
    package var rowShift: UnsafePointer<Float>?
    /// Rows that share an entry of `rowScale` and `rowShift`.
    package var rowsPerScale: Int
    package var activation: Activation
    /// Laid out like the result with the same row stride, not overlapping it, or nil.
    package var addend: UnsafePointer<Float>?
    /// Where the addend goes.
    package var addendPlace: ConvolutionEpilogue.Addend

    package init(
        columnBias: UnsafePointer<Float>? = nil, rowScale: UnsafePointer<Float>? = nil,
        rowShift: UnsafePointer<Float>? = nil, rowsPerScale: Int = 1,
        activation: Activation = .none, addend: UnsafePointer<Float>? = nil,
        addendPlace: ConvolutionEpilogue.Addend = .none
    ) {
        unsafe self.columnBias = columnBias
        unsafe self.rowScale = rowScale
        unsafe self.rowShift = rowShift
        unsafe self.rowsPerScale = rowsPerScale
        unsafe self.activation = activation
        unsafe self.addend = addend
        unsafe self.addendPlace = addendPlace
    }

    /// Whether sums are stored as they are.
    var isTrivial: Bool {
        unsafe columnBias == nil && rowScale == nil && rowShift == nil && activation == .none
            && (addend == nil || addendPlace == .none)
    }

    /// Writes sums to the result.
    ///
    /// - Parameters:
    ///   - sums: Row after row, `pitch` floats apart; overwritten on the way. May lie where the result
    ///     goes.
    ///   - c: The whole result, rows `ldc` floats apart.
    ///   - streams: Whether the result is too large to be found in a cache later.
    ///   - row: The first row that the sums belong to; likewise `column`.
    func finish(
        sums: UnsafeMutablePointer<Float>, pitch: Int, c: UnsafeMutablePointer<Float>, ldc: Int,
        row: Int, rows: Int, column: Int, columns: Int, streams: Bool, kernels: TileKernels
    ) {
        let (operation, alpha, beta) = unsafe activation.loop
        var ending = unsafe uk_finish(
            bias: 0, before: nil, op: operation, alpha: alpha, beta: beta, scale: 1, shift: 0,
            after: nil, multiplies: false, stream: streams)
        for index in 0..<rows {
            let line = unsafe sums + index * pitch
            let target = row + index
            if let columnBias = unsafe columnBias {
                unsafe uk_binary(
                    .UK_BINARY_ADD, line, 1, columnBias + column, 1, line, columns)
            }
            if let scale = unsafe rowScale {
                unsafe uk_scale_shift(line, line, columns, scale[target / rowsPerScale], 0)
            }
            unsafe ending.bias = rowShift?[target / rowsPerScale] ?? 0
            let beside = unsafe addend.map { unsafe $0 + target * ldc }
            unsafe ending.before = addendPlace == .beforeActivation ? beside : nil
            unsafe ending.after = addendPlace == .last ? beside : nil
            unsafe kernels.finish(
                &ending, from: line, to: c + target * ldc, count: columns, at: column)
        }
    }
}
