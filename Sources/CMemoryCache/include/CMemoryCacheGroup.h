// Looks at several slots of the cache's index at once.

#ifndef C_MEMORY_CACHE_GROUP_H
#define C_MEMORY_CACHE_GROUP_H

#include <stdbool.h>
#include <stdint.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/// How many slots are looked at together.
#define LARDER_GROUP 4

/// Which of the slots have the upper 12 bits `tag` has: a bit for each, the first one lowest.
static inline __attribute__((always_inline)) uint32_t larder_matches(const uint32_t *slots, uint32_t tag) {
#if defined(__SSE2__)
    __m128i group = _mm_loadu_si128((const __m128i *)slots);
    __m128i equal = _mm_cmpeq_epi32(_mm_srli_epi32(group, 20), _mm_set1_epi32((int)(tag >> 20)));
    return (uint32_t)_mm_movemask_ps((__m128)equal);
#else
    uint32_t matches = 0;
    for (int i = 0; i < LARDER_GROUP; i++) { matches |= (uint32_t)((slots[i] ^ tag) >> 20 == 0) << i; }
    return matches;
#endif
}

/// Whether one of the slots is zero.
static inline __attribute__((always_inline)) bool larder_has_free(const uint32_t *slots) {
#if defined(__SSE2__)
    __m128i group = _mm_loadu_si128((const __m128i *)slots);
    return _mm_movemask_epi8(_mm_cmpeq_epi32(group, _mm_setzero_si128())) != 0;
#else
    return slots[0] == 0 || slots[1] == 0 || slots[2] == 0 || slots[3] == 0;
#endif
}

#endif
