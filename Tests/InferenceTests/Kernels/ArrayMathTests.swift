import CKernels
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite struct ArrayMathTests {
    struct Unary: CustomTestStringConvertible, Sendable {
        let operation: uk_unary_op
        let exact: @Sendable (Double) -> Double
        var testDescription: String { "\(operation)" }
    }

    static let unary: [Unary] = [
        .init(operation: .UK_UNARY_ABS) { abs($0) }, .init(operation: .UK_UNARY_NEG) { -$0 },
        .init(operation: .UK_UNARY_SQRT) { $0.squareRoot() },
        .init(operation: .UK_UNARY_RECIPROCAL) { 1 / $0 },
        .init(operation: .UK_UNARY_SQUARE) { $0 * $0 },
        .init(operation: .UK_UNARY_SIGN) { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 },
        .init(operation: .UK_UNARY_FLOOR) { $0.rounded(.down) },
        .init(operation: .UK_UNARY_CEIL) { $0.rounded(.up) },
        .init(operation: .UK_UNARY_ROUND) { $0.rounded(.toNearestOrEven) },
        .init(operation: .UK_UNARY_EXP) { exp($0) }, .init(operation: .UK_UNARY_LOG) { log($0) },
        .init(operation: .UK_UNARY_SIN) { sin($0) }, .init(operation: .UK_UNARY_COS) { cos($0) },
        .init(operation: .UK_UNARY_TAN) { tan($0) }, .init(operation: .UK_UNARY_ATAN) { atan($0) },
        .init(operation: .UK_UNARY_ASIN) { asin($0) },
        .init(operation: .UK_UNARY_ACOS) { acos($0) },
        .init(operation: .UK_UNARY_SINH) { sinh($0) },
        .init(operation: .UK_UNARY_COSH) { cosh($0) },
        .init(operation: .UK_UNARY_ASINH) { asinh($0) },
        .init(operation: .UK_UNARY_ACOSH) { acosh($0) },
        .init(operation: .UK_UNARY_ATANH) { atanh($0) },
        .init(operation: .UK_UNARY_ERF) { erf($0) },
    ]

    static let numbers: [Float] =
        (-170...170).map { Float($0) / 2 } + (-200...200).map { Float($0) / 100 }
        + [
            0, -0.0, .infinity, -.infinity, .nan, .leastNonzeroMagnitude * 1000,
            -.leastNonzeroMagnitude * 1000, 3e38, -3e38, 1e-10,
        ]

    @Test(arguments: unary)
    func functionsMatchTheLibrary(_ function: Unary) {
        let result = unsafe run(Self.numbers) { x, y, n in
            unsafe uk_unary(function.operation, x, y, n, 0, 0)
        }
        for (x, y) in zip(Self.numbers, result) {
            let exact = Float(function.exact(Double(x)))
            if exact.isNaN || exact.isInfinite {
                #expect(y.isNaN == exact.isNaN && (exact.isNaN || y == exact), "f(\(x)) = \(y)")
            } else {
                #expect(abs(y - exact) <= 1e-6 * abs(exact) + 1.2e-38, "f(\(x)) = \(y) \(exact)")
            }
        }
    }

    struct Binary: CustomTestStringConvertible, Sendable {
        let operation: uk_binary_op
        let exact: @Sendable (Float, Float) -> Float
        var testDescription: String { "\(operation)" }
    }

    static let binary: [Binary] = [
        .init(operation: .UK_BINARY_ADD) { $0 + $1 }, .init(operation: .UK_BINARY_SUB) { $0 - $1 },
        .init(operation: .UK_BINARY_MUL) { $0 * $1 }, .init(operation: .UK_BINARY_DIV) { $0 / $1 },
        .init(operation: .UK_BINARY_POW) { Float(pow(Double($0), Double($1))) },
        .init(operation: .UK_BINARY_MIN) { $0.isNaN || $1.isNaN ? .nan : Swift.min($0, $1) },
        .init(operation: .UK_BINARY_MAX) { $0.isNaN || $1.isNaN ? .nan : Swift.max($0, $1) },
        .init(operation: .UK_BINARY_FLOOR_MOD) { a, b in
            let r = fmod(Double(a), Double(b))
            return Float(r != 0 && (r < 0) != (b < 0) ? r + Double(b) : r)
        },
        .init(operation: .UK_BINARY_FMOD) { Float(fmod(Double($0), Double($1))) },
        .init(operation: .UK_BINARY_PRELU) { $0 < 0 ? $0 * $1 : $0 },
    ]

    @Test(arguments: binary, [(1, 1), (1, 0), (0, 1), (0, 0)])
    func pairsMatchTheirDefinition(_ function: Binary, _ strides: (Int, Int)) {
        let a: [Float] = (0..<83).map { Float(($0 * 7) % 31) / 4 - 3.7 } + [.nan, 1]
        let b: [Float] = (0..<83).map { Float(($0 * 5) % 23) / 4 - 2.6 } + [1, .nan]
        let (left, right) = (Floats(a), Floats(b))
        let result = unsafe run(a) { _, y, n in
            unsafe uk_binary(
                function.operation, left.pointer, strides.0, right.pointer, strides.1, y, n)
        }
        for (i, y) in result.enumerated() {
            let exact = function.exact(a[i * strides.0], b[i * strides.1])
            if exact.isNaN {
                #expect(y.isNaN)
            } else {
                #expect(abs(y - exact) <= 2e-6 * Swift.max(abs(exact), 1), "\(i): \(y) \(exact)")
            }
        }
        withExtendedLifetime((left, right)) {}
    }

    @Test func powersOfAScalarExponentAreExactWhereTheyCanBe() {
        let x = noise(100, seed: 1)
        let exponent = Floats([2])
        let result = unsafe run(x) { x, y, n in
            unsafe uk_binary(.UK_BINARY_POW, x, 1, exponent.pointer, 0, y, n)
        }
        #expect(result == x.map { $0 * $0 })
    }

    @Test(arguments: [1, 5, 16, 257, 1000])
    func softmaxMatchesItsDefinition(_ n: Int) {
        let x = noise(3 * n, seed: 2).map { $0 * 20 + 100 }
        let soft = unsafe run(x) { x, y, _ in unsafe uk_softmax_rows(x, y, 3, n) }
        let logs = unsafe run(x) { x, y, _ in unsafe uk_log_softmax_rows(x, y, 3, n) }
        for row in 0..<3 {
            let values = x[row * n..<(row + 1) * n].map { Double($0) }
            let most = values.max() ?? 0
            let sum = values.reduce(0) { $0 + exp($1 - most) }
            for i in 0..<n {
                let exact = values[i] - most - log(sum)
                #expect(abs(Double(logs[row * n + i]) - exact) < 2e-5)
                #expect(abs(Double(soft[row * n + i]) - exp(exact)) < 1e-6 * exp(exact) + 1e-30)
            }
        }
    }

    static let reductions: [uk_reduction] = [
        .UK_REDUCE_SUM, .UK_REDUCE_MEAN, .UK_REDUCE_MAX, .UK_REDUCE_MIN, .UK_REDUCE_PRODUCT,
        .UK_REDUCE_L1, .UK_REDUCE_L2, .UK_REDUCE_SUM_SQUARE, .UK_REDUCE_LOG_SUM,
        .UK_REDUCE_LOG_SUM_EXP,
    ]

    @Test(arguments: reductions, [(2, 5, 3), (3, 100, 1), (1, 1, 1), (2, 33, 300), (1, 15, 1)])
    func reductionsMatchTheirDefinition(_ operation: uk_reduction, _ size: (Int, Int, Int)) {
        let (outer, n, inner) = size
        let x = noise(outer * n * inner, seed: 3).map { $0 + 1.2 }
        let y = Floats(count: outer * inner)
        let source = Floats(x)
        unsafe uk_reduce(operation, source.pointer, y.pointer, outer, n, inner)
        for o in 0..<outer {
            for i in 0..<inner {
                let column = (0..<n).map { Double(x[(o * n + $0) * inner + i]) }
                let exact: Double
                switch operation {
                case .UK_REDUCE_SUM: exact = column.reduce(0, +)
                case .UK_REDUCE_MEAN: exact = column.reduce(0, +) / Double(n)
                case .UK_REDUCE_MAX: exact = column.max() ?? 0
                case .UK_REDUCE_MIN: exact = column.min() ?? 0
                case .UK_REDUCE_PRODUCT: exact = column.reduce(1, *)
                case .UK_REDUCE_L1: exact = column.reduce(0) { $0 + abs($1) }
                case .UK_REDUCE_L2: exact = column.reduce(0) { $0 + $1 * $1 }.squareRoot()
                case .UK_REDUCE_SUM_SQUARE: exact = column.reduce(0) { $0 + $1 * $1 }
                case .UK_REDUCE_LOG_SUM: exact = log(column.reduce(0, +))
                case .UK_REDUCE_LOG_SUM_EXP: exact = log(column.reduce(0) { $0 + exp($1) })
                @unknown default: exact = .nan
                }
                #expect(abs(Double(y.values[o * inner + i]) - exact) <= 1e-6 * abs(exact) + 1e-7)
            }
        }
        withExtendedLifetime(source) {}
    }

    @Test(arguments: [1, 7, 16, 1000])
    func rowsAreNormalised(_ n: Int) {
        let x = noise(2 * n, seed: 4).map { $0 * 3 + 50 }
        let (scale, shift) = (noise(n, seed: 5), noise(n, seed: 6))
        let (scales, shifts) = (Floats(scale), Floats(shift))
        let result = unsafe run(x) { x, y, _ in
            unsafe uk_normalize_rows(x, y, 2, n, scales.pointer, shifts.pointer, 1e-3)
        }
        for row in 0..<2 {
            let values = x[row * n..<(row + 1) * n].map { Double($0) }
            let mean = values.reduce(0, +) / Double(n)
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(n)
            for i in 0..<n {
                let plain = (values[i] - mean) / (variance + 1e-3).squareRoot()
                let exact = plain * Double(scale[i]) + Double(shift[i])
                #expect(abs(Double(result[row * n + i]) - exact) < 1e-4)
            }
        }
        withExtendedLifetime((scales, shifts)) {}
    }

    private func run(
        _ values: [Float],
        _ body: (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
    ) -> [Float] {
        let (x, y) = (Floats(values), Floats(count: values.count))
        unsafe body(x.pointer, y.pointer, values.count)
        return withExtendedLifetime(x) { y.values }
    }
}
