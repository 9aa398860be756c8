import Inference
import Testing

@Suite struct BLASTests {
    @Test func theLibraryTellsWhatItIs() throws {
        let description = try BLAS.load()
        #expect(description.library.contains("openblas"))
        #expect(try BLAS.load() == description)
        // A library that tells its core type took the one asked for, where one was.
        if let asked = description.coreAsked, let taken = description.coreTaken {
            #expect(taken.lowercased() == asked.lowercased())
        }
    }

    @Test func aProductMayBeAddedToWhatIsThere() throws {
        try BLAS.load()
        let (a, b) = (Floats([1, 2, 3, 4, 5, 6]), Floats([1, 0, 0, 1, 1, 1]))
        let c = Floats([10, 20, 30, 40])
        unsafe BLAS.sgemm(
            m: 2, n: 2, k: 3, alpha: 2, a: a.pointer, lda: 3, b: b.pointer, ldb: 2, beta: 0.5,
            c: c.pointer, ldc: 2)
        // 2 [[1 + 3, 2 + 3], [4 + 6, 5 + 6]] + half of what was there.
        #expect(c.values == [13, 20, 35, 42])
        withExtendedLifetime((a, b)) {}
    }
}
