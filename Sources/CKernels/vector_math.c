#include "vector_math.h"

#include "tile_kernels.h"

void uk_unary(uk_unary_op op, const float *x, float *y, long n, float alpha, float beta) {
    uk_kernel_set_best()->unary(op, x, y, n, alpha, beta);
}

void uk_binary(
    uk_binary_op op, const float *a, long stride_a, const float *b, long stride_b, float *y,
    long n) {
    uk_kernel_set_best()->binary(op, a, stride_a, b, stride_b, y, n);
}

void uk_scale_shift(const float *x, float *y, long n, float scale, float shift) {
    uk_kernel_set_best()->scale_shift(x, y, n, scale, shift);
}

void uk_softmax_rows(const float *x, float *y, long rows, long n) {
    uk_kernel_set_best()->softmax_rows(x, y, rows, n, false);
}

void uk_log_softmax_rows(const float *x, float *y, long rows, long n) {
    uk_kernel_set_best()->softmax_rows(x, y, rows, n, true);
}

void uk_reduce(uk_reduction op, const float *x, float *y, long outer, long n, long inner) {
    uk_kernel_set_best()->reduce(op, x, y, outer, n, inner);
}

void uk_mean_variance(const float *x, long n, float *mean, float *variance) {
    uk_kernel_set_best()->mean_variance(x, n, mean, variance);
}

void uk_normalize_rows(
    const float *x, float *y, long rows, long n, const float *scale, const float *shift,
    float epsilon) {
    uk_kernel_set_best()->normalize_rows(x, y, rows, n, scale, shift, epsilon);
}
