// What happens to finished sums on their way to the output. Included after slab_template.h.

// Kept apart so that each loop is free of conditions. The pragma says that no value depends on
// another's: true also where the sums lie in the output itself.
#define FINISH_LOOP(value)                              \
    _Pragma("clang loop vectorize(assume_safety)")      \
    for (long i = 0; i < count; i++) { to[i] = value; }

void NAME(finish_row)(const uk_finish *f, const float *from, float *to, long count, long at) {
    const float bias = f->bias;
    const float *before = f->before == NULL ? NULL : f->before + at;
    const float *after = f->after == NULL ? NULL : f->after + at;
    to += at;
    const bool relu = f->op == UK_UNARY_RELU;
    const bool plain = before == NULL && after == NULL && f->scale == 1 && f->shift == 0;
    if (f->stream && plain && (relu || f->op == UK_UNARY_COPY) && (uintptr_t)to % sizeof(vector) == 0) {
        typedef float whole __attribute__((vector_size(4 * LANES)));
        typedef int bits __attribute__((vector_size(4 * LANES)));
        long i = 0;
        for (; i + LANES <= count; i += LANES) {
            const whole v = (whole)(load(from + i) + bias);
            const bits keep = relu ? ~(v < 0) : ~(bits){};
            __builtin_nontemporal_store((whole)((bits)v & keep), (whole *)(to + i));
        }
        for (; i < count; i++) { to[i] = relu && from[i] + bias < 0 ? 0 : from[i] + bias; }
        return;
    }
    if (before == NULL && relu) {
        FINISH_LOOP(from[i] + bias < 0 ? 0 : from[i] + bias)
    } else if (before == NULL) {
        FINISH_LOOP(from[i] + bias)
    } else if (relu) {
        FINISH_LOOP(from[i] + bias + before[i] < 0 ? 0 : from[i] + bias + before[i])
    } else {
        FINISH_LOOP(from[i] + bias + before[i])
    }
    if (!relu && f->op != UK_UNARY_COPY) { NAME(unary)(f->op, to, to, count, f->alpha, f->beta); }
    if (f->scale != 1 || f->shift != 0) { FINISH_LOOP(to[i] * f->scale + f->shift) }
    if (after != NULL) { FINISH_LOOP(to[i] + after[i]) }
}

#undef FINISH_LOOP

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
    for (; i < count; i++) {
        for (long phase = 0; phase < phases; phase++) {
            to[i * phases + phase] = from[phase * pitch + i];
        }
    }
}
