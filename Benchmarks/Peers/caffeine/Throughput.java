import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicLong;

/** Measures how fast a workload runs, and how much processor time it takes. */
final class Throughput {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final int SAMPLES = 7;
    private static final long WARM_UP_NANOSECONDS = 3_000_000_000L;

    private final Workload workload;
    private final AtomicLong hits = new AtomicLong();
    private final AtomicLong callersTime = new AtomicLong();

    private Throughput(Workload workload) {
        this.workload = workload;
    }

    /**
     * Reports million operations a second in total, and nanoseconds of processor time per operation: of the calling
     * threads, and of the whole process.
     */
    static void measure(String name, boolean byCaller, Report report) throws Exception {
        Throughput throughput = new Throughput(Workload.named(name, byCaller));
        String prefix = "caffeine_" + (byCaller ? "caller_" : "") + name;
        int[] threads = {1, 2};
        long start = System.nanoTime();
        do {
            for (int count : threads) { throughput.sample(count); }
        } while (System.nanoTime() - start < WARM_UP_NANOSECONDS);

        for (int i = 0; i < SAMPLES; i++) {
            for (int count : threads) {
                long processorTime = processorTime();
                long elapsed = throughput.sample(count);
                double operations = (double) throughput.workload.operations() * count;
                report.add(prefix + "_mops_" + count + "t", operations / elapsed * 1e3);
                report.add(prefix + "_thread_ns_" + count + "t", throughput.callersTime.get() / operations);
                report.add(prefix + "_cpu_ns_" + count + "t", (processorTime() - processorTime) / operations);
            }
        }
    }

    /** Runs the workload once on each of some threads; returns the nanoseconds from the start to the last end. */
    private long sample(int count) throws Exception {
        CyclicBarrier begin = new CyclicBarrier(count + 1);
        CountDownLatch end = new CountDownLatch(count);
        hits.set(0);
        callersTime.set(0);
        for (int thread = 0; thread < count; thread++) {
            int start = Workload.LENGTH / 2 * thread + (thread == 0 ? 0 : 1);
            new Thread(() -> {
                try {
                    begin.await();
                    long before = THREADS.getCurrentThreadCpuTime();
                    hits.addAndGet(workload.run(start));
                    callersTime.addAndGet(THREADS.getCurrentThreadCpuTime() - before);
                } catch (Exception error) {
                    throw new IllegalStateException(error);
                } finally {
                    end.countDown();
                }
            }).start();
        }
        begin.await();
        long start = System.nanoTime();
        end.await();
        long elapsed = System.nanoTime() - start;
        if (hits.get() != workload.expectedHits() * count) {
            throw new IllegalStateException(hits + " hits instead of " + workload.expectedHits() * count);
        }
        return elapsed;
    }

    private static long processorTime() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
            .getProcessCpuTime();
    }
}
