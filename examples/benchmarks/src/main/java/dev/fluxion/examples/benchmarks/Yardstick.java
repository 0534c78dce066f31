package dev.fluxion.examples.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A program that computes a net without any library around it: {@code PROGRAM cifar|mnist BATCH infer|train} prints
 * {@code median 1.23 ms min 1.20 ms}. It takes its turn like the libraries, but counts as none.
 */
final class Yardstick implements Runner {
    static final String NAME = "bare oneDNN";
    private static final Set<String> NETS = Set.of("cifar", "mnist");
    private static final Pattern TIMES = Pattern.compile("median ([0-9.]+) ms min ([0-9.]+) ms");

    private final Path program;
    private final int threads;
    private final double timeout;
    private @Nullable Cell cell;

    /**
     * A yardstick with a number of threads.
     *
     * @param timeout seconds after which the program is killed
     */
    Yardstick(Path program, int threads, double timeout) {
        this.program = program.toAbsolutePath();
        this.threads = threads;
        this.timeout = timeout;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public float[] open(Cell wanted) throws IOException {
        if (!NETS.contains(wanted.net())) {
            throw new IOException(Errors.unknownNet(wanted.net()));
        }
        cell = wanted;
        return new float[0];
    }

    /** One run of the program, which takes its own time. */
    @Override
    public Samples run(long millis) throws IOException {
        Cell current = cell;
        if (current == null) {
            throw new IOException(Errors.nothingOpen());
        }
        ProcessBuilder builder = new ProcessBuilder(List.of(
                program.toString(),
                current.net(),
                Integer.toString(current.batch()),
                current.mode().text()));
        builder.environment().put("OMP_NUM_THREADS", Integer.toString(threads));
        Process process = builder.redirectErrorStream(true).start();
        if (!ended(process)) {
            process.destroyForcibly();
            throw new IOException(Errors.timedOut(timeout));
        }
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String text = String.join(" ", out.lines().toList());
            Matcher times = TIMES.matcher(text);
            if (!times.find()) {
                throw new IOException(Errors.yardstick(text));
            }
            double median = Double.parseDouble(times.group(1)) * 1e3;
            return new Samples(1, Double.parseDouble(times.group(2)) * 1e3, median, median, median);
        }
    }

    /** Whether it ends in time; its few lines fit into the pipe. */
    private boolean ended(Process process) {
        try {
            return process.waitFor(Math.round(timeout * 1e3), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public String profile() {
        return "";
    }

    @Override
    public void done() {
        cell = null;
    }

    @Override
    public void close() {}
}
