#pragma once

#include <stddef.h>

/// Zeroed memory on a 64-byte boundary or better, or NULL; from some megabytes on in large pages
/// where the system has them: planes are read a short run from each of many pages, and looking up
/// small pages cost a tenth of a net's time.
void *uk_pages_allocate(size_t bytes);

/// Gives back what `uk_pages_allocate` gave.
void uk_pages_free(void *memory);
