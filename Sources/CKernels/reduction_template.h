// Sums, means and other numbers of many, and rows brought to a common measure. Included after
// vector_math_template.h.

// Sums in Double, sixteen of them side by side and then in order: vectors, and the same bits always.
static double NAME(sum)(const float *x, long n) {
    double parts[16] = {0};
    long i = 0;
    for (; i + 16 <= n; i += 16) {
        for (int j = 0; j < 16; j++) { parts[j] += x[i + j]; }
    }
    for (int j = 0; i < n; i++, j++) { parts[j] += x[i]; }
    double sum = 0;
    for (int j = 0; j < 16; j++) { sum += parts[j]; }
    return sum;
}

// Sum of (x - mean)^2, likewise.
static double NAME(sum_squares)(const float *x, long n, double mean) {
    double parts[16] = {0};
    long i = 0;
    for (; i + 16 <= n; i += 16) {
        for (int j = 0; j < 16; j++) {
            const double d = x[i + j] - mean;
            parts[j] += d * d;
        }
    }
    for (int j = 0; i < n; i++, j++) {
        const double d = x[i] - mean;
        parts[j] += d * d;
    }
    double sum = 0;
    for (int j = 0; j < 16; j++) { sum += parts[j]; }
    return sum;
}

static float NAME(largest)(const float *x, long n) {
    float parts[16];
    for (int j = 0; j < 16; j++) { parts[j] = -INFINITY; }
    long i = 0;
    for (; i + 16 <= n; i += 16) {
        for (int j = 0; j < 16; j++) { parts[j] = x[i + j] > parts[j] ? x[i + j] : parts[j]; }
    }
    for (int j = 0; i < n; i++, j++) { parts[j] = x[i] > parts[j] ? x[i] : parts[j]; }
    float most = -INFINITY;
    for (int j = 0; j < 16; j++) { most = parts[j] > most ? parts[j] : most; }
    return most;
}

static void NAME(softmax_rows)(const float *x, float *y, long rows, long n, bool logarithm) {
    for (long r = 0; r < rows; r++, x += n, y += n) {
        const float most = NAME(largest)(x, n);
        if (logarithm) {
            // The exponentials are needed for their sum alone.
            float chunk[256];
            double sum = 0;
            for (long i = 0; i < n; i += 256) {
                const long count = n - i < 256 ? n - i : 256;
                for (long j = 0; j < count; j++) { chunk[j] = NAME(exp)(x[i + j] - most); }
                sum += NAME(sum)(chunk, count);
            }
            const float shift = -most - (float)log(sum);
            NAME(scale_shift)(x, y, n, 1, shift);
        } else {
#pragma clang loop vectorize(assume_safety)
            for (long i = 0; i < n; i++) { y[i] = NAME(exp)(x[i] - most); }
            NAME(scale_shift)(y, y, n, (float)(1 / NAME(sum)(y, n)), 0);
        }
    }
}

static void NAME(mean_variance)(const float *x, long n, float *mean, float *variance) {
    const double m = NAME(sum)(x, n) / (double)n;
    *mean = (float)m;
    *variance = (float)(NAME(sum_squares)(x, n, m) / (double)n);
}

static void NAME(normalize_rows)(
    const float *x, float *y, long rows, long n, const float *scale, const float *shift,
    float epsilon) {
    for (long r = 0; r < rows; r++, x += n, y += n) {
        float mean, variance;
        NAME(mean_variance)(x, n, &mean, &variance);
        const float s = 1 / sqrtf(variance + epsilon);
#pragma clang loop vectorize(assume_safety)
        for (long i = 0; i < n; i++) { y[i] = (x[i] - mean) * s; }
        if (scale != NULL) { NAME(binary)(UK_BINARY_MUL, y, 1, scale, 1, y, n); }
        if (shift != NULL) { NAME(binary)(UK_BINARY_ADD, y, 1, shift, 1, y, n); }
    }
}

#define STEP(init, expression)                                          \
    for (long i = 0; i < count; i++) { sums[i] = (init); }              \
    for (long p = 0; p < n; p++) {                                      \
        for (long i = 0; i < count; i++) {                              \
            const double v = x[p * pitch + i], s = sums[i];             \
            sums[i] = (expression);                                     \
        }                                                               \
    }                                                                   \
    break

// Columns side by side: sums[i] over p of x[p * pitch + i].
static void NAME(reduce_columns)(
    uk_reduction op, const float *x, long n, long pitch, long count, double *sums) {
    switch (op) {
    case UK_REDUCE_SUM:
    case UK_REDUCE_MEAN:
    case UK_REDUCE_LOG_SUM: STEP(0, s + v);
    case UK_REDUCE_MAX:
    case UK_REDUCE_LOG_SUM_EXP: STEP(-INFINITY, v > s || v != v ? v : s);
    case UK_REDUCE_MIN: STEP(INFINITY, v < s || v != v ? v : s);
    case UK_REDUCE_PRODUCT: STEP(1, s * v);
    case UK_REDUCE_L1: STEP(0, s + (v < 0 ? -v : v));
    case UK_REDUCE_L2:
    case UK_REDUCE_SUM_SQUARE: STEP(0, s + v * v);
    }
}

#undef STEP

static double NAME(finish_reduction)(uk_reduction op, double r, const float *x, long n, long pitch) {
    switch (op) {
    case UK_REDUCE_MEAN: return r / (double)n;
    case UK_REDUCE_L2: return sqrt(r);
    case UK_REDUCE_LOG_SUM: return log(r);
    case UK_REDUCE_LOG_SUM_EXP: {
        if (!isfinite(r)) { return r; }
        double sum = 0;
        for (long p = 0; p < n; p++) { sum += exp(x[p * pitch] - r); }
        return r + log(sum);
    }
    default: return r;
    }
}

static void NAME(reduce)(
    uk_reduction op, const float *x, float *y, long outer, long n, long inner) {
    enum { chunk = 256, lines = 16 };
    double sums[chunk];
    for (long o = 0; o < outer; o++, x += n * inner, y += inner) {
        if (inner == 1) {
            // A row: sixteen columns of it side by side, then those, then the rest.
            const long full = n / lines;
            NAME(reduce_columns)(op, x, full, lines, lines, sums);
            double r;
            NAME(reduce_columns)(op, x + full * lines, n - full * lines, 1, 1, &r);
            if (full > 0) {
                for (int j = 0; j < lines; j++) {
                    const double v = sums[j];
                    switch (op) {
                    case UK_REDUCE_MAX:
                    case UK_REDUCE_LOG_SUM_EXP: r = v > r || v != v ? v : r; break;
                    case UK_REDUCE_MIN: r = v < r || v != v ? v : r; break;
                    case UK_REDUCE_PRODUCT: r *= v; break;
                    default: r += v;
                    }
                }
            }
            *y = (float)NAME(finish_reduction)(op, r, x, n, 1);
            continue;
        }
        for (long first = 0; first < inner; first += chunk) {
            const long count = inner - first < chunk ? inner - first : chunk;
            NAME(reduce_columns)(op, x + first, n, inner, count, sums);
            for (long i = 0; i < count; i++) {
                y[first + i] =
                    (float)NAME(finish_reduction)(op, sums[i], x + first + i, n, inner);
            }
        }
    }
}
