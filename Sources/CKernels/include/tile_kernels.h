#pragma once

#include <stdbool.h>

#include "vector_math.h"

/// The inner loops of convolutions and packed matrix products, for the CPU that the process runs on.
/// All of them give the same bits on every run; different instruction sets may differ in the last.

/// The points of the Winograd transform, zero and infinity apart, are plus and minus these two:
/// exact in binary, and less rounding error than with 1 and 2 (-122 dB against -116 dB for one
/// layer of 64 channels of noise).
#define UK_WINOGRAD_A 0.625f
#define UK_WINOGRAD_B 1.5f

/// Most rows of `softmax_columns`: what is kept of them until their sum is known fits the
/// first-level cache many times over.
enum { UK_MOST_SHARES = 8 };

/// A window of a plane, cut into phases.
typedef struct uk_slab {
    /// Size of the source plane, and floats from one of its lines to the next.
    long height, width, pitch;
    /// Row and column of the source that come first; may lie outside.
    long top, left;
    /// Size of one phase.
    long rows, columns;
    /// Phases: steps within the source from one value of a phase to the next.
    long stride_y, stride_x;
    /// Lines of the source that anyone reads, from `top` on; the phases' other rows stay as they
    /// are.
    long lines;
    /// Floats from the source to the plane that will be wanted next, or 0: its lines are fetched
    /// meanwhile. Runs of a line are too short for the CPU to see them coming.
    long ahead;
} uk_slab;

/// What happens to a sum on its way to the output:
/// scale * op(sum + bias + before) + shift + after, or times `after`.
typedef struct uk_finish {
    float bias;
    /// Plane to add before the function, or NULL.
    const float *before;
    uk_unary_op op;
    float alpha, beta;
    float scale, shift;
    /// Plane to add last, or to multiply with, or NULL.
    const float *after;
    bool multiplies;
    /// Whether the output is too large to be found in a cache by whoever reads it: it is written
    /// past the caches then.
    bool stream;
} uk_finish;

/// One instruction set's loops.
typedef struct uk_kernel_set {
    /// Name of the instruction set.
    const char *name;
    /// Floats in a vector.
    long lanes;
    /// Rows in a panel of packed weights.
    long rows;

    /// The loops of vector_math.h, without `uk_` and with a choice for the softmax.
    void (*unary)(uk_unary_op op, const float *x, float *y, long n, float alpha, float beta);
    void (*binary)(
        uk_binary_op op, const float *a, long stride_a, const float *b, long stride_b, float *y,
        long n);
    void (*scale_shift)(const float *x, float *y, long n, float scale, float shift);
    void (*softmax_rows)(const float *x, float *y, long rows, long n, bool logarithm);
    /// Shares of `width` columns side by side; rows of x are `pitch` floats apart and those of y
    /// `pitch_y`, and there are at most UK_MOST_SHARES of them. Where `stream` is set, they are
    /// written past the caches.
    void (*softmax_columns)(
        const float *x, long pitch, float *y, long pitch_y, long count, long width, bool stream);
    void (*reduce)(uk_reduction op, const float *x, float *y, long outer, long n, long inner);
    void (*mean_variance)(const float *x, long n, float *mean, float *variance);
    void (*normalize_rows)(
        const float *x, float *y, long rows, long n, const float *scale, const float *shift,
        float epsilon);

    /// c[i][j * lanes ...] (+)= sum over p of a[i][p] * the vector at b + offsets[p] + starts[j].
    ///
    /// `a` is packed in panels of `rows` rows (the last one of what is left): panel, p, row.
    /// Rows of c are `ldc` floats apart, its vectors dense.
    void (*product)(
        long m, long k, long vectors, const float *a, const float *b, const int *offsets,
        const int *starts, float *c, long ldc, bool accumulate);

    /// c = alpha a b, all of them dense but for rows `lda`, `ldb` and `ldc` floats apart; for sides
    /// too small to be worth packing. c must not overlap the others.
    void (*small_product)(
        long m, long n, long k, float alpha, const float *a, long lda, const float *b, long ldb,
        float *c, long ldc);

    /// to[phase y][phase x][row][column] = source[top + row * stride_y + phase y][...], zero
    /// outside; all zeros where the source is NULL.
    void (*fill_slab)(const uk_slab *slab, const float *source, float *to);

    /// Writes `count` sums to to[at ...] as `finish` says; `at` also counts in its planes.
    void (*finish_row)(
        const uk_finish *finish, const float *from, float *to, long count, long at);

    /// to[i * phases + phase] = from[phase * pitch + i] for i in 0 ..< count.
    void (*join_line)(const float *from, long pitch, long phases, float *to, long count);

    /// Packs m rows of k numbers, `lda` apart, into panels of `rows` rows as `product` wants them.
    void (*pack_rows)(const float *a, long lda, long m, long k, float *to);

    /// Winograd's transform of 6x6 windows, four apart. Position (4 i + y, 4 j + x) of the plane
    /// lies at slab[y * phase_down + x * phase_across + i * row_pitch + j]; window t of vector v
    /// begins at starts[v] + t in the phases. Point p of vector v goes to
    /// to[p * point_pitch + v * lanes].
    void (*winograd_input)(
        const float *slab, long row_pitch, long phase_down, long phase_across, const int *starts,
        long vectors, float *to, long point_pitch);

    /// Winograd's transform back: each window becomes 4x4 values; those of vector j go to
    /// to[y * line_pitch + 4 * j * lanes] and on.
    void (*winograd_output)(
        const float *from, long point_pitch, long vectors, float *to, long line_pitch);
} uk_kernel_set;

/// The best set that the CPU and the system can run, or the one that the environment variable
/// UNBRAID_KERNELS names, where that can run: to see what another machine would do. Chosen once.
const uk_kernel_set *uk_kernel_set_best(void);

/// A set by its name: "avx512", "avx2" or "base"; NULL where the CPU can't run it.
const uk_kernel_set *uk_kernel_set_named(const char *name);

/// The 36 points of a 3x3 kernel: to[i * pitch].
void uk_winograd_weights(const float *kernel, float *to, long pitch);
