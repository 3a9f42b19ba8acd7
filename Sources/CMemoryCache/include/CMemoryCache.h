// What the memory cache needs of C: a variable per thread, and a barrier that only one side pays for.

#ifndef C_MEMORY_CACHE_H
#define C_MEMORY_CACHE_H

#include <stdbool.h>

#include "CMemoryCacheGroup.h"

#if defined(__linux__)
extern _Thread_local long larder_thread_number_storage __attribute__((tls_model("initial-exec")));
#else
extern _Thread_local long larder_thread_number_storage;
#endif

/// The number that the calling thread was given, or 0.
static inline __attribute__((always_inline)) long larder_thread_number(void) { return larder_thread_number_storage; }

/// Gives the calling thread a number.
void larder_set_thread_number(long number);

/// Keeps the compiler, but not the processor, from moving a load before this point or a store past it.
static inline __attribute__((always_inline)) void larder_compiler_barrier(void) {
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
}

/// Whether the system grants `larder_barrier`.
bool larder_has_barrier(void);

/// Has each thread of the process pass a full memory barrier before this returns; false if that could not be.
bool larder_barrier(void);

#endif
