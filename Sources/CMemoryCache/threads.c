#include "CMemoryCache.h"

_Thread_local long larder_thread_number_storage = 0;

void larder_set_thread_number(long number) { larder_thread_number_storage = number; }

#if defined(__linux__) && __has_include(<linux/membarrier.h>)
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool has_barrier = false;

// While the program is loaded it has one thread, and the system grants this at once; later it takes some milliseconds.
__attribute__((constructor)) static void ask_for_barrier(void) {
    has_barrier = syscall(__NR_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
}

bool larder_has_barrier(void) { return has_barrier; }

bool larder_barrier(void) { return syscall(__NR_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0; }
#else
bool larder_has_barrier(void) { return false; }

bool larder_barrier(void) { return false; }
#endif
