// Packing of matrices into panels. Included after slab_template.h.

// One panel of ROWS rows: to[p * ROWS + i] = a[i * lda + p]. Meanwhile fetches what lies `ahead`
// floats further: runs of a row are too short for the CPU to see the next ones coming.
static void pack_panel(const float *a, long lda, long k, float *to, long ahead) {
    long p = 0;
    for (; p + LANES <= k; p += LANES, to += ROWS * LANES) {
        vector r[8];
        if (ahead != 0) {
            for (int i = 0; i < ROWS; i++) { __builtin_prefetch(a + i * lda + p + ahead); }
        }
#pragma clang loop unroll(full)
        for (int i = 0; i < ROWS; i++) { r[i] = load(a + i * lda + p); }
#if ROWS == 8
#pragma clang loop unroll(full)
        for (int i = 0; i < 4; i++) {
            const vector low = ZIP_LOW(r[i], r[i + 4]), high = ZIP_HIGH(r[i], r[i + 4]);
            r[i] = low;
            r[i + 4] = high;
        }
        // Now r[i] holds rows i and i + 4 in turn; r[i + 4] the upper half of that.
        vector s[8];
#pragma clang loop unroll(full)
        for (int h = 0; h < 2; h++) {
            const vector *q = r + 4 * h;
            const vector even_low = ZIP_LOW(q[0], q[2]), even_high = ZIP_HIGH(q[0], q[2]);
            const vector odd_low = ZIP_LOW(q[1], q[3]), odd_high = ZIP_HIGH(q[1], q[3]);
            s[4 * h] = ZIP_LOW(even_low, odd_low);
            s[4 * h + 1] = ZIP_HIGH(even_low, odd_low);
            s[4 * h + 2] = ZIP_LOW(even_high, odd_high);
            s[4 * h + 3] = ZIP_HIGH(even_high, odd_high);
        }
#else
        vector s[4];
        const vector even_low = ZIP_LOW(r[0], r[2]), even_high = ZIP_HIGH(r[0], r[2]);
        const vector odd_low = ZIP_LOW(r[1], r[3]), odd_high = ZIP_HIGH(r[1], r[3]);
        s[0] = ZIP_LOW(even_low, odd_low);
        s[1] = ZIP_HIGH(even_low, odd_low);
        s[2] = ZIP_LOW(even_high, odd_high);
        s[3] = ZIP_HIGH(even_high, odd_high);
#endif
#pragma clang loop unroll(full)
        for (int i = 0; i < ROWS; i++) { store(to + i * LANES, s[i]); }
    }
    for (; p < k; p++, to += ROWS) {
        for (int i = 0; i < ROWS; i++) { to[i] = a[i * lda + p]; }
    }
}

void NAME(pack_rows)(const float *a, long lda, long m, long k, float *to) {
    long first = 0;
    for (; first + ROWS <= m; first += ROWS, to += ROWS * k) {
        const bool more = first + 2 * ROWS <= m;
        pack_panel(a + first * lda, lda, k, to, more ? ROWS * lda : 0);
    }
    for (long p = 0; p < k; p++) {
        for (long i = first; i < m; i++) { *to++ = a[i * lda + p]; }
    }
}
