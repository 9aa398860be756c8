// For strdup and setenv, which plain C17 leaves out.
#define _POSIX_C_SOURCE 200809L

#include "openblas.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { row_major = 101, no_transpose = 111, transpose = 112 };

typedef void (*sgemm_function)(
    int, int, int, int, int, int, float, const float *, int, const float *, int, float, float *,
    int);

typedef void (*dgesv_function)(
    const int *, const int *, double *, const int *, int *, double *, const int *, int *);
typedef void (*dpotrf_function)(const char *, const int *, double *, const int *, int *);
typedef void (*dpotrs_function)(
    const char *, const int *, const int *, const double *, const int *, double *, const int *, int *);

static uob_library library;
static dgesv_function dgesv;
static dpotrf_function dpotrf;
static dpotrs_function dpotrs;
static sgemm_function sgemm;
static pthread_once_t once = PTHREAD_ONCE_INIT;

bool uob_has_avx512(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    // The compiler's run-time library asks XGETBV too: a set of registers that the system does
    // not save counts as absent.
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#else
    return false;
#endif
}

static const char *copy(const char *text) { return text == NULL ? NULL : strdup(text); }

static const char *call(void *handle, const char *symbol) {
    const char *(*function)(void) = (const char *(*)(void))dlsym(handle, symbol);
    return function == NULL ? NULL : copy(function());
}

static void load(void) {
    static const char *const names[] = {
#if defined(__APPLE__)
        "libopenblas.0.dylib", "libopenblas.dylib",
        "/opt/homebrew/opt/openblas/lib/libopenblas.dylib",
        "/usr/local/opt/openblas/lib/libopenblas.dylib",
#else
        "libopenblas.so.0", "libopenblas.so", "libopenblasp.so.0", "libopenblaso.so.0",
#endif
    };
    // The library reads its environment in its constructor, so this must come before dlopen.
    // Old versions take Haswell's kernels on every CPU that they don't know. A value that stands
    // there already is meant for other programs as a rule, so we have a variable of our own.
    // It goes by the same names as the inner loops of our own (see tile_kernels.h).
    const char *wish = getenv("UNBRAID_KERNELS");
    if (wish != NULL && strcmp(wish, "avx2") == 0) {
        setenv("OPENBLAS_CORETYPE", "Haswell", 1);
    } else if (wish != NULL && strcmp(wish, "base") == 0) {
        setenv("OPENBLAS_CORETYPE", "Prescott", 1);
    } else if (uob_has_avx512()) {
        setenv("OPENBLAS_CORETYPE", "SkylakeX", 1);
    } else {
        unsetenv("OPENBLAS_CORETYPE");
    }
    setenv("OPENBLAS_NUM_THREADS", "1", 1);
    library.core_asked = copy(getenv("OPENBLAS_CORETYPE"));

    void *handle = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        handle = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
        library.name = names[i];
        if (handle == NULL) {
            free((void *)library.reason);
            library.reason = copy(dlerror());
            continue;
        }
        sgemm = (sgemm_function)dlsym(handle, "cblas_sgemm");
        if (sgemm != NULL) { break; }
        free((void *)library.reason);
        library.reason = copy("cblas_sgemm is missing");
        dlclose(handle);
        handle = NULL;
    }
    if (handle == NULL) { return; }
    free((void *)library.reason);
    library.reason = NULL;
    library.loaded = true;
    // Only measuring needs it; a library without LAPACK in it still runs nets.
    dgesv = (dgesv_function)dlsym(handle, "dgesv_");
    dpotrf = (dpotrf_function)dlsym(handle, "dpotrf_");
    dpotrs = (dpotrs_function)dlsym(handle, "dpotrs_");
    library.core_taken = call(handle, "openblas_get_corename");
    library.configuration = call(handle, "openblas_get_config");
    void (*set_threads)(int) = (void (*)(int))dlsym(handle, "openblas_set_num_threads");
    if (set_threads != NULL) { set_threads(1); }
}

const uob_library *uob_load(void) {
    pthread_once(&once, load);
    return &library;
}

void uob_sgemm(
    bool transpose_a, bool transpose_b, int m, int n, int k, float alpha, const float *a, int lda,
    const float *b, int ldb, float beta, float *c, int ldc) {
    sgemm(
        row_major, transpose_a ? transpose : no_transpose, transpose_b ? transpose : no_transpose, m,
        n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

bool uob_has_lapack(void) {
    uob_load();
    return dgesv != NULL && dpotrf != NULL && dpotrs != NULL;
}

// Cholesky's factor takes the lower triangle and the diagonal; the upper triangle still has A.
static void restore(int n, double *a, const double *diagonal) {
    for (size_t column = 0; column < (size_t)n; column++) {
        a[column * n + column] = diagonal[column];
        for (size_t row = column + 1; row < (size_t)n; row++) {
            a[column * n + row] = a[row * n + column];
        }
    }
}

int uob_solve_symmetric(int n, int columns, double *a, double *b) {
    int info = -1;
    double *diagonal = malloc((size_t)n * sizeof *diagonal);
    int *pivots = malloc((size_t)n * sizeof *pivots);
    if (diagonal != NULL && pivots != NULL) {
        for (size_t i = 0; i < (size_t)n; i++) { diagonal[i] = a[i * n + i]; }
        dpotrf("L", &n, a, &n, &info);
        if (info == 0) {
            dpotrs("L", &n, &columns, a, &n, b, &n, &info);
        } else {
            restore(n, a, diagonal);
            dgesv(&n, &columns, a, &n, pivots, b, &n, &info);
        }
    }
    free(diagonal);
    free(pivots);
    return info;
}
