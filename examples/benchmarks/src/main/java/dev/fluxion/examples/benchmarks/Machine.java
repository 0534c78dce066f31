package dev.fluxion.examples.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;

/**
 * Where something was measured.
 *
 * @param processor its name, as the system tells
 * @param vector the widest vector instructions
 * @param processors how many the JVM sees
 * @param system the operating system
 * @param java the JVM
 * @param date the day
 * @param load how many others wanted to compute, the average of the minute before
 */
record Machine(String processor, String vector, int processors, String system, String java, String date, double load) {
    private static final double QUIET = 0.3;

    /** This machine, today. */
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
                Math.max(0, ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage()));
    }

    /** Whether others were so idle that times can be trusted. */
    boolean quiet() {
        return load <= QUIET;
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
