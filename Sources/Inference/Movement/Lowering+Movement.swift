extension Lowering {
    /// One copy from input 0 to output 0.
    static func copy(_ input: TensorType, _ output: TensorType, _ copy: StridedCopy) -> Lowering {
        Lowering([output]) { _ in
            Kernel("copy") { operands in
                if input.elementType.isFloat {
                    unsafe copy.run(
                        from: operands.input(0), to: operands.output(), pool: operands.pool)
                } else {
                    unsafe copy.run(
                        from: operands.integers(0), to: operands.integerOutput(),
                        pool: operands.pool)
                }
            }
        }
    }

    /// One copy by tables from input 0 to output 0.
    static func copy(
        _ input: TensorType, _ output: TensorType, _ copy: TableCopy, filling fill: Float = 0
    ) -> Lowering {
        Lowering([output]) { _ in
            Kernel("table copy") { operands in
                if input.elementType.isFloat {
                    unsafe copy.run(
                        from: operands.input(0), to: operands.output(), filling: fill,
                        pool: operands.pool)
                } else {
                    unsafe copy.run(
                        from: operands.integers(0), to: operands.integerOutput(),
                        filling: Int64(fill), pool: operands.pool)
                }
            }
        }
    }
}
