#pragma once

#include "vector_math.h"
#include "workers.h"
