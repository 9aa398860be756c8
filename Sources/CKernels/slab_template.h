// Copies of input windows, padded with zeros and split into phases, so that a convolution of any
// stride reads runs of neighbouring values. Included after tile_template.h.

#if LANES == 16
#define EVENS(a, b) \
    __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30)
#define ODDS(a, b) \
    __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31)
#define ZIP_LOW(a, b) \
    __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define ZIP_HIGH(a, b) \
    __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#elif LANES == 8
#define EVENS(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14)
#define ODDS(a, b) __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15)
#define ZIP_LOW(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define ZIP_HIGH(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#else
#define EVENS(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6)
#define ODDS(a, b) __builtin_shufflevector(a, b, 1, 3, 5, 7)
#define ZIP_LOW(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define ZIP_HIGH(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#endif

// Four vectors' worth of one line split into four phases.
INLINE void split_four(const float *from, float *to, long pitch) {
    const vector a = load(from), b = load(from + LANES);
    const vector c = load(from + 2 * LANES), d = load(from + 3 * LANES);
    const vector even_low = EVENS(a, b), even_high = EVENS(c, d);
    const vector odd_low = ODDS(a, b), odd_high = ODDS(c, d);
    store(to, EVENS(even_low, even_high));
    store(to + pitch, EVENS(odd_low, odd_high));
    store(to + 2 * pitch, ODDS(even_low, even_high));
    store(to + 3 * pitch, ODDS(odd_low, odd_high));
}

// to[phase * pitch + i] = from[i * phases + phase] for i in 0 ..< count.
static void split_line(const float *from, float *to, long phases, long pitch, long count) {
    long i = 0;
    if (phases == 2) {
        for (; i + LANES <= count; i += LANES) {
            const vector a = load(from + 2 * i), b = load(from + 2 * i + LANES);
            store(to + i, EVENS(a, b));
            store(to + pitch + i, ODDS(a, b));
        }
    } else if (phases == 4) {
        for (; i + LANES <= count; i += LANES) { split_four(from + 4 * i, to + i, pitch); }
    } else if (phases == 8) {
        // Even and odd values first, then each of them into four.
        for (; i + LANES <= count; i += LANES) {
            float halves[2][4 * LANES];
            for (int j = 0; j < 4; j++) {
                const vector a = load(from + 8 * i + 2 * j * LANES);
                const vector b = load(from + 8 * i + (2 * j + 1) * LANES);
                store(halves[0] + j * LANES, EVENS(a, b));
                store(halves[1] + j * LANES, ODDS(a, b));
            }
            split_four(halves[0], to + i, 2 * pitch);
            split_four(halves[1], to + pitch + i, 2 * pitch);
        }
    }
    for (; i < count; i++) {
        for (long phase = 0; phase < phases; phase++) {
            to[phase * pitch + i] = from[i * phases + phase];
        }
    }
}

// One line of the slab: values left ..< left + columns * stride_x of a source line, or zeros.
static void fill_line(const uk_slab *slab, const float *line, float *to, long pitch) {
    enum { chunk = 128 };
    float padded[8 * chunk];
    const long stride = slab->stride_x, columns = slab->columns, width = slab->width;
    if (line == NULL) {
        for (long phase = 0; phase < stride; phase++) {
            memset(to + phase * pitch, 0, (size_t)columns * sizeof *to);
        }
        return;
    }
    if (stride == 1) {
        long before = slab->left < 0 ? -slab->left : 0;
        if (before > columns) { before = columns; }
        long count = width - (slab->left + before);
        if (count > columns - before) { count = columns - before; }
        if (count < 0) { count = 0; }
        memset(to, 0, (size_t)before * sizeof *to);
        memcpy(to + before, line + slab->left + before, (size_t)count * sizeof *to);
        memset(to + before + count, 0, (size_t)(columns - before - count) * sizeof *to);
        return;
    }
    for (long first = 0; first < columns;) {
        const long x = slab->left + first * stride;
        long inside = 0;
        if (x >= 0 && x < width) { inside = (width - x) / stride; }
        if (inside > columns - first) { inside = columns - first; }
        if (inside > 0) {
            split_line(line + x, to + first, stride, pitch, inside);
            first += inside;
            continue;
        }
        // At the borders, and past them: value by value.
        long count = columns - first;
        if (x < 0 && count > (-x + stride - 1) / stride) { count = (-x + stride - 1) / stride; }
        if (count > chunk) { count = chunk; }
        if (stride > 8) {
            for (long i = 0; i < count * stride; i++) {
                const long at = x + i;
                to[i % stride * pitch + first + i / stride] =
                    at >= 0 && at < width ? line[at] : 0;
            }
        } else {
            for (long i = 0; i < count * stride; i++) {
                const long at = x + i;
                padded[i] = at >= 0 && at < width ? line[at] : 0;
            }
            split_line(padded, to + first, stride, pitch, count);
        }
        first += count;
    }
}

void NAME(fill_slab)(const uk_slab *slab, const float *source, float *to) {
    const long plane = slab->rows * slab->columns;
    for (long row = 0; row < slab->rows; row++) {
        for (long phase = 0; phase < slab->stride_y; phase++) {
            const long line = row * slab->stride_y + phase;
            if (line >= slab->lines) { return; }
            const long y = slab->top + line;
            const bool inside = source != NULL && y >= 0 && y < slab->height;
            fill_line(
                slab, inside ? source + y * slab->width : NULL,
                to + phase * slab->stride_x * plane + row * slab->columns, plane);
        }
    }
}
