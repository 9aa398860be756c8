#include "tile_sets.h"

#if defined(__x86_64__)
// Named one by one: the level x86-64-v4 would make the compiler prefer 256 bits.
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,bmi,bmi2"))), \
    apply_to = function)
#define LANES 16
#define ROWS 8
#define COLUMNS 3
#define SET_NAME "avx512"
#define NAME(x) x##_avx512
#include "tile_set.h"
#pragma clang attribute pop
#endif
