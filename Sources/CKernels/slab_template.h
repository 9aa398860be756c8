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

// LANES values of each of eight phases: even and odd values first, then each of them into four.
INLINE void split_eight(const float *from, float *to, long pitch) {
    float halves[2][4 * LANES];
    for (int j = 0; j < 4; j++) {
        const vector a = load(from + 2 * j * LANES), b = load(from + (2 * j + 1) * LANES);
        store(halves[0] + j * LANES, EVENS(a, b));
        store(halves[1] + j * LANES, ODDS(a, b));
    }
    split_four(halves[0], to, 2 * pitch);
    split_four(halves[1], to + pitch, 2 * pitch);
}

INLINE void split_two(const float *from, float *to, long pitch) {
    const vector a = load(from), b = load(from + LANES);
    store(to, EVENS(a, b));
    store(to + pitch, ODDS(a, b));
}

// The last vector overlaps the one before it rather than leave single values.
#define SPLIT(phases, split)                                                 \
    for (long i = 0; i + LANES <= count; i += LANES) {                       \
        split(from + phases * i, to + i, pitch);                             \
    }                                                                        \
    if (count % LANES != 0) {                                                \
        split(from + phases * (count - LANES), to + count - LANES, pitch);   \
    }

// to[phase * pitch + i] = from[i * phases + phase] for i in 0 ..< count.
static void split_line(const float *from, float *to, long phases, long pitch, long count) {
    if (count >= LANES && phases == 2) {
        SPLIT(2, split_two)
    } else if (count >= LANES && phases == 4) {
        SPLIT(4, split_four)
    } else if (count >= LANES && phases == 8) {
        SPLIT(8, split_eight)
    } else {
        for (long i = 0; i < count; i++) {
            for (long phase = 0; phase < phases; phase++) {
                to[phase * pitch + i] = from[i * phases + phase];
            }
        }
    }
}

#undef SPLIT

// to[i] = line[first + i], or zero where that lies outside the line.
static void copy_padded(const float *line, long width, long first, float *to, long count) {
    long before = first < 0 ? -first : 0;
    if (before > count) { before = count; }
    long inside = width - (first + before);
    if (inside > count - before) { inside = count - before; }
    if (inside < 0) { inside = 0; }
    for (long i = 0; i < before; i++) { to[i] = 0; }
    if (inside > 0) { memcpy(to + before, line + first + before, (size_t)inside * sizeof *to); }
    for (long i = before + inside; i < count; i++) { to[i] = 0; }
}

// One line of the slab: values left ..< left + columns * stride_x of a source line, or zeros.
static void fill_line(const uk_slab *slab, const float *line, float *to, long pitch) {
    enum { chunk = 128, most = 8 };
    float padded[most * (chunk + LANES)];
    const long stride = slab->stride_x, columns = slab->columns, width = slab->width;
    if (line == NULL) {
        for (long phase = 0; phase < stride; phase++) {
            memset(to + phase * pitch, 0, (size_t)columns * sizeof *to);
        }
    } else if (stride == 1) {
        copy_padded(line, width, slab->left, to, columns);
    } else if (slab->left >= 0 && slab->left + columns * stride <= width) {
        split_line(line + slab->left, to, stride, pitch, columns);
    } else if (stride <= most) {
        for (long first = 0; first < columns;) {
            // What would be left over for a last chunk of less than a vector joins this one.
            const long left = columns - first, count = left <= chunk + LANES ? left : chunk;
            copy_padded(line, width, slab->left + first * stride, padded, count * stride);
            split_line(padded, to + first, stride, pitch, count);
            first += count;
        }
    } else {
        for (long i = 0; i < columns * stride; i++) {
            const long at = slab->left + i;
            to[i % stride * pitch + i / stride] = at >= 0 && at < width ? line[at] : 0;
        }
    }
}

// Asks for a line that will be wanted soon.
static void fetch_line(const uk_slab *slab, const float *line) {
    const long first = slab->left < 0 ? 0 : slab->left;
    long end = slab->left + slab->columns * slab->stride_x;
    if (end > slab->width) { end = slab->width; }
    for (long i = first; i < end; i += 16) { __builtin_prefetch(line + i); }
}

void NAME(fill_slab)(const uk_slab *slab, const float *source, float *to) {
    const long plane = slab->rows * slab->columns;
    for (long row = 0; row < slab->rows; row++) {
        for (long phase = 0; phase < slab->stride_y; phase++) {
            const long line = row * slab->stride_y + phase;
            if (line >= slab->lines) { return; }
            const long y = slab->top + line;
            const bool inside = source != NULL && y >= 0 && y < slab->height;
            if (inside && slab->ahead != 0) { fetch_line(slab, source + slab->ahead + y * slab->pitch); }
            fill_line(
                slab, inside ? source + y * slab->pitch : NULL,
                to + phase * slab->stride_x * plane + row * slab->columns, plane);
        }
    }
}
