import com.github.benmanes.caffeine.cache.Cache;
import java.util.Arrays;

/** Measures the slowest calls: reads by Zipf's law, and a write after each miss, of ten times as many keys as fit. */
final class Latency {
    private static final int SAMPLES = 7;
    private static final int OPERATIONS = Workload.LENGTH;

    private Latency() {}

    /** Reports percentiles of single calls in nanoseconds; they contain the two readings of the clock. */
    static void measure(Report report) {
        Cache<Long, Long> cache = Workload.cache(Workload.KEYS, false);
        int[] indices = Keys.zipf(10 * Workload.KEYS, Workload.LENGTH);
        long[] nanoseconds = new long[OPERATIONS];
        for (int sample = -SAMPLES; sample < SAMPLES; sample++) {
            for (int i = 0; i < OPERATIONS; i++) {
                long key = Keys.number(indices[i]);
                long start = System.nanoTime();
                if (cache.getIfPresent(key) == null) { cache.put(key, key); }
                nanoseconds[i] = System.nanoTime() - start;
            }
            if (sample < 0) { continue; } // Warm-up.
            Arrays.sort(nanoseconds);
            report.add("caffeine_tail_p50_ns", nanoseconds[OPERATIONS / 2]);
            report.add("caffeine_tail_p99_ns", nanoseconds[(int) (OPERATIONS * 0.99)]);
            report.add("caffeine_tail_p999_ns", nanoseconds[(int) (OPERATIONS * 0.999)]);
            report.add("caffeine_tail_p9999_ns", nanoseconds[(int) (OPERATIONS * 0.9999)]);
        }
    }
}
