#include "tile_sets.h"

#include <stdatomic.h>
#include <stdlib.h>

#if defined(__x86_64__)
static bool runs_avx512(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
}

static bool runs_avx2(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")
        && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
}
#endif

const uk_kernel_set *uk_kernel_set_named(const char *name) {
#if defined(__x86_64__)
    if (strcmp(name, "avx512") == 0) { return runs_avx512() ? &uk_set_avx512 : NULL; }
    if (strcmp(name, "avx2") == 0) { return runs_avx2() ? &uk_set_avx2 : NULL; }
#endif
    return strcmp(name, "base") == 0 ? &uk_set_base : NULL;
}

static const uk_kernel_set *choose(void) {
    const char *asked = getenv("UNBRAID_KERNELS");
    const uk_kernel_set *set = asked == NULL ? NULL : uk_kernel_set_named(asked);
    if (set != NULL) { return set; }
#if defined(__x86_64__)
    if (runs_avx512()) { return &uk_set_avx512; }
    if (runs_avx2()) { return &uk_set_avx2; }
#endif
    return &uk_set_base;
}

const uk_kernel_set *uk_kernel_set_best(void) {
    static _Atomic(const uk_kernel_set *) chosen;
    const uk_kernel_set *set = atomic_load_explicit(&chosen, memory_order_relaxed);
    if (set == NULL) {
        set = choose();
        atomic_store_explicit(&chosen, set, memory_order_relaxed);
    }
    return set;
}

void uk_winograd_weights(const float *kernel, float *to, long pitch) {
    const double a = UK_WINOGRAD_A, b = UK_WINOGRAD_B;
    const double scale_a = 1 / (2 * a * a * (a * a - b * b));
    const double scale_b = 1 / (2 * b * b * (b * b - a * a));
    const double g[6][3] = {
        {1 / (a * a * b * b), 0, 0},
        {scale_a, scale_a * a, scale_a * a * a},
        {scale_a, -scale_a * a, scale_a * a * a},
        {scale_b, scale_b * b, scale_b * b * b},
        {scale_b, -scale_b * b, scale_b * b * b},
        {0, 0, 1},
    };
    for (int y = 0; y < 6; y++) {
        for (int x = 0; x < 6; x++) {
            double sum = 0;
            for (int i = 0; i < 3; i++) {
                for (int j = 0; j < 3; j++) { sum += g[y][i] * g[x][j] * kernel[3 * i + j]; }
            }
            to[(6 * y + x) * pitch] = (float)sum;
        }
    }
}
