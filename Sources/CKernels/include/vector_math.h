#pragma once

/// Loops over plain float arrays. `x`, `a`, `b` and `y` may be the same array, or not overlap.
/// Results are the same bits on every run; an element's value never depends on its position.

/// A function of one number. `alpha` and `beta` are its parameters, where it has any.
typedef enum __attribute__((enum_extensibility(closed))) uk_unary_op {
    UK_UNARY_COPY,
    UK_UNARY_ABS,
    UK_UNARY_NEG,
    UK_UNARY_SQRT,
    UK_UNARY_RECIPROCAL,
    UK_UNARY_SQUARE,
    UK_UNARY_SIGN,
    UK_UNARY_FLOOR,
    UK_UNARY_CEIL,
    /// To the nearest integer, halves to the even one.
    UK_UNARY_ROUND,
    UK_UNARY_EXP,
    UK_UNARY_LOG,
    UK_UNARY_SIN,
    UK_UNARY_COS,
    UK_UNARY_TAN,
    UK_UNARY_ASIN,
    UK_UNARY_ACOS,
    UK_UNARY_ATAN,
    UK_UNARY_SINH,
    UK_UNARY_COSH,
    UK_UNARY_ASINH,
    UK_UNARY_ACOSH,
    UK_UNARY_ATANH,
    UK_UNARY_TANH,
    UK_UNARY_ERF,
    UK_UNARY_SIGMOID,
    UK_UNARY_RELU,
    /// x where x >= 0, else alpha x.
    UK_UNARY_LEAKY_RELU,
    /// x where x > alpha, else 0.
    UK_UNARY_THRESHOLDED_RELU,
    /// x where x >= 0, else alpha (exp(x) - 1).
    UK_UNARY_ELU,
    /// beta x where x >= 0, else beta alpha (exp(x) - 1).
    UK_UNARY_SELU,
    /// max(0, x) + min(0, alpha (exp(x / alpha) - 1)).
    UK_UNARY_CELU,
    /// x/2 (1 + erf(x / sqrt 2)).
    UK_UNARY_GELU,
    /// x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))).
    UK_UNARY_GELU_TANH,
    /// min(max(x, alpha), beta).
    UK_UNARY_CLIP,
    /// min(max(alpha x + beta, 0), 1).
    UK_UNARY_HARD_SIGMOID,
    /// x min(max(x/6 + 1/2, 0), 1).
    UK_UNARY_HARD_SWISH,
    /// x sigmoid(alpha x).
    UK_UNARY_SILU,
    /// log(1 + exp(x)).
    UK_UNARY_SOFTPLUS,
    /// x / (1 + |x|).
    UK_UNARY_SOFTSIGN,
    /// x tanh(softplus(x)).
    UK_UNARY_MISH,
    /// alpha x + beta.
    UK_UNARY_AFFINE,
    /// alpha tanh(beta x).
    UK_UNARY_SCALED_TANH,
} uk_unary_op;

/// y[i] = op(x[i]) for n numbers.
void uk_unary(uk_unary_op op, const float *x, float *y, long n, float alpha, float beta);

/// A function of two numbers.
typedef enum __attribute__((enum_extensibility(closed))) uk_binary_op {
    UK_BINARY_ADD,
    UK_BINARY_SUB,
    UK_BINARY_MUL,
    UK_BINARY_DIV,
    UK_BINARY_POW,
    UK_BINARY_MIN,
    UK_BINARY_MAX,
    /// a - b floor(a / b): the sign of b.
    UK_BINARY_FLOOR_MOD,
    /// C's fmod: the sign of a.
    UK_BINARY_FMOD,
    /// a where a >= 0, else a b.
    UK_BINARY_PRELU,
} uk_binary_op;

/// y[i] = op(a[i * stride_a], b[i * stride_b]) for n numbers; a stride is 0 (one scalar) or 1.
void uk_binary(
    uk_binary_op op, const float *a, long stride_a, const float *b, long stride_b, float *y,
    long n);

/// y[i] = scale x[i] + shift for n numbers.
void uk_scale_shift(const float *x, float *y, long n, float scale, float shift);

/// Softmax of each row: x and y are [rows][n].
void uk_softmax_rows(const float *x, float *y, long rows, long n);

/// Logarithm of the softmax of each row: x and y are [rows][n].
void uk_log_softmax_rows(const float *x, float *y, long rows, long n);

/// What becomes of a row of numbers.
typedef enum __attribute__((enum_extensibility(closed))) uk_reduction {
    UK_REDUCE_SUM,
    UK_REDUCE_MEAN,
    UK_REDUCE_MAX,
    UK_REDUCE_MIN,
    UK_REDUCE_PRODUCT,
    /// Sum of absolute values.
    UK_REDUCE_L1,
    /// Root of the sum of squares.
    UK_REDUCE_L2,
    UK_REDUCE_SUM_SQUARE,
    UK_REDUCE_LOG_SUM,
    UK_REDUCE_LOG_SUM_EXP,
} uk_reduction;

/// Reduces the middle axis: x is [outer][n][inner], y is [outer][inner].
///
/// The order of the additions depends on the sizes alone.
void uk_reduce(uk_reduction op, const float *x, float *y, long outer, long n, long inner);

/// Mean and variance (divided by n) of n numbers; the variance is taken around the mean.
void uk_mean_variance(const float *x, long n, float *mean, float *variance);

/// Layer normalisation of rows: x and y are [rows][n]; y = (x - mean) / sqrt(variance + epsilon),
/// times scale[n], plus shift[n], where these are given.
void uk_normalize_rows(
    const float *x, float *y, long rows, long n, const float *scale, const float *shift,
    float epsilon);
