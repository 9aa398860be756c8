#pragma once

/// Threads that share numbered pieces of work; the calling thread is one of them.
typedef struct uk_workers uk_workers;

/// Starts `threads - 1` threads, or fewer where the system gives no more. NULL without memory.
///
/// The first `used` take part, the calling one among them; the others sleep.
uk_workers *uk_workers_create(long threads, long used);

/// Lets so many threads take part from the next run on, where fewer did. Any thread may call it.
void uk_workers_use(uk_workers *workers, long threads);

/// Ends the threads. No work may be under way.
void uk_workers_destroy(uk_workers *workers);

// uk_workers_run takes a Swift closure; WorkerPool.swift declares it.
