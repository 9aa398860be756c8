#pragma once

#include <stddef.h>

/// Memory of zeros from the system, in large pages where it can, none of which is touched: a page
/// costs what it costs when it is first used, by whichever thread does. NULL where there is no such
/// memory.
void *uk_map(size_t bytes);

/// Gives back what ``uk_map`` gave.
void uk_unmap(void *start, size_t bytes);

/// Asks for floats that will be read soon; they need not exist.
void uk_fetch(const float *start, long count);
