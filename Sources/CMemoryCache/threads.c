#include "CMemoryCache.h"

_Thread_local long larder_thread_number_storage = 0;

void larder_set_thread_number(long number) { larder_thread_number_storage = number; }

#if defined(__linux__)
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

bool larder_prepare_barrier(void) {
    return syscall(__NR_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
}

bool larder_barrier(void) { return syscall(__NR_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0; }
#else
bool larder_prepare_barrier(void) { return false; }

bool larder_barrier(void) { return false; }
#endif
