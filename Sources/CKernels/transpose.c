#include "transpose.h"

typedef float lanes __attribute__((vector_size(32), aligned(4)));

#if defined(__x86_64__)
#define CLONES __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define CLONES
#endif

#define INLINE static inline __attribute__((always_inline))

/// The even or odd ones of pairs, quads and halves of two rows are swapped in turn.
#define PAIRS_LOW(a, b) __builtin_shufflevector(a, b, 0, 8, 2, 10, 4, 12, 6, 14)
#define PAIRS_HIGH(a, b) __builtin_shufflevector(a, b, 1, 9, 3, 11, 5, 13, 7, 15)
#define QUADS_LOW(a, b) __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13)
#define QUADS_HIGH(a, b) __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15)
#define HALVES_LOW(a, b) __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11)
#define HALVES_HIGH(a, b) __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15)

INLINE void transpose8(const float *x, long x_stride, float *y, long y_stride) {
    lanes a[8], b[8];
    for (int i = 0; i < 8; i++) a[i] = *(const lanes *)(x + i * x_stride);
    for (int i = 0; i < 8; i += 2) {
        b[i] = PAIRS_LOW(a[i], a[i + 1]);
        b[i + 1] = PAIRS_HIGH(a[i], a[i + 1]);
    }
    for (int i = 0; i < 8; i += 4) {
        for (int j = i; j < i + 2; j++) {
            a[j] = QUADS_LOW(b[j], b[j + 2]);
            a[j + 2] = QUADS_HIGH(b[j], b[j + 2]);
        }
    }
    for (int j = 0; j < 4; j++) {
        *(lanes *)(y + j * y_stride) = HALVES_LOW(a[j], a[j + 4]);
        *(lanes *)(y + (j + 4) * y_stride) = HALVES_HIGH(a[j], a[j + 4]);
    }
}

CLONES
void uk_transpose(
    const float *x, long x_stride, float *y, long y_stride, long rows, long columns) {
    // Sixteen floats are a line of the cache. A block goes through a small buffer and out in whole
    // lines: stores right beside loads whose addresses look alike would hold each other up.
    enum { block = 16 };
    float buffer[block * block] __attribute__((aligned(64)));
    for (long top = 0; top < rows; top += block) {
        long bottom = top + block < rows ? top + block : rows;
        for (long left = 0; left < columns; left += block) {
            long right = left + block < columns ? left + block : columns;
            if (bottom - top < block || right - left < block) {
                for (long r = top; r < bottom; r++)
                    for (long c = left; c < right; c++) y[r * y_stride + c] = x[c * x_stride + r];
                continue;
            }
            const float *from = x + left * x_stride + top;
            for (int i = 0; i < block; i += 8)
                for (int j = 0; j < block; j += 8)
                    transpose8(from + j * x_stride + i, x_stride, buffer + i * block + j, block);
            for (int r = 0; r < block; r++) {
                const lanes *line = (const lanes *)(buffer + r * block);
                float *to = y + (top + r) * y_stride + left;
                *(lanes *)to = line[0];
                *(lanes *)(to + 8) = line[1];
            }
        }
    }
}
