#include "tile_sets.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma,bmi,bmi2"))), apply_to = function)
#define LANES 8
#define ROWS 4
#define COLUMNS 2
#define SET_NAME "avx2"
#define NAME(x) x##_avx2
#include "tile_set.h"
#pragma clang attribute pop
#endif
