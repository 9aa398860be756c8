private import COpenBLAS

/// OpenBLAS could not be loaded.
package struct BLASError: Error, Equatable, Sendable {
    /// The last name that was tried.
    package let library: String
    /// What the dynamic loader said about it.
    package let reason: String
}

/// The single-precision matrix product of OpenBLAS, loaded by hand at its first use.
///
/// Loading by hand lets us choose its kernels: the library reads the wish from the environment in
/// its constructor, and a version older than the CPU would choose badly.
package enum BLAS {
    /// What was loaded, in facts.
    package struct Description: Equatable, Sendable {
        /// The name that the dynamic loader found the library under.
        package let library: String
        /// The library's version and build options in its own words, where it tells.
        package let configuration: String?
        /// The core type that was asked for, by the user or by us; nil where the library chose.
        package let coreAsked: String?
        /// The core type whose kernels the library took, where it tells.
        package let coreTaken: String?
    }

    /// Loads the library if this has not happened yet; a second call costs nothing.
    ///
    /// - Throws: `BLASError` where no OpenBLAS is found. Call this before the first `sgemm`.
    @discardableResult
    package static func load() throws(BLASError) -> Description {
        try loaded.get()
    }

    /// `c = alpha op(a) op(b) + beta c`, everything row-major.
    ///
    /// - Parameters:
    ///   - m: Rows of `op(a)` and `c`.
    ///   - n: Columns of `op(b)` and `c`.
    ///   - k: Columns of `op(a)`, rows of `op(b)`.
    ///   - lda: Floats from one stored row of `a` to the next; likewise `ldb` and `ldc`.
    /// - Precondition: `load()` has succeeded and all sizes fit 32 bits.
    package static func sgemm(
        transposeA: Bool = false, transposeB: Bool = false, m: Int, n: Int, k: Int,
        alpha: Float = 1, a: UnsafePointer<Float>, lda: Int, b: UnsafePointer<Float>, ldb: Int,
        beta: Float = 0, c: UnsafeMutablePointer<Float>, ldc: Int
    ) {
        guard m > 0, n > 0 else { return }
        unsafe uob_sgemm(
            transposeA, transposeB, Int32(m), Int32(n), Int32(k), alpha, a, Int32(lda), b,
            Int32(ldb), beta, c, Int32(ldc))
    }

    private static let loaded: Result<Description, BLASError> = {
        let library = unsafe uob_load().pointee
        func text(_ pointer: UnsafePointer<CChar>?) -> String? {
            unsafe pointer.map { unsafe String(cString: $0) }
        }
        let name = unsafe text(library.name) ?? ""
        guard unsafe library.loaded else {
            return .failure(BLASError(library: name, reason: unsafe text(library.reason) ?? ""))
        }
        return unsafe .success(
            Description(
                library: name, configuration: text(library.configuration),
                coreAsked: text(library.core_asked), coreTaken: text(library.core_taken)))
    }()
}
