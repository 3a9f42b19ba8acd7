import com.github.benmanes.caffeine.cache.Cache;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Measures what an entry takes, in a process that does nothing else. */
final class MemoryGrowth {
    private static final int ENTRIES = 1_000_000;

    private MemoryGrowth() {}

    /** Reports bytes per entry: growth of the process, and live objects in the heap. */
    static void measure(String name, Report report) throws Exception {
        fill(name, 1_000); // So that classes and their code are not counted.
        settle();
        long resident = residentBytes();
        long live = liveBytes();
        Cache<Object, Object> cache = fill(name, ENTRIES);
        settle();
        report.add("caffeine_bytes_" + name, (double) (residentBytes() - resident) / ENTRIES);
        report.add("caffeine_heap_bytes_" + name, (double) (liveBytes() - live) / ENTRIES);
        if (cache.estimatedSize() != ENTRIES) {
            throw new IllegalStateException(cache.estimatedSize() + " entries instead of " + ENTRIES);
        }
    }

    private static Cache<Object, Object> fill(String name, int count) {
        Cache<Object, Object> cache = Workload.cache(count, false);
        boolean isBlob = name.equals("blob");
        for (int i = 0; i < count; i++) {
            if (isBlob) {
                byte[] value = new byte[100];
                Arrays.fill(value, (byte) i);
                cache.put(Keys.text(i), value);
            } else {
                cache.put(Keys.number(i), Keys.number(~i));
            }
        }
        cache.cleanUp();
        return cache;
    }

    private static void settle() throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            System.gc();
            Thread.sleep(100);
        }
    }

    private static long liveBytes() {
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static long residentBytes() throws Exception {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"), StandardCharsets.US_ASCII)) {
            if (line.startsWith("VmRSS:")) { return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024; }
        }
        throw new IllegalStateException("/proc/self/status has no VmRSS");
    }
}
