#define _GNU_SOURCE
#include "memory.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

void uk_fetch(const float *start, long count) {
    for (long i = 0; i < count; i += 16) __builtin_prefetch(start + i);
}

// What large pages begin at.
enum { large_page = 1 << 21 };

void *uk_map(size_t bytes) {
    const size_t whole = bytes + large_page;
    if (whole < bytes) return NULL;
    char *const base =
        mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED) return NULL;
    char *const start = base + (-(uintptr_t)base & (large_page - 1));
    // Only whole pages of the ordinary size can be given back.
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const size_t kept = (bytes + page - 1) / page * page;
    if (start > base) munmap(base, (size_t)(start - base));
    if (start + kept < base + whole) munmap(start + kept, (size_t)(base + whole - start) - kept);
#if defined(MADV_HUGEPAGE)
    // They spare the address cache where a kernel jumps from plane to plane.
    madvise(start, kept, MADV_HUGEPAGE);
#endif
    return start;
}

void uk_unmap(void *start, size_t bytes) { munmap(start, bytes); }
