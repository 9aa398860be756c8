#include "vector_math.h"

#include <math.h>
#include <string.h>

#define LOOP(expression)                      \
    for (long i = 0; i < n; i++) {            \
        const float v = x[i];                 \
        y[i] = (expression);                  \
    }                                         \
    break

static inline float softplus(float v) { return fmaxf(v, 0) + log1pf(expf(-fabsf(v))); }

void uk_unary(uk_unary_op op, const float *x, float *y, long n, float alpha, float beta) {
    switch (op) {
    case UK_UNARY_COPY: memmove(y, x, (size_t)n * sizeof *y); break;
    case UK_UNARY_ABS: LOOP(fabsf(v));
    case UK_UNARY_NEG: LOOP(-v);
    case UK_UNARY_SQRT: LOOP(sqrtf(v));
    case UK_UNARY_RECIPROCAL: LOOP(1 / v);
    case UK_UNARY_SQUARE: LOOP(v * v);
    case UK_UNARY_SIGN: LOOP(v > 0 ? 1 : v < 0 ? -1 : v);
    case UK_UNARY_FLOOR: LOOP(floorf(v));
    case UK_UNARY_CEIL: LOOP(ceilf(v));
    case UK_UNARY_ROUND: LOOP(rintf(v));
    case UK_UNARY_EXP: LOOP(expf(v));
    case UK_UNARY_LOG: LOOP(logf(v));
    case UK_UNARY_SIN: LOOP(sinf(v));
    case UK_UNARY_COS: LOOP(cosf(v));
    case UK_UNARY_TAN: LOOP(tanf(v));
    case UK_UNARY_ASIN: LOOP(asinf(v));
    case UK_UNARY_ACOS: LOOP(acosf(v));
    case UK_UNARY_ATAN: LOOP(atanf(v));
    case UK_UNARY_SINH: LOOP(sinhf(v));
    case UK_UNARY_COSH: LOOP(coshf(v));
    case UK_UNARY_ASINH: LOOP(asinhf(v));
    case UK_UNARY_ACOSH: LOOP(acoshf(v));
    case UK_UNARY_ATANH: LOOP(atanhf(v));
    case UK_UNARY_TANH: LOOP(tanhf(v));
    case UK_UNARY_ERF: LOOP(erff(v));
    case UK_UNARY_SIGMOID: LOOP(1 / (1 + expf(-v)));
    case UK_UNARY_RELU: LOOP(v > 0 ? v : v < 0 ? 0 : v);
    case UK_UNARY_LEAKY_RELU: LOOP(v >= 0 ? v : alpha * v);
    case UK_UNARY_THRESHOLDED_RELU: LOOP(v > alpha ? v : 0);
    case UK_UNARY_ELU: LOOP(v >= 0 ? v : alpha * expm1f(v));
    case UK_UNARY_SELU: LOOP(beta * (v >= 0 ? v : alpha * expm1f(v)));
    case UK_UNARY_CELU: LOOP(v >= 0 ? v : alpha * expm1f(v / alpha));
    case UK_UNARY_GELU: LOOP(0.5f * v * (1 + erff(v * 0.70710678f)));
    case UK_UNARY_GELU_TANH: LOOP(0.5f * v * (1 + tanhf(0.7978845608f * (v + 0.044715f * v * v * v))));
    case UK_UNARY_CLIP: LOOP(v < alpha ? alpha : v > beta ? beta : v);
    case UK_UNARY_HARD_SIGMOID: LOOP(fminf(fmaxf(alpha * v + beta, 0), 1));
    case UK_UNARY_HARD_SWISH: LOOP(v * fminf(fmaxf(v / 6 + 0.5f, 0), 1));
    case UK_UNARY_SILU: LOOP(v / (1 + expf(-alpha * v)));
    case UK_UNARY_SOFTPLUS: LOOP(softplus(v));
    case UK_UNARY_SOFTSIGN: LOOP(v / (1 + fabsf(v)));
    case UK_UNARY_MISH: LOOP(v * tanhf(softplus(v)));
    case UK_UNARY_AFFINE: LOOP(alpha * v + beta);
    case UK_UNARY_SCALED_TANH: LOOP(alpha * tanhf(beta * v));
    }
}

#define PAIRS(expression)                                        \
    for (long i = 0; i < n; i++) {                               \
        const float v = a[i * stride_a], w = b[i * stride_b];    \
        y[i] = (expression);                                     \
    }                                                            \
    break

