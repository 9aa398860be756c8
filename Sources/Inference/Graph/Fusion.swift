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
