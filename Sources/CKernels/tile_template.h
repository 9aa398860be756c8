// The inner loops of the matrix product, for one instruction set. Included once per set with
//   LANES   floats in a vector register,
//   ROWS    most rows of a block, 4 or 8,
//   COLUMNS most vectors of a block, 2 or 3: all sums and some more must fit the registers,
//   NAME(x) the name of function x for this set.

typedef float vector __attribute__((vector_size(4 * LANES), aligned(4), may_alias));

#define INLINE static inline __attribute__((always_inline))

INLINE vector load(const float *p) { return *(const vector *)p; }
INLINE void store(float *p, vector v) { *(vector *)p = v; }
INLINE vector splat(float x) { return x - (vector){}; }

// Sums of `rows` rows and `columns` vectors stay in registers over the whole of k. `rows` and
// `columns` are constants at every call, so that all loops over them unroll.
INLINE void block(
    int rows, int columns, long k, const float *a, const float *b, const int *offsets,
    const int *starts, float *c, long ldc, bool accumulate) {
    vector sums[8][3];
    const float *from[3];
#pragma clang loop unroll(full)
    for (int j = 0; j < columns; j++) { from[j] = b + starts[j]; }
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) {
#pragma clang loop unroll(full)
        for (int j = 0; j < columns; j++) {
            sums[i][j] = accumulate ? load(c + i * ldc + j * LANES) : (vector){};
        }
    }
    // Two rounds at once would need more registers than AVX2 has.
#pragma clang loop unroll(disable)
    for (long p = 0; p < k; p++, a += rows) {
        const long offset = offsets[p];
        vector row[3];
#pragma clang loop unroll(full)
        for (int j = 0; j < columns; j++) { row[j] = load(from[j] + offset); }
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) {
            const vector factor = splat(a[i]);
#pragma clang loop unroll(full)
            for (int j = 0; j < columns; j++) { sums[i][j] += factor * row[j]; }
        }
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) {
#pragma clang loop unroll(full)
        for (int j = 0; j < columns; j++) { store(c + i * ldc + j * LANES, sums[i][j]); }
    }
}

#define CASE(rows)                                                              \
    case rows:                                                                  \
        if (columns == COLUMNS) {                                               \
            block(rows, COLUMNS, k, a, b, offsets, starts, c, ldc, accumulate); \
        } else if (columns == 2) {                                              \
            block(rows, 2, k, a, b, offsets, starts, c, ldc, accumulate);       \
        } else {                                                                \
            block(rows, 1, k, a, b, offsets, starts, c, ldc, accumulate);       \
        }                                                                       \
        break;

static void some_rows(
    int rows, int columns, long k, const float *a, const float *b, const int *offsets,
    const int *starts, float *c, long ldc, bool accumulate) {
    switch (rows) {
        CASE(1) CASE(2) CASE(3) CASE(4)
#if ROWS == 8
        CASE(5) CASE(6) CASE(7) CASE(8)
#endif
    }
}

// Vectors of the next block, of `left` ones. Four go as two pairs: a lone one would leave the
// multipliers waiting.
INLINE int block_columns(long left) {
    return left < 2 ? 1 : left == 2 || left == 4 ? 2 : COLUMNS;
}

void NAME(product)(
    long m, long k, long vectors, const float *a, const float *b, const int *offsets,
    const int *starts, float *c, long ldc, bool accumulate) {
    // More factors than L2 keeps beside b come from afar: each panel is read once then.
    enum { many = 64 * 1024 };
    if (m * k > many) {
        for (long i = 0; i < m; i += ROWS) {
            const int rows = m - i < ROWS ? (int)(m - i) : ROWS;
            for (long v = 0; v < vectors;) {
                const int columns = block_columns(vectors - v);
                some_rows(
                    rows, columns, k, a, b, offsets, starts + v, c + i * ldc + v * LANES, ldc,
                    accumulate);
                v += columns;
            }
            a += rows * k;
        }
        return;
    }
    for (long v = 0; v < vectors;) {
        const int columns = block_columns(vectors - v);
        const float *panel = a;
        for (long i = 0; i < m; i += ROWS) {
            const int rows = m - i < ROWS ? (int)(m - i) : ROWS;
            some_rows(
                rows, columns, k, panel, b, offsets, starts + v, c + i * ldc + v * LANES, ldc,
                accumulate);
            panel += rows * k;
        }
        v += columns;
    }
}

