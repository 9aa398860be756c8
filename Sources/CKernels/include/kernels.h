#pragma once

#include "tile_kernels.h"
#include "memory.h"
#include "transpose.h"
#include "vector_math.h"
#include "workers.h"
