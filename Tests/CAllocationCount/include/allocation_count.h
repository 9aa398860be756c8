#pragma once

/// Whether allocations can be counted here: with glibc, whose own functions can be called by
/// another name.
int ac_available(void);

/// Starts counting this thread's allocations from zero.
void ac_start(void);

/// Stops counting and tells how many there were.
long ac_stop(void);
