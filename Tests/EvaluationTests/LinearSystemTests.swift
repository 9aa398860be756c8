import Testing

@testable import Evaluation

/// Symmetric systems of every kind: what comes out must solve them, whichever factorisation did it.
struct LinearSystemTests {
    /// A deterministic number from -1 to 1.
    private func noise(_ index: Int) -> Double {
        var bits = UInt64(truncatingIfNeeded: index &+ 1) &* 0x9E37_79B9_7F4A_7C15
        bits ^= bits >> 29
        bits &*= 0xBF58_476D_1CE4_E5B9
        bits ^= bits >> 32
        return Double(bits >> 11) / Double(1 << 52) - 1
    }

    /// The greatest difference of A X from B, where X came from `solve`.
    private func residual(_ a: [[Double]], _ b: [[Double]]) throws -> Double {
        let count = a.count
        let matrix = Row(count * count)
        let rights = Row(count * b.count)
        for row in 0..<count {
            for column in 0..<count { matrix[row * count + column] = a[row][column] }
        }
        for (column, values) in b.enumerated() {
            for row in 0..<count { rights[column * count + row] = values[row] }
        }
        try LinearSystem.solve(matrix, rights, columns: b.count)
        var greatest = 0.0
        for (column, values) in b.enumerated() {
            for row in 0..<count {
                let sum = (0..<count).reduce(0) { $0 + a[row][$1] * rights[column * count + $1] }
                greatest = max(greatest, abs(sum - values[row]))
            }
        }
        return greatest
    }

    @Test(arguments: [(1, 0.0), (5, 0), (64, 0), (257, 0), (2, 3), (64, 20), (257, 40)])
    func everySymmetricSystemIsSolved(unknowns: Int, taken: Double) throws {
        // Noise times its transpose is positive definite; with enough taken from the diagonal's
        // second half it is not, and Cholesky's factorisation stops in the middle.
        let noises = (0..<unknowns).map { row in
            (0..<unknowns).map { noise(row * unknowns + $0) }
        }
        var a = (0..<unknowns).map { row in
            (0..<unknowns).map { column in
                zip(noises[row], noises[column]).reduce(row == column ? 1.0 : 0) {
                    $0 + $1.0 * $1.1
                }
            }
        }
        for index in unknowns / 2..<unknowns { a[index][index] -= taken * Double(unknowns) / 4 }
        let b = (0..<3).map { column in (0..<unknowns).map { noise(-1 - column * unknowns - $0) } }
        #expect(try residual(a, b) < 1e-9)
    }

    @Test func aSystemWithoutASingleSolutionIsRefused() {
        #expect(throws: LinearSystem.Fault.self) {
            try residual([[1, 1], [1, 1]], [[1, 2]])
        }
    }
}
