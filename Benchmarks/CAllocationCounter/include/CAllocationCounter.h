#ifndef LARDER_ALLOCATION_COUNTER_H
#define LARDER_ALLOCATION_COUNTER_H

#include <stdint.h>

/// How many blocks of memory the calling thread has asked for since it began.
///
/// Always zero where allocations cannot be counted; see `allocation_counter_works`.
uint64_t allocation_counter_read(void);

/// Whether this system lets the counter stand in for `malloc`.
int allocation_counter_works(void);

/// How many bytes of the heap are in use; 0 where nobody knows.
uint64_t allocation_counter_bytes_in_use(void);

#endif
