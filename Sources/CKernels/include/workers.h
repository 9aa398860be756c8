#pragma once

/// Threads that share numbered pieces of work; the calling thread is one of them.
typedef struct uk_workers uk_workers;

/// Does piece `index` on worker `worker`.
typedef void (*uk_work)(void *context, long index, long worker);

/// Starts `threads - 1` threads, or fewer where the system gives no more. NULL without memory.
uk_workers *uk_workers_create(long threads);

/// Ends the threads. No work may be under way.
void uk_workers_destroy(uk_workers *workers);

/// Runs pieces 0 ..< count, each once, and returns when all are done. The caller is worker 0.
/// Calls from several threads take turns.
void uk_workers_run(uk_workers *workers, long count, uk_work work, void *context);
