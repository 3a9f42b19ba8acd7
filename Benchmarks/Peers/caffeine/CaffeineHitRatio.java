import com.github.benmanes.caffeine.cache.Cache;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.Locale;

/**
 * Replays a trace of u64 keys from the standard input with the capacities that are the arguments.
 *
 * Prints JSON of the form of `larder simulate --output json` as the last line.
 */
public final class CaffeineHitRatio {
    private CaffeineHitRatio() {}

    public static void main(String[] arguments) throws Exception {
        LongBuffer trace;
        try (InputStream input = System.in) {
            trace = ByteBuffer.wrap(input.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer();
        }
        StringBuilder json = new StringBuilder("[");
        for (String argument : arguments) {
            long capacity = Long.parseLong(argument);
            long hits = replay(trace, capacity);
            json.append(json.length() > 1 ? ", " : "").append(String.format(Locale.ROOT,
                "{\"policy\": \"caffeine\", \"capacity\": %d, \"requests\": %d, \"hits\": %d}",
                capacity, trace.limit(), hits));
        }
        System.out.println(json.append("]"));
    }

    /** Counts the hits; maintenance is done by the caller, so that the result does not depend on the scheduler. */
    private static long replay(LongBuffer trace, long capacity) {
        Cache<Long, Boolean> cache = Workload.cache(capacity, true);
        long hits = 0;
        for (int i = 0; i < trace.limit(); i++) {
            long key = trace.get(i);
            if (cache.getIfPresent(key) != null) { hits++; } else { cache.put(key, true); }
        }
        return hits;
    }
}
