import Inference
import Testing

@Suite struct ProductTests {
    struct Sizes: CustomTestStringConvertible, Sendable {
        let m: Int
        let n: Int
        let k: Int
        var testDescription: String { "\(m)x\(k)x\(n)" }
    }

    static let sizes: [Sizes] = [
        .init(m: 1, n: 1, k: 1), .init(m: 7, n: 5, k: 3), .init(m: 97, n: 49, k: 17),
        .init(m: 200, n: 33, k: 1100), .init(m: 5, n: 700, k: 64), .init(m: 193, n: 520, k: 40),
        .init(m: 1600, n: 600, k: 5), .init(m: 13, n: 48, k: 512), .init(m: 8, n: 16, k: 513),
        .init(m: 9, n: 3, k: 300), .init(m: 6, n: 37, k: 129),
    ]

    /// a b in Double, [m][n].
    private func reference(_ s: Sizes, _ a: [Float], _ b: [Float]) -> [Double] {
        var c = [Double](repeating: 0, count: s.m * s.n)
        for i in 0..<s.m {
            for p in 0..<s.k {
                let factor = Double(a[i * s.k + p])
                for j in 0..<s.n { c[i * s.n + j] += factor * Double(b[p * s.n + j]) }
            }
        }
        return c
    }

    private func transposed(_ x: [Float], rows: Int, columns: Int) -> [Float] {
        (0..<columns).flatMap { column in (0..<rows).map { x[$0 * columns + column] } }
    }

    @Test(arguments: sizes, [false, true])
    func aConstantProductMatchesTheSum(_ s: Sizes, _ isTransposed: Bool) {
        let (a, b) = (noise(s.m * s.k, seed: 1), noise(s.k * s.n, seed: 2))
        let stored = isTransposed ? transposed(b, rows: s.k, columns: s.n) : b
        let expected = reference(s, a, b)
        for kernels in ["avx512", "avx2", "base"].compactMap({ TileKernels(named: $0) }) {
            let one = constant(s, a, stored, isTransposed, threads: 1, kernels: kernels)
            #expect(worstError(one, expected) < 2e-6, "\(kernels.name)")
            for threads in [2, 3] {
                let more = constant(s, a, stored, isTransposed, threads: threads, kernels: kernels)
                #expect(more.bits == one.bits)
            }
        }
    }

    @Test(arguments: sizes.filter { $0.m * $0.n * $0.k <= 1_000_000 })
    func aSmallProductMatchesTheSum(_ s: Sizes) {
        let (a, b) = (noise(s.m * s.k, seed: 1), noise(s.k * s.n, seed: 2))
        let expected = reference(s, a, b).map { $0 * 0.5 }
        let (left, right) = (Floats(a), Floats(b))
        for kernels in ["avx512", "avx2", "base"].compactMap({ TileKernels(named: $0) }) {
            let c = Floats(count: s.m * s.n)
            unsafe kernels.smallProduct(
                m: s.m, n: s.n, k: s.k, alpha: 0.5, a: left.pointer, lda: s.k, b: right.pointer,
                ldb: s.n, c: c.pointer, ldc: s.n)
            #expect(worstError(c.values, expected) < 2e-6, "\(kernels.name)")
        }
    }

    @Test(arguments: sizes, [(false, false), (false, true), (true, false), (true, true)])
    func aProductMatchesTheSum(_ s: Sizes, _ transpose: (a: Bool, b: Bool)) throws {
        try BLAS.load()
        let (a, b) = (noise(s.m * s.k, seed: 3), noise(s.k * s.n, seed: 4))
        let left = Floats(transpose.a ? transposed(a, rows: s.m, columns: s.k) : a)
        let right = Floats(transpose.b ? transposed(b, rows: s.k, columns: s.n) : b)
        let expected = reference(s, a, b).map { $0 * 0.5 }
        var results: [[UInt32]] = []
        for threads in 1...3 {
            let pool = WorkerPool(threads: threads)
            let c = Floats(count: s.m * s.n)
            unsafe Product.run(
                transposeA: transpose.a, transposeB: transpose.b, m: s.m, n: s.n, k: s.k,
                alpha: 0.5, a: left.pointer, lda: transpose.a ? s.m : s.k, b: right.pointer,
                ldb: transpose.b ? s.k : s.n, c: c.pointer, ldc: s.n, pool: pool)
            #expect(worstError(c.values, expected) < 2e-6)
            results.append(c.values.bits)
        }
        #expect(results.allSatisfy { $0 == results[0] })
        withExtendedLifetime((left, right)) {}
    }

    @Test(arguments: [ConvolutionEpilogue.Addend.none, .beforeActivation, .last])
    func theEpilogueIsAppliedInItsOrder(_ place: ConvolutionEpilogue.Addend) throws {
        try BLAS.load()
        let s = Sizes(m: 30, n: 70, k: 20)
        let (a, b) = (noise(s.m * s.k, seed: 5), noise(s.k * s.n, seed: 6))
        let (bias, addend) = (noise(s.n, seed: 7), noise(s.m * s.n, seed: 8))
        let (scale, shift) = (noise(3, seed: 9), noise(3, seed: 10))
        let expected = reference(s, a, b).enumerated().map { at, sum in
            let group = at / s.n / 10
            var value = Double(scale[group]) * (sum + Double(bias[at % s.n])) + Double(shift[group])
            if place == .beforeActivation { value += Double(addend[at]) }
            value = max(value, 0)
            return place == .last ? value + Double(addend[at]) : value
        }
        let (left, right, c) = (Floats(a), Floats(b), Floats(count: s.m * s.n))
        let (biases, addends) = (Floats(bias), Floats(addend))
        let (scales, shifts) = (Floats(scale), Floats(shift))
        let epilogue = unsafe ProductEpilogue(
            columnBias: biases.pointer, rowScale: scales.pointer, rowShift: shifts.pointer,
            rowsPerScale: 10, activation: .relu, addend: addends.pointer, addendPlace: place)
        let pool = WorkerPool(threads: 2)
        unsafe Product.run(
            m: s.m, n: s.n, k: s.k, a: left.pointer, lda: s.k, b: right.pointer, ldb: s.n,
            c: c.pointer, ldc: s.n, epilogue: epilogue, pool: pool)
        #expect(worstError(c.values, expected) < 2e-6)
        let kernel = unsafe ConstantProduct(k: s.k, n: s.n, b: right.pointer, threads: 2)
        let workspace = Floats(count: kernel.workspaceFloats)
        unsafe kernel.run(
            m: s.m, a: left.pointer, lda: s.k, c: c.pointer, ldc: s.n, epilogue: epilogue,
            workspace: workspace.pointer, pool: pool)
        #expect(worstError(c.values, expected) < 2e-6)
        withExtendedLifetime((left, right, biases, addends, scales, shifts, workspace)) {}
    }

    private func constant(
        _ s: Sizes, _ a: [Float], _ b: [Float], _ transposed: Bool, threads: Int,
        kernels: TileKernels
    ) -> [Float] {
        let (left, right, c) = (Floats(a), Floats(b), Floats(count: s.m * s.n))
        let kernel = unsafe ConstantProduct(
            k: s.k, n: s.n, b: right.pointer, transposed: transposed, threads: threads,
            kernels: kernels)
        let workspace = Floats(count: kernel.workspaceFloats)
        unsafe kernel.run(
            m: s.m, a: left.pointer, lda: s.k, c: c.pointer, ldc: s.n,
            workspace: workspace.pointer, pool: WorkerPool(threads: threads))
        return withExtendedLifetime((left, right, workspace)) { c.values }
    }
}
