#pragma once

#include <stdbool.h>

/// What became of the attempt to load OpenBLAS. Strings live as long as the process.
typedef struct uob_library {
    bool loaded;
    /// The name that the dynamic loader found the library under; of the last failure where none was.
    const char *name;
    /// The loader's own words for the last failure, or NULL.
    const char *reason;
    /// Value of OPENBLAS_CORETYPE that the library saw, or NULL where it chose by itself.
    const char *core_asked;
    /// Name of the kernels that it took, or NULL where the library can't tell.
    const char *core_taken;
    /// The library's version and build options, or NULL.
    const char *configuration;
} uob_library;

/// Loads the library on the first call, thread safe; every later call gives the same answer.
///
/// OPENBLAS_CORETYPE is set first: SkylakeX where the CPU and the system give AVX-512 F, BW, DQ and
/// VL, else nothing, and the library chooses by itself. UNBRAID_KERNELS (`avx2` or `base`) asks for
/// less, to see what another machine would do.
const uob_library *uob_load(void);

/// Whether the loaded library has the LAPACK routines of `uob_solve_symmetric`.
bool uob_has_lapack(void);

/// Solves A X = B in double precision for a symmetric A: by Cholesky's factorisation, or, where A is
/// not positive definite in this precision, by an LU factorisation with row exchanges.
///
/// `a` is n by n, both triangles filled, and is overwritten; `b` is n by `columns` and becomes X, both
/// column-major. Gives LAPACK's `info`: 0, the number of the pivot that is zero, or -1 where memory
/// is short. `uob_has_lapack` must be true.
int uob_solve_symmetric(int n, int columns, double *a, double *b);

/// Whether the CPU has AVX-512 F, BW, DQ and VL and the system saves their registers.
bool uob_has_avx512(void);

/// C = alpha op(A) op(B) + beta C, all row-major, single precision. `uob_load` must have succeeded.
void uob_sgemm(
    bool transpose_a, bool transpose_b, int m, int n, int k, float alpha, const float *a, int lda,
    const float *b, int ldb, float beta, float *c, int ldc);
