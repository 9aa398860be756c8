// Shares that sum to one along an axis whose neighbours lie far apart. Included after
// finish_template.h.

enum { columns_at_once = 64, columns_ahead = 512 };

// `columns` of them at once: a constant wherever there is more than one, so that all of it becomes
// vectors.
INLINE void share_columns(
    const float *x, long pitch, float *y, long pitch_y, long count, int columns, bool stream) {
    float peak[columns_at_once], sum[columns_at_once];
    float kept[UK_MOST_SHARES][columns_at_once];
    for (int i = 0; i < columns; i++) { peak[i] = x[i]; }
    for (long row = 1; row < count; row++) {
        for (int i = 0; i < columns; i++) {
            const float v = peak[i], w = x[row * pitch + i];
            // A sum with NaN is NaN, whichever side it is on.
            peak[i] = v > w ? v : w > v ? w : v == w ? v : v + w;
        }
    }
    for (int i = 0; i < columns; i++) { sum[i] = 0; }
    for (long row = 0; row < count; row++) {
        for (int i = 0; i < columns; i++) {
            kept[row][i] = NAME(exp)(x[row * pitch + i] - peak[i]);
            sum[i] += kept[row][i];
        }
    }
    for (int i = 0; i < columns; i++) { sum[i] = 1 / sum[i]; }
    for (long row = 0; row < count; row++) {
        float *to = y + row * pitch_y;
        int i = 0;
        for (; i + LANES <= columns; i += LANES) {
            put(to + i, load(kept[row] + i) * load(sum + i), stream);
        }
        for (; i < columns; i++) { to[i] = kept[row][i] * sum[i]; }
    }
}

void NAME(softmax_columns)(
    const float *x, long pitch, float *y, long pitch_y, long count, long width, bool stream) {
    stream = stream && (uintptr_t)y % sizeof(vector) == 0 && pitch_y % LANES == 0;
    long i = 0;
    for (; i + columns_at_once <= width; i += columns_at_once) {
        // Runs of a row are too short for the CPU to see the next ones coming.
        for (long row = 0; row < count; row++) {
            const float *next = x + row * pitch + i + columns_ahead;
            for (int j = 0; j < columns_at_once; j += 16) { __builtin_prefetch(next + j); }
        }
        share_columns(x + i, pitch, y + i, pitch_y, count, columns_at_once, stream);
    }
    for (; i < width; i++) { share_columns(x + i, pitch, y + i, pitch_y, count, 1, false); }
}
