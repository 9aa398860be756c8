// Winograd's minimal filtering F(4x4, 3x3) after Lavin and Gray, "Fast Algorithms for Convolutional
// Neural Networks" (2015), with the points 0, A, -A, B, -B and infinity. A vector holds the same
// value of LANES neighbouring tiles. Included after slab_template.h.

#define A UK_WINOGRAD_A
#define B UK_WINOGRAD_B

// v = B^T d for one line of six.
INLINE void spread(const vector *d, vector *v, int step) {
    const vector d0 = d[0], d1 = d[step], d2 = d[2 * step];
    const vector d3 = d[3 * step], d4 = d[4 * step], d5 = d[5 * step];
    const vector even_a = d4 - B * B * d2, odd_a = d3 - B * B * d1;
    const vector even_b = d4 - A * A * d2, odd_b = d3 - A * A * d1;
    v[0] = d4 - (A * A + B * B) * d2 + A * A * B * B * d0;
    v[step] = even_a + A * odd_a;
    v[2 * step] = even_a - A * odd_a;
    v[3 * step] = even_b + B * odd_b;
    v[4 * step] = even_b - B * odd_b;
    v[5 * step] = d5 - (A * A + B * B) * d3 + A * A * B * B * d1;
}

// y = A^T v for one line of six, to four.
INLINE void gather(const vector *v, int step, vector *y, int stride) {
    const vector sum_a = v[step] + v[2 * step], difference_a = v[step] - v[2 * step];
    const vector sum_b = v[3 * step] + v[4 * step], difference_b = v[3 * step] - v[4 * step];
    y[0] = v[0] + sum_a + sum_b;
    y[stride] = A * difference_a + B * difference_b;
    y[2 * stride] = A * A * sum_a + B * B * sum_b;
    y[3 * stride] = v[5 * step] + A * A * A * difference_a + B * B * B * difference_b;
}

void NAME(winograd_input)(
    const float *slab, long row_pitch, long phase_down, long phase_across, const int *starts,
    long vectors, float *to, long point_pitch) {
    for (long j = 0; j < vectors; j++) {
        const float *from = slab + starts[j];
        vector half[36];
#pragma clang loop unroll(full)
        for (int x = 0; x < 6; x++) {
            vector d[6];
#pragma clang loop unroll(full)
            for (int y = 0; y < 6; y++) {
                d[y] = load(
                    from + y % 4 * phase_down + x % 4 * phase_across + y / 4 * row_pitch + x / 4);
            }
            vector v[6];
            spread(d, v, 1);
#pragma clang loop unroll(full)
            for (int y = 0; y < 6; y++) { half[y * 6 + x] = v[y]; }
        }
#pragma clang loop unroll(full)
        for (int y = 0; y < 6; y++) {
            vector v[6];
            spread(half + 6 * y, v, 1);
#pragma clang loop unroll(full)
            for (int x = 0; x < 6; x++) {
                store(to + (y * 6 + x) * point_pitch + j * LANES, v[x]);
            }
        }
    }
}

void NAME(winograd_output)(
    const float *from, long point_pitch, long vectors, float *to, long line_pitch) {
    for (long j = 0; j < vectors; j++) {
        vector half[24];
#pragma clang loop unroll(full)
        for (int x = 0; x < 6; x++) {
            vector v[6];
#pragma clang loop unroll(full)
            for (int y = 0; y < 6; y++) {
                v[y] = load(from + (y * 6 + x) * point_pitch + j * LANES);
            }
            gather(v, 1, half + x, 6);
        }
#pragma clang loop unroll(full)
        for (int y = 0; y < 4; y++) {
            vector r[4];
            gather(half + 6 * y, 1, r, 1);
            const vector even_low = ZIP_LOW(r[0], r[2]), even_high = ZIP_HIGH(r[0], r[2]);
            const vector odd_low = ZIP_LOW(r[1], r[3]), odd_high = ZIP_HIGH(r[1], r[3]);
            float *line = to + y * line_pitch + 4 * j * LANES;
            store(line, ZIP_LOW(even_low, odd_low));
            store(line + LANES, ZIP_HIGH(even_low, odd_low));
            store(line + 2 * LANES, ZIP_LOW(even_high, odd_high));
            store(line + 3 * LANES, ZIP_HIGH(even_high, odd_high));
        }
    }
}

#undef A
#undef B
