import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.IOException;

/** Something to do with a cache, many times, from one thread or from several. */
abstract class Workload {
    /** How many different keys are in use. */
    static final int KEYS = 100_000;

    /** The length of a sequence of requests; a power of two. */
    static final int LENGTH = 1 << 20;

    /** How many operations one thread does in one sample. */
    abstract int operations();

    /** Does all operations of one sample, starting at a place of the sequence; returns the number of hits. */
    abstract long run(int start);

    /** How many of the operations of one sample have to hit. */
    abstract long expectedHits();

    static Workload named(String name, boolean byCaller) throws IOException {
        switch (name) {
            case "int": return new IntReads(byCaller);
            case "string": return new StringReads(byCaller);
            case "mixed": return new Mixed(byCaller);
            case "evict_write": return new EvictingWrites(byCaller);
            default: throw new IllegalArgumentException("There is no workload " + name);
        }
    }

    /**
     * A cache. `byCaller` has maintenance done by the thread that made it necessary; otherwise the common pool does
     * it, which is Caffeine's default.
     */
    static <K, V> Cache<K, V> cache(long capacity, boolean byCaller) {
        Caffeine<Object, Object> builder = Caffeine.newBuilder().maximumSize(capacity);
        return byCaller ? builder.executor(Runnable::run).build() : builder.build();
    }

    /** Reads that hit, of keys that are boxed for each call, as callers that have a long do. */
    private static final class IntReads extends Workload {
        private final Cache<Long, Long> cache;
        private final long[] sequence;

        IntReads(boolean byCaller) throws IOException {
            cache = cache(KEYS, byCaller);
            for (long i = 0; i < KEYS; i++) { cache.put(i, i); }
            cache.cleanUp();
            sequence = Keys.requests(KEYS, LENGTH);
        }

        @Override int operations() { return 4 * sequence.length; }
        @Override long expectedHits() { return operations(); }

        @Override long run(int start) {
            long hits = 0;
            int position = start % sequence.length;
            for (int i = 0, end = operations(); i < end; i++) {
                Long value = cache.getIfPresent(sequence[position]);
                if (value != null && value >= 0) { hits++; }
                if (++position == sequence.length) { position = 0; }
            }
            return hits;
        }
    }

    /** Reads that hit, of string keys that equal the ones in the cache, but are not the same objects. */
    private static final class StringReads extends Workload {
        private final Cache<String, Long> cache;
        private final String[] sequence = new String[LENGTH];

        StringReads(boolean byCaller) {
            cache = cache(KEYS + KEYS / 4, byCaller);
            String[] texts = new String[KEYS];
            for (int i = 0; i < KEYS; i++) {
                cache.put(Keys.text(i), (long) i);
                texts[i] = Keys.text(i);
            }
            int[] indices = Keys.zipf(KEYS, LENGTH);
            for (int i = 0; i < LENGTH; i++) { sequence[i] = texts[indices[i]]; }
        }

        @Override int operations() { return 4 * LENGTH; }
        @Override long expectedHits() { return operations(); }

        @Override long run(int start) {
            long hits = 0;
            for (int i = start, end = start + operations(); i < end; i++) {
                Long value = cache.getIfPresent(sequence[i & (LENGTH - 1)]);
                if (value != null && value >= 0) { hits++; }
            }
            return hits;
        }
    }

    /** Three reads that hit, then a write that replaces a value. */
    private static final class Mixed extends Workload {
        private final Cache<Long, Long> cache;
        private final long[] sequence = new long[LENGTH];

        Mixed(boolean byCaller) {
            cache = cache(KEYS + KEYS / 4, byCaller);
            for (long i = 0; i < KEYS; i++) { cache.put(Keys.number(i), i); }
            int[] indices = Keys.zipf(KEYS, LENGTH);
            for (int i = 0; i < LENGTH; i++) { sequence[i] = Keys.number(indices[i]); }
        }

        @Override int operations() { return 2 * LENGTH; }
        @Override long expectedHits() { return operations() / 4 * 3; }

        @Override long run(int start) {
            long hits = 0;
            for (int i = 0, end = operations(); i < end; i++) {
                long key = sequence[(start + i) & (LENGTH - 1)];
                if ((i & 3) == 3) {
                    cache.put(key, (long) i);
                } else {
                    Long value = cache.getIfPresent(key);
                    if (value != null && value >= 0) { hits++; }
                }
            }
            return hits;
        }
    }

    /** Writes of ten times as many keys as fit; nine of ten evict. */
    private static final class EvictingWrites extends Workload {
        private final Cache<Long, Long> cache;
        private final long[] sequence = new long[LENGTH];

        EvictingWrites(boolean byCaller) {
            cache = cache(KEYS, byCaller);
            int[] indices = Keys.uniform(10 * KEYS, LENGTH);
            for (int i = 0; i < LENGTH; i++) { sequence[i] = Keys.number(indices[i]); }
        }

        @Override int operations() { return LENGTH; }
        @Override long expectedHits() { return 0; }

        @Override long run(int start) {
            for (int i = start, end = start + operations(); i < end; i++) {
                cache.put(sequence[i & (LENGTH - 1)], (long) i);
            }
            return 0;
        }
    }
}
