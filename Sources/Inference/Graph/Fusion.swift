/// What passes have attached to a node.
enum Fusion {
    /// Arithmetic at the end of a convolution, plain or transposed.
    case convolution(ConvolutionFusion)
    /// Arithmetic at the end of a matrix product.
    case product(ProductFusion)
    /// The whole of an elementwise node.
    case program(ElementwiseProgram)
}

/// Arithmetic at the end of a convolution.
struct ConvolutionFusion {
    var epilogue = ConvolutionEpilogue()
    /// Which input of the node is added, if one is.
    var addendInput: Int?
    /// The part of the last axis of input 0 that is read, as if it were the whole; nil for all.
    var inputWindow: RowWindow?
    /// So many neighbouring channels take turns along the last axis of the result.
    var interleave = 1
    /// The part of the last axis of output 0 that is written; nil for all.
    var outputWindow: RowWindow?
    /// Which input of the node holds what else is in the output, where an earlier node has written
    /// some of it: the output takes over its memory.
    var targetInput: Int?
}

/// Neighbouring values of the last axis of a wider array.
struct RowWindow: Equatable {
    let offset: Int
    let count: Int
    /// Size of the whole axis.
    let whole: Int
}

/// Arithmetic at the end of a matrix product, in this order: bias, scale and shift, addend,
/// activation, or the addend last.
struct ProductFusion {
    /// One summand per column.
    var columnBias: [Float]?
    /// One factor and one summand per block of rows.
    var rowScale: [Float]?
    var rowShift: [Float]?
    /// Rows that share an entry of these two.
    var rowsPerScale = 1
    var activation = Activation.none
    /// Which input of the node is added, if one is, and where.
    var addendInput: Int?
    var addendPlace = ConvolutionEpilogue.Addend.none
}
