// For the POSIX threads, which plain C17 leaves out.
#define _POSIX_C_SOURCE 200809L

#include "workers.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#if defined(__x86_64__)
#include <immintrin.h>
static inline void relax(void) { _mm_pause(); }
#elif defined(__aarch64__)
static inline void relax(void) { __asm__ volatile("isb"); }
#else
static inline void relax(void) {}
#endif

// How often an idle thread looks for work before it sleeps: some hundred microseconds, longer than most
// waits for the last piece of a layer, of which a net has tens, and than waking a core takes. Whoever
// waits longer waits for a thread that has lost its core to reading, synthesis or writing, and gives
// them its own: a track of minutes took 5 % longer with ten times as many looks.
enum { spins = 5000 };

// What a Swift closure of two integers without a result is in memory: its code, which takes what it
// captured in a register of its own, and that. Taken apart here because a closure that is known not
// to outlive a call may not be stored by Swift, unless it is wrapped in memory asked for each time.
typedef __attribute__((swiftcall)) void (*closure_code)(
    long index, long worker, __attribute__((swift_context)) void *captured);

// The pieces that a worker begins with: neighbours of each other, and from one job to the next those
// of the same place, so that it finds in its own caches what it wrote there.
typedef struct share {
    _Alignas(64) atomic_long next;
    long end;
} share;

struct uk_workers {
    pthread_mutex_t turn;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_cond_t done;
    // Tells threads that were left out so far that they take part from now on.
    pthread_cond_t more;
    // Counts the jobs; a worker that sees it change takes part in the new one.
    atomic_ulong job;
    share *shares;
    // Workers that have not yet left the job.
    atomic_long busy;
    atomic_bool ending;
    // How many threads are to take part, and how many do: it only grows, between two jobs.
    atomic_long wanted;
    long used;
    // The job before the first one of those that joined last.
    unsigned long joined;
    long sleeping;
    bool waiting;
    closure_code code;
    void *captured;
    long threads;
    pthread_t handles[];
};

typedef struct seat {
    uk_workers *workers;
    long worker;
} seat;

// Gives each worker pieces of its own.
static void share_out(uk_workers *w, long count) {
    for (long i = 0; i < w->used; i++) {
        atomic_store_explicit(&w->shares[i].next, count * i / w->used, memory_order_relaxed);
        w->shares[i].end = count * (i + 1) / w->used;
    }
}

// Runs a worker's own pieces, and then what others have not begun of theirs.
static void take_part(uk_workers *w, long worker) {
    for (long i = 0; i < w->used; i++) {
        share *from = &w->shares[(worker + i) % w->used];
        for (;;) {
            long index = atomic_fetch_add_explicit(&from->next, 1, memory_order_relaxed);
            if (index >= from->end) { break; }
            w->code(index, worker, w->captured);
        }
    }
}

static void *serve(void *argument) {
    seat mine = *(seat *)argument;
    free(argument);
    uk_workers *w = mine.workers;
    pthread_mutex_lock(&w->lock);
    while (mine.worker >= w->used && !atomic_load(&w->ending)) {
        pthread_cond_wait(&w->more, &w->lock);
    }
    unsigned long seen = w->joined;
    pthread_mutex_unlock(&w->lock);
    for (;;) {
        for (int i = 0; i < spins && atomic_load_explicit(&w->job, memory_order_acquire) == seen;
             i++) {
            relax();
        }
        if (atomic_load_explicit(&w->job, memory_order_acquire) == seen) {
            pthread_mutex_lock(&w->lock);
            w->sleeping++;
            while (atomic_load_explicit(&w->job, memory_order_acquire) == seen) {
                pthread_cond_wait(&w->wake, &w->lock);
            }
            w->sleeping--;
            pthread_mutex_unlock(&w->lock);
        }
        seen = atomic_load_explicit(&w->job, memory_order_acquire);
        if (atomic_load(&w->ending)) { return NULL; }
        take_part(w, mine.worker);
        if (atomic_fetch_sub_explicit(&w->busy, 1, memory_order_acq_rel) == 1) {
            pthread_mutex_lock(&w->lock);
            if (w->waiting) { pthread_cond_signal(&w->done); }
            pthread_mutex_unlock(&w->lock);
        }
    }
}

