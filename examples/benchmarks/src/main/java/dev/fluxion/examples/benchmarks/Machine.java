package dev.fluxion.examples.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where something was measured.
 *
 * @param processor its name, as the system tells
 * @param vector the widest vector instructions
 * @param processors how many the JVM sees
 * @param system the operating system
 * @param java the JVM
 * @param date the day
 * @param busy how many processors others kept busy just before
 */
record Machine(String processor, String vector, int processors, String system, String java, String date, double busy) {
    private static final double QUIET = 0.3;
    private static final int IDLE = 3;
    private static final int IO_WAIT = 4;
    private static final int KINDS = 8;
    private static final Duration WATCHED = Duration.ofSeconds(2);

    /** This machine, today; it is watched for some seconds, in which the caller should do nothing. */
    static Machine here() {
        String flags = line("flags") + " ";
        String vector = List.of("avx512f", "avx2", "avx").stream()
                .filter(name -> flags.contains(" " + name + " "))
                .findFirst()
                .orElse("");
        return new Machine(
                line("model name"),
                vector,
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.name") + " " + System.getProperty("os.arch"),
                System.getProperty("java.vm.name") + " " + System.getProperty("java.version"),
                LocalDate.now(ZoneOffset.UTC).toString(),
                watch());
    }

    /** Whether others were so idle that times can be trusted. */
    boolean quiet() {
        return busy <= QUIET;
    }

    /** The load average would also tell of the minute before, in which this program may have been built. */
    private static double watch() {
        try {
            long[] before = ticks();
            Thread.sleep(WATCHED.toMillis());
            long[] after = ticks();
            long all = Arrays.stream(after).sum() - Arrays.stream(before).sum();
            long idle = after[IDLE] - before[IDLE] + after[IO_WAIT] - before[IO_WAIT];
            return all == 0
                    ? 0
                    : (1 - (double) idle / all) * Runtime.getRuntime().availableProcessors();
        } catch (IOException e) {
            return 0; // another system
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    /** What processors spent their time with, by kind; what guests got is counted in others. */
    private static long[] ticks() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/stat"))) {
            String all = lines.findFirst().orElseThrow(IOException::new);
            return Arrays.stream(all.split("\\s+"))
                    .skip(1)
                    .limit(KINDS)
                    .mapToLong(Long::parseLong)
                    .toArray();
        }
    }

    private static String line(String key) {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                    .filter(line -> line.startsWith(key))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .map(value -> key.equals("flags") ? " " + value : value)
                    .findFirst()
                    .orElse("");
        } catch (IOException e) {
            return ""; // another system
        }
    }
}
