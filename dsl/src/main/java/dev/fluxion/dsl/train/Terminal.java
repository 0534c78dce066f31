package dev.fluxion.dsl.train;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A terminal that shows what a program writes to standard output.
 *
 * @param unicode whether it can show signs that are not ASCII
 * @param width asks for the number of columns
 */
record Terminal(boolean unicode, IntSupplier width) {
    private static final int USUAL_WIDTH = 80;

    /** The terminal of this process, or null if it has none or wants none. */
    static @Nullable Terminal ofThisProcess() {
        return isWanted(System.getenv()) && isTerminal()
                ? new Terminal(charset().newEncoder().canEncode('█'), Terminal::columns)
                : null;
    }

    /** Whether standard output goes to a terminal. {@link System#console()} tells of both input and output, and not on each JVM. */
    private static boolean isTerminal() {
        try {
            return run(new ProcessBuilder("test", "-t", "1").redirectOutput(Redirect.INHERIT)) != null;
        } catch (IOException e) {
            return false;
        }
    }

    /** What standard output is written in. */
    private static Charset charset() {
        String usual = Charset.defaultCharset().name();
        return Charset.forName(System.getProperty("stdout.encoding", System.getProperty("sun.stdout.encoding", usual)));
    }

    static boolean isWanted(Map<String, String> environment) {
        return environment.getOrDefault("NO_COLOR", "").isEmpty()
                && environment.getOrDefault("CI", "").isEmpty()
                && !environment.getOrDefault("TERM", "").equals("dumb");
    }

    /** The number of columns now, as {@code stty} tells it, or the usual one. */
    private static int columns() {
        try {
            String told = run(new ProcessBuilder("stty", "size").redirectInput(new File("/dev/tty")));
            return told == null ? USUAL_WIDTH : columns(told);
        } catch (IOException e) {
            return USUAL_WIDTH;
        }
    }

    /** What a program writes, or null if it fails or takes long. */
    private static @Nullable String run(ProcessBuilder program) throws IOException {
        Process process = program.redirectError(Redirect.DISCARD).start();
        try {
            if (process.waitFor(1, TimeUnit.SECONDS) && process.exitValue() == 0) {
                return new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            process.destroy();
        }
        return null;
    }

    /** The second of two numbers, as in {@code 24 80}; the usual one if it is none or 0. */
    static int columns(String rowsAndColumns) {
        String[] numbers = rowsAndColumns.strip().split(" ");
        boolean told = numbers.length == 2 && numbers[1].matches("[1-9][0-9]{0,4}");
        return told ? Integer.parseInt(numbers[1]) : USUAL_WIDTH;
    }
}
