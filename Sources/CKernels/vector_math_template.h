// Functions of single numbers, written so that the compiler turns loops over them into vectors: no
// branches, no calls, no tables. Polynomials are fitted to the least largest error (in the sense
// that each says) with the Remez-like reweighting of least squares. Included after tile_template.h.

#define FUNCTION static inline __attribute__((always_inline)) float

FUNCTION NAME(from_bits)(int bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline __attribute__((always_inline)) int NAME(to_bits)(float x) {
    int bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

// Adding it leaves the nearest integer in a float's lowest bits.
#define ROUNDER 12582912.0f

// exp(x) = 2^n exp(r) with |r| <= log(2)/2; exp(r) - 1 = r + r^2 p(r), relative error 3e-9.
// Sets the two halves of 2^n: the power itself may lie outside the range of a float.
FUNCTION NAME(exp_parts)(float x, float *scale_a, float *scale_b) {
    x = x > 89.0f ? 89.0f : x < -104.0f ? -104.0f : x;
    const float shifted = x * 1.44269504f + ROUNDER;
    const int n = NAME(to_bits)(shifted) - NAME(to_bits)(ROUNDER);
    const float whole = shifted - ROUNDER;
    float r = x - whole * 0.693145752f;
    r = r - whole * 1.42860677e-6f;
    float p = 0.00139504904f;
    p = p * r + 0.0083688898f;
    p = p * r + 0.041666206f;
    p = p * r + 0.166665182f;
    p = p * r + 0.5f;
    const int half = n >> 1;
    *scale_a = NAME(from_bits)((int)((unsigned)(half + 127) << 23));
    *scale_b = NAME(from_bits)((int)((unsigned)(n - half + 127) << 23));
    return r + r * r * p;
}

FUNCTION NAME(exp)(float x) {
    float a, b;
    const float p = NAME(exp_parts)(x, &a, &b);
    return (p * a + a) * b;
}

// exp(x) - 1 without cancellation near zero.
FUNCTION NAME(expm1)(float x) {
    float a, b;
    const float p = NAME(exp_parts)(x, &a, &b);
    const float scale = a * b;
    return x > 88.0f ? (p * a + a) * b - 1 : p * scale + (scale - 1);
}

// log(x) = e log(2) + log1p(f), f within sqrt(1/2) - 1 ... sqrt(2) - 1;
// log1p(f) = f - f^2/2 + f^3 p(f), error of p times f^2 below 1e-9.
FUNCTION NAME(log)(float x) {
    const bool tiny = x < 1.17549435e-38f;
    const float scaled = tiny ? x * 8388608.0f : x;
    // Counts the exponent from sqrt(1/2) on.
    const int bits = NAME(to_bits)(scaled) - 0x3f3504f3;
    const float exponent = (float)(bits >> 23) - (tiny ? 23.0f : 0.0f);
    const float f = NAME(from_bits)((bits & 0x7fffff) + 0x3f3504f3) - 1;
    float p = 0.0691540167f;
    p = p * f - 0.117898248f;
    p = p * f + 0.118729703f;
    p = p * f - 0.123843454f;
    p = p * f + 0.142186582f;
    p = p * f - 0.16669251f;
    p = p * f + 0.200022265f;
    p = p * f - 0.249999866f;
    p = p * f + 0.333333105f;
    const float square = f * f;
    float y = f * square * p + exponent * 1.42860677e-6f - 0.5f * square;
    y = f + y + exponent * 0.693145752f;
    y = x < INFINITY ? y : x;
    return x > 0 ? y : x == 0 ? -INFINITY : NAN;
}

// tanh(x) = x + x^3 p(x^2) below 0.625, relative error 4e-9; else by the exponential.
FUNCTION NAME(tanh)(float x) {
    const float size = x < 0 ? -x : x;
    const float z = x * x;
    float p = -0.00571704097f;
    p = p * z + 0.0206505843f;
    p = p * z - 0.0537434965f;
    p = p * z + 0.133314908f;
    p = p * z - 0.333332837f;
    const float small = x + x * z * p;
    const float large = 1 - 2 / (NAME(exp)(2 * size) + 1);
    return size < 0.625f ? small : x < 0 ? -large : large;
}

FUNCTION NAME(sigmoid)(float x) { return 1 / (1 + NAME(exp)(-x)); }

// erf(x) = x p(x^2) up to 1, error 1e-9; 1 - exp(-q(x)) up to 4, error 1e-9; then 1.
FUNCTION NAME(erf)(float x) {
    const float size = x < 0 ? -x : x;
    const float z = x * x;
    float p = 7.88912148e-5f;
    p = p * z - 0.000802084163f;
    p = p * z + 0.00518953521f;
    p = p * z - 0.0268544443f;
    p = p * z + 0.112836003f;
    p = p * z - 0.37612626f;
    p = p * z + 1.12837911f;
    const float t = size > 4.05f ? 4.05f : size;
    float q = -0.000187972095f;
    q = q * t + 0.00296401f;
    q = q * t - 0.0219064914f;
    q = q * t + 0.103256233f;
    q = q * t + 0.637964964f;
    q = q * t + 1.12720227f;
    q = q * t + 0.000312464836f;
    const float large = 1 - NAME(exp)(-q);
    return size < 1 ? x * p : x < 0 ? -large : x > 0 ? large : x;
}

// log(1 + exp(x)) = max(x, 0) + log1p(exp(-|x|)).
FUNCTION NAME(softplus)(float x) {
    const float t = NAME(exp)(x < 0 ? x : -x);
    const float u = 1 + t;
    // What rounding 1 + t lost goes back in.
    const float y = NAME(log)(u) + (t - (u - 1)) / u;
    return (x > 0 ? x : 0) + y + (x - x);
}

FUNCTION NAME(mish)(float x) {
    // tanh(log(1 + e)) = (e^2 + 2 e) / (e^2 + 2 e + 2).
    const float e = NAME(exp)(x > 20 ? 20 : x);
    const float a = e * (e + 2);
    return x * (a / (a + 2));
}

// The pragma says that x and y are the same array or don't overlap.
#define VECTORS _Pragma("clang loop vectorize(assume_safety)")
#define EACH_WITH(hint, expression)    \
    hint for (long i = 0; i < n; i++) { \
        const float v = x[i];          \
        y[i] = (expression);           \
    }                                  \
    break
#define EACH(expression) EACH_WITH(VECTORS, expression)
// For functions of the C library, which stay calls.
#define CALL(expression) EACH_WITH(, expression)

static void NAME(unary)(uk_unary_op op, const float *x, float *y, long n, float alpha, float beta) {
    switch (op) {
    case UK_UNARY_COPY: memmove(y, x, (size_t)n * sizeof *y); break;
    case UK_UNARY_ABS: EACH(NAME(from_bits)(NAME(to_bits)(v) & 0x7fffffff));
    case UK_UNARY_NEG: EACH(-v);
    case UK_UNARY_SQRT: EACH(__builtin_elementwise_sqrt(v));
    case UK_UNARY_RECIPROCAL: EACH(1 / v);
    case UK_UNARY_SQUARE: EACH(v * v);
    case UK_UNARY_SIGN: EACH(v > 0 ? 1 : v < 0 ? -1 : v);
    case UK_UNARY_FLOOR: EACH(__builtin_elementwise_floor(v));
    case UK_UNARY_CEIL: EACH(__builtin_elementwise_ceil(v));
    case UK_UNARY_ROUND: EACH(__builtin_elementwise_roundeven(v));
    case UK_UNARY_EXP: EACH(NAME(exp)(v));
    case UK_UNARY_LOG: EACH(NAME(log)(v));
    case UK_UNARY_SIN: CALL(sinf(v));
    case UK_UNARY_COS: CALL(cosf(v));
    case UK_UNARY_TAN: CALL(tanf(v));
    case UK_UNARY_ASIN: CALL(asinf(v));
    case UK_UNARY_ACOS: CALL(acosf(v));
    case UK_UNARY_ATAN: CALL(atanf(v));
    case UK_UNARY_SINH: CALL(sinhf(v));
    case UK_UNARY_COSH: CALL(coshf(v));
    case UK_UNARY_ASINH: CALL(asinhf(v));
    case UK_UNARY_ACOSH: CALL(acoshf(v));
    case UK_UNARY_ATANH: CALL(atanhf(v));
    case UK_UNARY_TANH: EACH(NAME(tanh)(v));
    case UK_UNARY_ERF: EACH(NAME(erf)(v));
    case UK_UNARY_SIGMOID: EACH(NAME(sigmoid)(v));
    case UK_UNARY_RELU: EACH(v < 0 ? 0 : v);
    case UK_UNARY_LEAKY_RELU: EACH(v < 0 ? alpha * v : v);
    case UK_UNARY_THRESHOLDED_RELU: EACH(v > alpha ? v : 0);
    case UK_UNARY_ELU: EACH(v < 0 ? alpha * NAME(expm1)(v) : v);
    case UK_UNARY_SELU: EACH(beta * (v < 0 ? alpha * NAME(expm1)(v) : v));
    case UK_UNARY_CELU: EACH(v < 0 ? alpha * NAME(expm1)(v / alpha) : v);
    case UK_UNARY_GELU: EACH(0.5f * v * (1 + NAME(erf)(v * 0.70710678f)));
    case UK_UNARY_GELU_TANH:
        EACH(0.5f * v * (1 + NAME(tanh)(0.7978845608f * (v + 0.044715f * v * v * v))));
    case UK_UNARY_CLIP: EACH(v < alpha ? alpha : v > beta ? beta : v);
    case UK_UNARY_HARD_SIGMOID: {
        EACH(alpha * v + beta < 0 ? 0 : alpha * v + beta > 1 ? 1 : alpha * v + beta);
    }
    case UK_UNARY_HARD_SWISH: EACH(v <= -3 ? 0 : v >= 3 ? v : v * (v / 6 + 0.5f));
    case UK_UNARY_SILU: EACH(v * NAME(sigmoid)(alpha * v));
    case UK_UNARY_SOFTPLUS: EACH(NAME(softplus)(v));
    case UK_UNARY_SOFTSIGN: EACH(v / (1 + (v < 0 ? -v : v)));
    case UK_UNARY_MISH: EACH(NAME(mish)(v));
    case UK_UNARY_AFFINE: EACH(alpha * v + beta);
    case UK_UNARY_SCALED_TANH: EACH(alpha * NAME(tanh)(beta * v));
    }
}

// One loop for two arrays and one for each side a scalar, so that all of them become vectors.
#define PAIRS_WITH(hint, expression)                \
    if (stride_a == 1 && stride_b == 1) {           \
        hint for (long i = 0; i < n; i++) {         \
            const float v = a[i], w = b[i];         \
            y[i] = (expression);                    \
        }                                           \
    } else if (stride_a == 1) {                     \
        const float w = *b;                         \
        hint for (long i = 0; i < n; i++) {         \
            const float v = a[i];                   \
            y[i] = (expression);                    \
        }                                           \
    } else if (stride_b == 1) {                     \
        const float v = *a;                         \
        hint for (long i = 0; i < n; i++) {         \
            const float w = b[i];                   \
            y[i] = (expression);                    \
        }                                           \
    } else {                                        \
        const float v = *a, w = *b;                 \
        for (long i = 0; i < n; i++) {              \
            y[i] = (expression);                    \
        }                                           \
    }                                               \
    break
#define PAIRS(expression) PAIRS_WITH(VECTORS, expression)
#define PAIRS_CALL(expression) PAIRS_WITH(, expression)

static void NAME(binary)(
    uk_binary_op op, const float *a, long stride_a, const float *b, long stride_b, float *y,
    long n) {
    if (n <= 0) { return; }
    switch (op) {
    case UK_BINARY_ADD: PAIRS(v + w);
    case UK_BINARY_SUB: PAIRS(v - w);
    case UK_BINARY_MUL: PAIRS(v * w);
    case UK_BINARY_DIV: PAIRS(v / w);
    case UK_BINARY_POW:
        if (stride_b == 0 && stride_a == 1 && *b == 2) {
            NAME(unary)(UK_UNARY_SQUARE, a, y, n, 0, 0);
            break;
        }
        if (stride_b == 0 && stride_a == 1 && *b == 1) {
            NAME(unary)(UK_UNARY_COPY, a, y, n, 0, 0);
            break;
        }
        PAIRS_CALL(powf(v, w));
    // A sum with NaN is NaN, whichever side it is on.
    case UK_BINARY_MIN: PAIRS(v < w ? v : w < v ? w : v == w ? v : v + w);
    case UK_BINARY_MAX: PAIRS(v > w ? v : w > v ? w : v == w ? v : v + w);
    case UK_BINARY_FLOOR_MOD: PAIRS(v - w * __builtin_elementwise_floor(v / w));
    case UK_BINARY_FMOD: PAIRS_CALL(fmodf(v, w));
    case UK_BINARY_PRELU: PAIRS(v < 0 ? v * w : v);
    }
}

static void NAME(scale_shift)(const float *x, float *y, long n, float scale, float shift) {
    for (int once = 0; once < 1; once++) { EACH(scale * v + shift); }
}

#undef EACH
#undef EACH_WITH
#undef CALL
#undef PAIRS
#undef PAIRS_WITH
#undef PAIRS_CALL
#undef FUNCTION
#undef ROUNDER
