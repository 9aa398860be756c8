#define _GNU_SOURCE
#include "memory.h"

#include <stdint.h>
#include <sys/mman.h>

void uk_fetch(const float *start, long count) {
    for (long i = 0; i < count; i += 16) __builtin_prefetch(start + i);
}

void uk_prefer_large_pages(void *start, size_t bytes) {
#if defined(MADV_HUGEPAGE)
    // Only whole pages of the ordinary size inside the block may be named.
    const uintptr_t page = 4096;
    uintptr_t first = ((uintptr_t)start + page - 1) / page * page;
    uintptr_t end = ((uintptr_t)start + bytes) / page * page;
    if (end > first) madvise((void *)first, end - first, MADV_HUGEPAGE);
#else
    (void)start;
    (void)bytes;
#endif
}
