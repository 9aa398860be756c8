// For madvise, which plain C17 leaves out.
#define _DEFAULT_SOURCE

#include "pages.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__linux__)
#include <sys/mman.h>
#endif

void *uk_pages_allocate(size_t bytes) {
    const size_t line = 64, page = 2 << 20;
    const size_t unit = bytes >= 2 * page ? page : line;
    if (bytes > SIZE_MAX - unit) { return NULL; }
    const size_t size = bytes == 0 ? unit : (bytes + unit - 1) / unit * unit;
    void *memory = NULL;
    if (posix_memalign(&memory, unit, size) != 0) { return NULL; }
#if defined(__linux__)
    // Only a wish: without large pages everything works as well, just slower.
    if (unit == page) { (void)madvise(memory, size, MADV_HUGEPAGE); }
#endif
    memset(memory, 0, size);
    return memory;
}

void uk_pages_free(void *memory) { free(memory); }
