/** Measures how long a cache line takes from one processor to the other. */
final class CacheLine {
    private static final int TURNS = 200_000;
    private static volatile int turn;

    private CacheLine() {}

    /** Reports the nanoseconds of one transfer: half of a message from one thread to the other and back. */
    static void measure(Report report) throws InterruptedException {
        if (Runtime.getRuntime().availableProcessors() < 2) { return; }
        for (int sample = -2; sample < 7; sample++) {
            turn = 0;
            Thread other = new Thread(() -> play(1));
            other.start();
            long start = System.nanoTime();
            play(0);
            other.join();
            if (sample >= 0) { report.add("java_cache_line_ns", (double) (System.nanoTime() - start) / TURNS); }
        }
    }

    private static void play(int parity) {
        for (int i = parity; i < TURNS; i += 2) {
            while (turn != i) { Thread.onSpinWait(); }
            turn = i + 1;
        }
    }
}
