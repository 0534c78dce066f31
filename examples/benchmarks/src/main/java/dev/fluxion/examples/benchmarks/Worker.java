package dev.fluxion.examples.benchmarks;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The process of one library. It reads a command per line and answers with a line: {@code open CELL} with the values to
 * compare, {@code run MILLIS} with {@link Samples}, {@code profile}, {@code memory} with the peak of resident kilobytes,
 * {@code close}. An answer begins with {@value #ANSWER}, for native libraries print, too.
 *
 * <p>When its standard input ends, the process ends, in the middle of what it does: whoever started it is gone.
 */
final class Worker {
    static final String ANSWER = "@ ";
    static final String FAILURE = "! ";
    /** So many losses of training are compared. */
    static final int TRAINING_STEPS = 3;

    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    private final Library library;
    private @Nullable Session session;

    private Worker(Library library) {
        this.library = library;
    }

    /** Serves until its standard input ends. Arguments: the library and the number of threads. */
    public static void main(String[] args) throws InterruptedException {
        BlockingQueue<String> commands = new LinkedBlockingQueue<>();
        Thread reader = new Thread(() -> read(commands), "commands");
        reader.setDaemon(true);
        reader.start();
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        System.setOut(System.err);
        Worker worker = new Worker(Peer.named(args[0]).library(Integer.parseInt(args[1])));
        while (true) {
            out.println(worker.answer(commands.take()));
        }
    }

    private static void read(BlockingQueue<String> commands) {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            in.lines().forEach(commands::add);
        } catch (IOException | UncheckedIOException e) {
            LOG.error("commands", e);
        } finally {
            Runtime.getRuntime().halt(0);
        }
    }

    private String answer(String line) {
        try {
            return ANSWER + serve(line);
        } catch (IOException | RuntimeException | LinkageError e) {
            if (!(e instanceof UnsupportedOperationException)) {
                LOG.error("{}", line, e);
            }
            String message = e.getMessage() == null ? e.toString() : e.getMessage();
            return FAILURE + message.lines().findFirst().orElse("");
        }
    }

    private String serve(String line) throws IOException {
        String[] words = line.split(" ");
        return switch (words[0]) {
            case "open" -> open(Cell.parse(words[1]));
            case "run" ->
                Stopwatch.time(opened()::run, Long.parseLong(words[1])).line();
            case "profile" -> opened().profile().replace("\n", "\\n");
            case "memory" -> peakMemory();
            case "close" -> close();
            default -> throw new IllegalArgumentException(Errors.unknownCommand(line));
        };
    }

    private String open(Cell cell) {
        close();
        Problem problem = Problem.of(cell);
        if (cell.mode() == Cell.Mode.INFER) {
            Session opened = library.infer(problem);
            session = opened;
            opened.run();
            return line(opened.result());
        }
        Session opened = library.train(problem);
        session = opened;
        float[] losses = new float[TRAINING_STEPS];
        for (int i = 0; i < losses.length; i++) {
            opened.run();
            losses[i] = opened.result()[0];
        }
        return line(losses);
    }

    /** The open session. */
    private Session opened() {
        Session current = session;
        if (current == null) {
            throw new IllegalStateException(Errors.nothingOpen());
        }
        return current;
    }

    private String close() {
        Session current = session;
        session = null;
        if (current != null) {
            current.close();
        }
        return "";
    }

    private static String line(float[] values) {
        StringJoiner line = new StringJoiner(" ");
        for (float value : values) {
            line.add(String.format(Locale.ROOT, "%.9g", value));
        }
        return line.toString();
    }

    private static String peakMemory() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .map(line -> line.replaceAll("\\D", ""))
                .findFirst()
                .orElse("0");
    }
}
