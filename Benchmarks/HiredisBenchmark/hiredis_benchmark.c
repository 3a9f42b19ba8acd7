// Measures hiredis, with explicit pipelines on one connection: `depth` commands are sent in one piece, then their
// replies are read.
//
// usage: hiredis_benchmark PORT get|set|mget SIZE DEPTH SECONDS
// prints: OPERATIONS_PER_SECOND CPU_MICROSECONDS_PER_OPERATION P50_MICROSECONDS P99_MICROSECONDS
#include <hiredis/hiredis.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { key_count = 10000, batch_size = 50, sample_limit = 4000000 };

static uint64_t nanoseconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static uint64_t cpu_nanoseconds(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return ((uint64_t)usage.ru_utime.tv_sec + (uint64_t)usage.ru_stime.tv_sec) * 1000000000u +
           ((uint64_t)usage.ru_utime.tv_usec + (uint64_t)usage.ru_stime.tv_usec) * 1000u;
}

static uint64_t random_state = 88172645463325252u;

static unsigned next_key(void) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (unsigned)(random_state % key_count);
}

static int compare(const void *left, const void *right) {
    uint32_t one = *(const uint32_t *)left, two = *(const uint32_t *)right;
    return (one > two) - (one < two);
}

int main(int argument_count, char **arguments) {
    if (argument_count != 6) return 2;
    const char *operation = arguments[2];
    int size = atoi(arguments[3]), depth = atoi(arguments[4]);
    double seconds = atof(arguments[5]);
    redisContext *connection = redisConnect("127.0.0.1", atoi(arguments[1]));
    if (!connection || connection->err) return 1;
    char *value = malloc((size_t)size);
    memset(value, 'z', (size_t)size);
    uint32_t *samples = malloc(sizeof(uint32_t) * sample_limit);
    static char keys[batch_size][32];
    size_t sample_count = 0, operations = 0;
    uint64_t start = nanoseconds(), cpu_start = cpu_nanoseconds(), end = start + (uint64_t)(seconds * 1e9);
    while (nanoseconds() < end) {
        uint64_t begin = nanoseconds();
        for (int index = 0; index < depth; index++) {
            const char *words[batch_size + 1];
            size_t lengths[batch_size + 1];
            int count = operation[0] == 'm' ? batch_size : 1;
            for (int word = 0; word < count; word++) {
                lengths[word + 1] = (size_t)snprintf(keys[word], 32, "key:%d:%06u", size, next_key());
                words[word + 1] = keys[word];
            }
            words[0] = operation[0] == 'm' ? "MGET" : operation[0] == 's' ? "SET" : "GET";
            lengths[0] = strlen(words[0]);
            if (operation[0] == 's') {
                words[2] = value;
                lengths[2] = (size_t)size;
                count = 2;
            }
            redisAppendCommandArgv(connection, count + 1, words, lengths);
        }
        for (int index = 0; index < depth; index++) {
            redisReply *reply = NULL;
            if (redisGetReply(connection, (void **)&reply) != REDIS_OK || reply->type == REDIS_REPLY_ERROR) return 1;
            freeReplyObject(reply);
            if (sample_count < sample_limit) samples[sample_count++] = (uint32_t)(nanoseconds() - begin);
        }
        operations += (size_t)depth;
    }
    double elapsed = (double)(nanoseconds() - start), cpu = (double)(cpu_nanoseconds() - cpu_start);
    qsort(samples, sample_count, sizeof(uint32_t), compare);
    printf("%f %f %f %f\n", (double)operations / elapsed * 1e9, cpu / (double)operations / 1e3,
           samples[sample_count / 2] / 1e3, samples[sample_count * 99 / 100] / 1e3);
    return 0;
}
