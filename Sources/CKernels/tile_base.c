#include "tile_sets.h"

#define LANES 4
#if defined(__aarch64__)
#define ROWS 8
#define COLUMNS 3
#else
#define ROWS 4
#define COLUMNS 2
#endif
#define SET_NAME "base"
#define NAME(x) x##_base
#include "tile_set.h"
