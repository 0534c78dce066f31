package dev.fluxion.examples.benchmarks;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.InterruptedIOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A process of a library, as the comparison sees it; {@link Worker} is its other end. A process that does not answer in time
 * is killed.
 */
final class Child implements Runner {
    private final String name;
    private final double timeout;
    private final Process process;
    private final BufferedWriter commands;
    /** Lines that the process wrote; empty at their end. */
    private final BlockingQueue<Optional<String>> lines = new LinkedBlockingQueue<>();

    /**
     * Starts a process with a number of native threads.
     *
     * @param timeout seconds that an answer may take, besides the time that it was told to run
     */
    Child(Peer peer, int threads, double timeout) throws IOException {
        this(peer.title(), builder(peer, threads), timeout);
    }

    /** Starts a process that a command describes. */
    Child(String name, ProcessBuilder builder, double timeout) throws IOException {
        this.name = name;
        this.timeout = timeout;
        process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        commands = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
        Thread reader = new Thread(this::read, name);
        reader.setDaemon(true);
        reader.start();
    }

    private static ProcessBuilder builder(Peer peer, int threads) {
        ProcessBuilder builder = new ProcessBuilder(command(peer, threads));
        Map<String, String> environment = builder.environment();
        for (String runtime : List.of("OMP", "OPENBLAS", "MKL")) {
            environment.put(runtime + "_NUM_THREADS", Integer.toString(threads));
        }
        environment.put("OPT_OUT_TRACKING", "true"); // DJL would report its use
        return builder;
    }

    private static List<String> command(Peer peer, int threads) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx2g");
        command.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=error");
        if (peer == Peer.PYTORCH || peer == Peer.PYTORCH_LAST) {
            // Memory is freed by scopes; without these the bindings would also track it and call the garbage collector.
            command.add("-Dorg.bytedeco.javacpp.nopointergc=true");
            command.add("-Dorg.bytedeco.javacpp.maxphysicalbytes=0");
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Worker.class.getName()));
        command.addAll(List.of(peer.toString(), Integer.toString(threads)));
        return command;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public float[] open(Cell cell) throws IOException {
        String[] words = ask("open " + cell, 0).split(" ");
        float[] values = new float[words.length];
        for (int i = 0; i < words.length; i++) {
            values[i] = Float.parseFloat(words[i]);
        }
        return values;
    }

    @Override
    public Samples run(long millis) throws IOException {
        return Samples.parse(ask("run " + millis, millis));
    }

    @Override
    public String profile() throws IOException {
        return ask("profile", 0).replace("\\n", System.lineSeparator());
    }

    /** The largest resident memory of the process so far, in kilobytes. */
    long peakMemory() throws IOException {
        return Long.parseLong(ask("memory", 0));
    }

    @Override
    public void done() {
        try {
            ask("close", 0);
        } catch (IOException e) {
            close(); // its next cell will tell
        }
    }

    @Override
    public void close() {
        process.destroyForcibly(); // it has nothing to save, and what hangs does not end when asked to
        status();
    }

    boolean alive() {
        return process.isAlive();
    }

    private String ask(String command, long millis) throws IOException {
        if (!process.isAlive()) {
            throw new IOException(Errors.silent(name));
        }
        commands.write(command);
        commands.newLine();
        commands.flush();
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis) + Math.round(timeout * 1e9);
        for (Optional<String> next = next(end); next.isPresent(); next = next(end)) {
            String line = next.get();
            if (line.startsWith(Worker.ANSWER)) {
                return line.substring(Worker.ANSWER.length());
            }
            if (line.startsWith(Worker.FAILURE)) {
                throw new IOException(line.substring(Worker.FAILURE.length()));
            }
        }
        throw new IOException(Errors.died(name, status()));
    }

    /** The next line, empty if there is none any more. */
    private Optional<String> next(long end) throws IOException {
        try {
            Optional<String> line = lines.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (line == null) {
                close();
                throw new IOException(Errors.timedOut(timeout));
            }
            return line;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException();
        }
    }

    private void read() {
        try (BufferedReader answers =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            answers.lines().map(Optional::of).forEach(lines::add);
        } catch (IOException | RuntimeException e) {
            // Its pipe was closed as the process was killed: the end of its lines, as below.
        } finally {
            lines.add(Optional.empty());
        }
    }

    private int status() {
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return -1;
        }
    }
}
