import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Keys and the order in which they are asked for; the same in each run. */
final class Keys {
    private Keys() {}

    /** The key with a number: 64 bits without a pattern, no two alike (the finalizer of SplitMix64). */
    static long number(long index) {
        long z = index + 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** The key with a number, as a string of 20 bytes. */
    static String text(long index) {
        return String.format("key:%016x", number(index));
    }

    /** Draws indices by Zipf's law with an exponent of 0.99. */
    static int[] zipf(int count, int length) {
        double[] cumulative = new double[count];
        double sum = 0;
        for (int rank = 0; rank < count; rank++) {
            sum += Math.pow(rank + 1, -0.99);
            cumulative[rank] = sum;
        }
        SplittableRandom random = new SplittableRandom(1);
        int[] indices = new int[length];
        for (int i = 0; i < length; i++) {
            int found = Arrays.binarySearch(cumulative, random.nextDouble() * sum);
            indices[i] = Math.min(found < 0 ? -found - 1 : found, count - 1);
        }
        return indices;
    }

    /**
     * The requests of the workload `int`: those in the file that the environment variable REQUESTS names, as 64-bit
     * numbers in little-endian order, so that another benchmark can have its own asked for; else drawn by Zipf's law, with
     * the frequent keys scattered among the others.
     */
    static long[] requests(int count, int length) throws IOException {
        String file = System.getenv("REQUESTS");
        if (file != null) {
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(Path.of(file))).order(ByteOrder.LITTLE_ENDIAN);
            long[] requests = new long[bytes.remaining() / 8];
            bytes.asLongBuffer().get(requests);
            return requests;
        }
        int[] scattered = IntStream.range(0, count).toArray();
        SplittableRandom random = new SplittableRandom(3);
        for (int i = count - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int number = scattered[i];
            scattered[i] = scattered[other];
            scattered[other] = number;
        }
        return Arrays.stream(zipf(count, length)).mapToLong(index -> scattered[index]).toArray();
    }

    /** Draws indices of which each is as frequent as any other. */
    static int[] uniform(int count, int length) {
        return new SplittableRandom(2).ints(length, 0, count).toArray();
    }
}
