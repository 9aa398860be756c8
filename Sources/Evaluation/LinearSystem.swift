private import COpenBLAS

/// Solves symmetric systems of linear equations by LAPACK: Cholesky's factorisation, and LU with row
/// exchanges where the matrix is not positive definite in double precision.
enum LinearSystem {
    /// Why a system has no solution here.
    enum Fault: Error {
        /// No OpenBLAS with LAPACK in it could be loaded.
        case noLibrary(reason: String)
        /// A pivot is exactly zero.
        case singular
    }

    /// The most unknowns that are taken, for which the matrix takes 3 GB.
    static let limit = 20_000

    /// Whether the library is there.
    static func load() throws(Fault) {
        let library = unsafe uob_load().pointee
        guard unsafe library.loaded, uob_has_lapack() else {
            let reason = unsafe library.reason.map { unsafe String(cString: $0) }
            throw .noLibrary(reason: reason ?? "dgesv or dpotrf is missing")
        }
    }

    /// Solves A X = B, in place.
    ///
    /// - Parameters:
    ///   - matrix: A, symmetric, `[row][column]`; it is overwritten.
    ///   - rights: B as `[column][row]`, which becomes X.
    ///   - columns: columns of B.
    static func solve(_ matrix: Row, _ rights: Row, columns: Int) throws(Fault) {
        let unknowns = rights.count / max(1, columns)
        precondition(unknowns <= limit && matrix.count == unknowns * unknowns && columns > 0)
        try load()
        let status = unsafe uob_solve_symmetric(
            Int32(unknowns), Int32(columns), matrix.start, rights.start)
        guard status == 0 else { throw .singular }
    }
}