// Makes the new job visible and wakes whoever sleeps.
static void announce(uk_workers *w) {
    pthread_mutex_lock(&w->lock);
    atomic_fetch_add_explicit(&w->job, 1, memory_order_release);
    if (w->sleeping > 0) { pthread_cond_broadcast(&w->wake); }
    pthread_mutex_unlock(&w->lock);
}

uk_workers *uk_workers_create(long threads, long used) {
    if (threads < 1) { threads = 1; }
    uk_workers *w = calloc(1, sizeof *w + (size_t)threads * sizeof(pthread_t));
    if (w == NULL) { return NULL; }
    w->shares = aligned_alloc(_Alignof(share), (size_t)threads * sizeof(share));
    if (w->shares == NULL) {
        free(w);
        return NULL;
    }
    pthread_mutex_init(&w->turn, NULL);
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->wake, NULL);
    pthread_cond_init(&w->done, NULL);
    pthread_cond_init(&w->more, NULL);
    w->used = used;
    w->threads = 1;
    for (long i = 1; i < threads; i++) {
        seat *place = malloc(sizeof *place);
        if (place == NULL) { break; }
        *place = (seat){w, i};
        if (pthread_create(&w->handles[i], NULL, serve, place) != 0) {
            free(place);
            break;
        }
        w->threads++;
    }
    pthread_mutex_lock(&w->lock);
    if (w->used > w->threads) { w->used = w->threads; }
    pthread_mutex_unlock(&w->lock);
    return w;
}

void uk_workers_use(uk_workers *w, long threads) {
    if (w != NULL) { atomic_store(&w->wanted, threads < w->threads ? threads : w->threads); }
}

// Lets threads that were left out so far take part from the next job on.
static void join(uk_workers *w, long wanted) {
    pthread_mutex_lock(&w->lock);
    w->joined = atomic_load_explicit(&w->job, memory_order_relaxed);
    w->used = wanted;
    pthread_cond_broadcast(&w->more);
    pthread_mutex_unlock(&w->lock);
}

void uk_workers_destroy(uk_workers *w) {
    if (w == NULL) { return; }
    atomic_store(&w->ending, true);
    announce(w);
    pthread_mutex_lock(&w->lock);
    pthread_cond_broadcast(&w->more);
    pthread_mutex_unlock(&w->lock);
    for (long i = 1; i < w->threads; i++) { pthread_join(w->handles[i], NULL); }
    pthread_cond_destroy(&w->done);
    pthread_cond_destroy(&w->more);
    pthread_cond_destroy(&w->wake);
    pthread_mutex_destroy(&w->lock);
    pthread_mutex_destroy(&w->turn);
    free(w->shares);
    free(w);
}

// Runs pieces 0 ..< count, each once, and returns when all are done. The caller is worker 0. Calls
// from several threads take turns.
__attribute__((swiftcall)) void uk_workers_run(
    uk_workers *w, long count, closure_code code, void *captured) {
    if (w->threads == 1 || count < 2) {
        for (long i = 0; i < count; i++) { code(i, 0, captured); }
        return;
    }
    pthread_mutex_lock(&w->turn);
    const long wanted = atomic_load_explicit(&w->wanted, memory_order_relaxed);
    if (wanted > w->used) { join(w, wanted); }
    if (w->used == 1) {
        for (long i = 0; i < count; i++) { code(i, 0, captured); }
        pthread_mutex_unlock(&w->turn);
        return;
    }
    w->code = code;
    w->captured = captured;
    share_out(w, count);
    atomic_store_explicit(&w->busy, w->used - 1, memory_order_relaxed);
    announce(w);
    take_part(w, 0);
    for (int i = 0; i < spins && atomic_load_explicit(&w->busy, memory_order_acquire) > 0; i++) {
        relax();
    }
    if (atomic_load_explicit(&w->busy, memory_order_acquire) > 0) {
        pthread_mutex_lock(&w->lock);
        w->waiting = true;
        while (atomic_load_explicit(&w->busy, memory_order_acquire) > 0) {
            pthread_cond_wait(&w->done, &w->lock);
        }
        w->waiting = false;
        pthread_mutex_unlock(&w->lock);
    }
    pthread_mutex_unlock(&w->turn);
}
