#pragma once
#include <stddef.h>
#include <stdint.h>

// The entry to libFuzzer for programs with a main of their own; see "Using libFuzzer as a library" in
// LLVM's documentation.
int LLVMFuzzerRunDriver(
    int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));
