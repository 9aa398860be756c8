// What happens to finished sums on their way to the output. Included after slab_template.h.

// Stores past the caches where `stream` is set; `to` is on a vector's boundary then.
INLINE void put(float *to, vector v, bool stream) {
    typedef float whole __attribute__((vector_size(4 * LANES)));
    if (stream) {
        __builtin_nontemporal_store((whole)v, (whole *)to);
    } else {
        store(to, v);
    }
}

// The parts before the function.
INLINE vector begin_finish(const uk_finish *f, vector v, const float *before) {
    v += f->bias;
    if (before != NULL) { v += load(before); }
    return v;
}

// The function where it is none or max(x, 0), which leaves NaN alone.
INLINE vector simple_finish(const uk_finish *f, vector v) {
    typedef int bits __attribute__((vector_size(4 * LANES)));
    return f->op == UK_UNARY_RELU ? (vector)((bits)v & ~(bits)(v < 0)) : v;
}

// The parts after the function.
INLINE vector end_finish(const uk_finish *f, vector v, const float *after, bool affine) {
    if (affine) { v = v * f->scale + f->shift; }
    if (after != NULL) { v = f->multiplies ? v * load(after) : v + load(after); }
    return v;
}

void NAME(finish_row)(const uk_finish *f, const float *from, float *to, long count, long at) {
    enum { chunk = 256 };
    const float *before = f->before == NULL ? NULL : f->before + at;
    const float *after = f->after == NULL ? NULL : f->after + at;
    to += at;
    const bool simple = f->op == UK_UNARY_COPY || f->op == UK_UNARY_RELU;
    const bool affine = f->scale != 1 || f->shift != 0;
    const bool stream = f->stream && (uintptr_t)to % sizeof(vector) == 0;
    float values[chunk];
    long i = 0;
    if (simple) {
        for (; i + LANES <= count; i += LANES) {
            vector v = begin_finish(f, load(from + i), before == NULL ? NULL : before + i);
            v = end_finish(f, simple_finish(f, v), after == NULL ? NULL : after + i, affine);
            put(to + i, v, stream);
        }
    } else {
        while (i + LANES <= count) {
            const long whole = (count - i < chunk ? count - i : chunk) / LANES * LANES;
            for (long j = 0; j < whole; j += LANES) {
                store(
                    values + j,
                    begin_finish(f, load(from + i + j), before == NULL ? NULL : before + i + j));
            }
            NAME(unary)(f->op, values, values, whole, f->alpha, f->beta);
            for (long j = 0; j < whole; j += LANES, i += LANES) {
                put(
                    to + i,
                    end_finish(f, load(values + j), after == NULL ? NULL : after + i, affine),
                    stream);
            }
        }
    }
    // What is left of a vector goes through the same arithmetic, one value of it at a time.
    for (; i < count; i++) {
        float v = from[i] + f->bias;
        if (before != NULL) { v += before[i]; }
        NAME(unary)(f->op, &v, &v, 1, f->alpha, f->beta);
        if (affine) { v = v * f->scale + f->shift; }
        if (after != NULL) { v = f->multiplies ? v * after[i] : v + after[i]; }
        to[i] = v;
    }
}

// A vector's worth of four lines, by fours of neighbours that lie `step` floats apart.
INLINE void join_four(const float *from, long pitch, float *to, long step) {
    typedef float quad __attribute__((vector_size(16), aligned(4)));
    const vector a = load(from), b = load(from + pitch);
    const vector c = load(from + 2 * pitch), d = load(from + 3 * pitch);
    const vector even_low = ZIP_LOW(a, c), even_high = ZIP_HIGH(a, c);
    const vector odd_low = ZIP_LOW(b, d), odd_high = ZIP_HIGH(b, d);
    vector joined[4] = {
        ZIP_LOW(even_low, odd_low), ZIP_HIGH(even_low, odd_low),
        ZIP_LOW(even_high, odd_high), ZIP_HIGH(even_high, odd_high),
    };
    if (step == 4) {
#pragma clang loop unroll(full)
        for (int j = 0; j < 4; j++) { store(to + j * LANES, joined[j]); }
        return;
    }
    const quad *quads = (const quad *)joined;
#pragma clang loop unroll(full)
    for (int j = 0; j < LANES; j++) { *(quad *)(to + j * step) = quads[j]; }
}

// to[i * phases + phase] = from[phase * pitch + i] for i in 0 ..< count.
void NAME(join_line)(const float *from, long pitch, long phases, float *to, long count) {
    long i = 0;
    if (phases == 2) {
        for (; i + LANES <= count; i += LANES) {
            const vector a = load(from + i), b = load(from + pitch + i);
            store(to + 2 * i, ZIP_LOW(a, b));
            store(to + 2 * i + LANES, ZIP_HIGH(a, b));
        }
    }
    if (phases % 4 == 0) {
        for (; i + LANES <= count; i += LANES) {
            for (long phase = 0; phase < phases; phase += 4) {
                join_four(from + phase * pitch + i, pitch, to + i * phases + phase, phases);
            }
        }
    }
    for (; i < count; i++) {
        for (long phase = 0; phase < phases; phase++) {
            to[i * phases + phase] = from[phase * pitch + i];
        }
    }
}
