import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Measures Caffeine with the workloads of memory-cache-benchmark.
 *
 * Prints a table, and a JSON object as the last line. Each workload runs in a process of its own, so that none spoils
 * what the compiler has learnt about another one.
 */
public final class CaffeineBenchmark {
    private static final List<String> WORKLOADS = List.of("int", "string", "mixed", "evict_write");
    private static final int PROCESSES_FOR_MEMORY = 5;

    private CaffeineBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        Report report = new Report();
        if (arguments.length == 0) {
            System.out.println("Caffeine from " + jar() + ", Java " + System.getProperty("java.version"));
            measureAll(report);
            report.finish();
        } else {
            measure(arguments[0], arguments[1], report);
            report.printSamples();
        }
    }

    private static void measureAll(Report report) throws Exception {
        runProcess("cache_line", "-", report);
        for (String workload : WORKLOADS) { runProcess("pool", workload, report); }
        runProcess("caller", "int", report);
        runProcess("latency", "-", report);
        for (int i = 0; i < PROCESSES_FOR_MEMORY; i++) {
            runProcess("memory", "int", report);
            runProcess("memory", "blob", report);
        }
    }

    private static void measure(String what, String name, Report report) throws Exception {
        switch (what) {
            case "cache_line": CacheLine.measure(report); break;
            case "pool": Throughput.measure(name, false, report); break;
            case "caller": Throughput.measure(name, true, report); break;
            case "latency": Latency.measure(report); break;
            case "memory": MemoryGrowth.measure(name, report); break;
            default: throw new IllegalArgumentException("There is no measurement " + what);
        }
    }

    private static void runProcess(String what, String name, Report report) throws Exception {
        Process process = new ProcessBuilder(
            System.getProperty("java.home") + "/bin/java", "-cp", System.getProperty("java.class.path"),
            CaffeineBenchmark.class.getName(), what, name
        ).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try (BufferedReader lines = new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) { report.read(line); }
        }
        int status = process.waitFor();
        if (status != 0) { throw new IllegalStateException(what + " " + name + " ended with status " + status); }
    }

    private static String jar() throws Exception {
        return new File(Caffeine.class.getProtectionDomain().getCodeSource().getLocation().toURI())
            .getCanonicalFile().getName();
    }
}
