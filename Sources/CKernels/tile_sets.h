#pragma once

#include "tile_kernels.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
extern const uk_kernel_set uk_set_avx512;
extern const uk_kernel_set uk_set_avx2;
#endif
extern const uk_kernel_set uk_set_base;
