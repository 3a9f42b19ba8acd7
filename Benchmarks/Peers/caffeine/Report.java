import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Collects samples of figures, and prints their medians. */
final class Report {
    private static final String MARK = "sample ";
    private final Map<String, List<Double>> samples = new LinkedHashMap<>();

    void add(String name, double value) {
        samples.computeIfAbsent(name, unused -> new ArrayList<>()).add(value);
    }

    /** Prints each sample on a line that `read` understands. */
    void printSamples() {
        samples.forEach((name, values) -> values.forEach(value -> System.out.println(MARK + name + " " + value)));
    }

    /** Takes a line that another process printed; prints it if it is not a sample. */
    void read(String line) {
        if (line.startsWith(MARK)) {
            String[] words = line.split(" ");
            add(words[1], Double.parseDouble(words[2]));
        } else {
            System.out.println(line);
        }
    }

    /** Prints a table, and a JSON object of the medians as the last line. */
    void finish() {
        System.out.printf("%-34s%12s%12s%12s%n", "figure", "median", "lowest", "highest");
        samples.forEach((name, values) -> {
            Collections.sort(values);
            System.out.printf(Locale.ROOT, "%-34s%12.2f%12.2f%12.2f%n",
                name, median(values), values.get(0), values.get(values.size() - 1));
        });
        System.out.println(samples.entrySet().stream()
            .map(sample -> String.format(Locale.ROOT, "\"%s\": %.2f", sample.getKey(), median(sample.getValue())))
            .collect(Collectors.joining(", ", "{", "}")));
    }

    private static double median(List<Double> sorted) {
        return sorted.get(sorted.size() / 2);
    }
}
