#pragma once

#include <stddef.h>

/// Asks the system to back a block of memory with large pages where it can; a wish, nothing more.
void uk_prefer_large_pages(void *start, size_t bytes);

/// Asks for floats that will be read soon; they need not exist.
void uk_fetch(const float *start, long count);