void uk_binary(
    uk_binary_op op, const float *a, long stride_a, const float *b, long stride_b, float *y,
    long n) {
    switch (op) {
    case UK_BINARY_ADD: PAIRS(v + w);
    case UK_BINARY_SUB: PAIRS(v - w);
    case UK_BINARY_MUL: PAIRS(v * w);
    case UK_BINARY_DIV: PAIRS(v / w);
    case UK_BINARY_POW: PAIRS(powf(v, w));
    case UK_BINARY_MIN: PAIRS(v < w ? v : w < v ? w : v + w - w);
    case UK_BINARY_MAX: PAIRS(v > w ? v : w > v ? w : v + w - w);
    case UK_BINARY_FLOOR_MOD: PAIRS(v - w * floorf(v / w));
    case UK_BINARY_FMOD: PAIRS(fmodf(v, w));
    case UK_BINARY_PRELU: PAIRS(v >= 0 ? v : v * w);
    }
}

void uk_scale_shift(const float *x, float *y, long n, float scale, float shift) {
    for (long i = 0; i < n; i++) { y[i] = scale * x[i] + shift; }
}

void uk_softmax_rows(const float *x, float *y, long rows, long n) {
    for (long r = 0; r < rows; r++, x += n, y += n) {
        float largest = -INFINITY;
        for (long i = 0; i < n; i++) { largest = x[i] > largest ? x[i] : largest; }
        float sum = 0;
        for (long i = 0; i < n; i++) { sum += y[i] = expf(x[i] - largest); }
        for (long i = 0; i < n; i++) { y[i] /= sum; }
    }
}

void uk_log_softmax_rows(const float *x, float *y, long rows, long n) {
    for (long r = 0; r < rows; r++, x += n, y += n) {
        float largest = -INFINITY;
        for (long i = 0; i < n; i++) { largest = x[i] > largest ? x[i] : largest; }
        float sum = 0;
        for (long i = 0; i < n; i++) { sum += expf(x[i] - largest); }
        const float log_sum = logf(sum);
        for (long i = 0; i < n; i++) { y[i] = x[i] - largest - log_sum; }
    }
}

static double reduce_one(uk_reduction op, const float *x, long n, long stride) {
    double r = op == UK_REDUCE_PRODUCT ? 1 : 0;
    if (op == UK_REDUCE_MAX || op == UK_REDUCE_LOG_SUM_EXP) { r = -INFINITY; }
    if (op == UK_REDUCE_MIN) { r = INFINITY; }
    for (long i = 0; i < n; i++) {
        const double v = x[i * stride];
        switch (op) {
        case UK_REDUCE_SUM: case UK_REDUCE_MEAN: case UK_REDUCE_LOG_SUM: r += v; break;
        case UK_REDUCE_MAX: case UK_REDUCE_LOG_SUM_EXP: r = v > r || v != v ? v : r; break;
        case UK_REDUCE_MIN: r = v < r || v != v ? v : r; break;
        case UK_REDUCE_PRODUCT: r *= v; break;
        case UK_REDUCE_L1: r += fabs(v); break;
        case UK_REDUCE_L2: case UK_REDUCE_SUM_SQUARE: r += v * v; break;
        }
    }
    if (op == UK_REDUCE_LOG_SUM_EXP && isfinite(r)) {
        double sum = 0;
        for (long i = 0; i < n; i++) { sum += exp(x[i * stride] - r); }
        r += log(sum);
    }
    if (op == UK_REDUCE_MEAN) { r /= (double)n; }
    if (op == UK_REDUCE_L2) { r = sqrt(r); }
    if (op == UK_REDUCE_LOG_SUM) { r = log(r); }
    return r;
}

void uk_reduce(uk_reduction op, const float *x, float *y, long outer, long n, long inner) {
    for (long o = 0; o < outer; o++, x += n * inner, y += inner) {
        for (long i = 0; i < inner; i++) { y[i] = (float)reduce_one(op, x + i, n, inner); }
    }
}

void uk_mean_variance(const float *x, long n, float *mean, float *variance) {
    double sum = 0, squares = 0;
    for (long i = 0; i < n; i++) { sum += x[i]; }
    const double m = sum / (double)n;
    for (long i = 0; i < n; i++) { squares += (x[i] - m) * (x[i] - m); }
    *mean = (float)m;
    *variance = (float)(squares / (double)n);
}

void uk_normalize_rows(
    const float *x, float *y, long rows, long n, const float *scale, const float *shift,
    float epsilon) {
    for (long r = 0; r < rows; r++, x += n, y += n) {
        float mean, variance;
        uk_mean_variance(x, n, &mean, &variance);
        const float s = 1 / sqrtf(variance + epsilon);
        for (long i = 0; i < n; i++) {
            float v = (x[i] - mean) * s;
            if (scale != NULL) { v *= scale[i]; }
            if (shift != NULL) { v += shift[i]; }
            y[i] = v;
        }
    }
}