// As `block`, of sides that are not packed: c = alpha a b.
INLINE void plain_block(
    int rows, int columns, long k, float alpha, const float *a, long lda, const float *b, long ldb,
    float *c, long ldc) {
    vector sums[8][3] = {};
#pragma clang loop unroll(disable)
    for (long p = 0; p < k; p++) {
        vector row[3];
#pragma clang loop unroll(full)
        for (int j = 0; j < columns; j++) { row[j] = load(b + p * ldb + j * LANES); }
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) {
            const vector factor = splat(a[i * lda + p]);
#pragma clang loop unroll(full)
            for (int j = 0; j < columns; j++) { sums[i][j] += factor * row[j]; }
        }
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) {
#pragma clang loop unroll(full)
        for (int j = 0; j < columns; j++) { store(c + i * ldc + j * LANES, alpha * sums[i][j]); }
    }
}

// All rows of some vectors of the result.
static void plain_rows(
    int columns, long m, long k, float alpha, const float *a, long lda, const float *b, long ldb,
    float *c, long ldc) {
    for (long i = 0; i < m;) {
        const float *from = a + i * lda;
        float *to = c + i * ldc;
        const bool four = m - i >= 4;
        if (columns == 2) {
            if (four) { plain_block(4, 2, k, alpha, from, lda, b, ldb, to, ldc); }
            else { plain_block(1, 2, k, alpha, from, lda, b, ldb, to, ldc); }
        } else {
            if (four) { plain_block(4, 1, k, alpha, from, lda, b, ldb, to, ldc); }
            else { plain_block(1, 1, k, alpha, from, lda, b, ldb, to, ldc); }
        }
        i += four ? 4 : 1;
    }
}

// Fewer columns than a vector has: those of the right side are copied to the front of vectors.
static void narrow_product(
    long m, long n, long k, float alpha, const float *a, long lda, const float *b, long ldb,
    float *c, long ldc) {
    enum { depth = 128 };
    float part[depth * LANES], sums[4 * LANES];
    for (long i = 0; i < m; i += 4) {
        const long rows = m - i < 4 ? m - i : 4;
        for (long first = 0; first < k; first += depth) {
            const long terms = k - first < depth ? k - first : depth;
            for (long p = 0; p < terms; p++) {
                for (long j = 0; j < LANES; j++) {
                    part[p * LANES + j] = j < n ? b[(first + p) * ldb + j] : 0;
                }
            }
            plain_rows(
                1, rows, terms, alpha, a + i * lda + first, lda, part, LANES, sums, LANES);
            for (long row = 0; row < rows; row++) {
                float *to = c + (i + row) * ldc;
                for (long j = 0; j < n; j++) {
                    to[j] = sums[row * LANES + j] + (first > 0 ? to[j] : 0);
                }
            }
        }
    }
}

void NAME(small_product)(
    long m, long n, long k, float alpha, const float *a, long lda, const float *b, long ldb,
    float *c, long ldc) {
    if (n < LANES) {
        narrow_product(m, n, k, alpha, a, lda, b, ldb, c, ldc);
        return;
    }
    for (long j = 0; j < n;) {
        // The last vector overlaps the one before it rather than leave single columns.
        if (n - j < LANES) { j = n - LANES; }
        const int columns = n - j < 2 * LANES ? 1 : 2;
        plain_rows(columns, m, k, alpha, a, lda, b + j, ldb, c + j, ldc);
        j += columns * LANES;
    }
}
