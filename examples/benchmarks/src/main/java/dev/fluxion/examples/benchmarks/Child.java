package dev.fluxion.examples.benchmarks;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A process of a library, as the comparison sees it; {@link Worker} is its other end. */
final class Child implements Runner {
    private final Peer peer;
    private final Process process;
    private final BufferedWriter commands;
    private final BufferedReader answers;

    /** Starts a process with a number of native threads. */
    Child(Peer peer, int threads) throws IOException {
        this.peer = peer;
        ProcessBuilder builder = new ProcessBuilder(command(peer, threads));
        Map<String, String> environment = builder.environment();
        for (String runtime : List.of("OMP", "OPENBLAS", "MKL")) {
            environment.put(runtime + "_NUM_THREADS", Integer.toString(threads));
        }
        environment.put("OPT_OUT_TRACKING", "true"); // DJL would report its use
        process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        commands = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
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
        return peer.title();
    }

    @Override
    public float[] open(Cell cell) throws IOException {
        String[] words = ask("open " + cell).split(" ");
        float[] values = new float[words.length];
        for (int i = 0; i < words.length; i++) {
            values[i] = Float.parseFloat(words[i]);
        }
        return values;
    }

    @Override
    public Samples run(long millis) throws IOException {
        return Samples.parse(ask("run " + millis));
    }

    @Override
    public String profile() throws IOException {
        return ask("profile").replace("\\n", System.lineSeparator());
    }

    /** The largest resident memory of the process so far, in kilobytes. */
    long peakMemory() throws IOException {
        return Long.parseLong(ask("memory"));
    }

    @Override
    public void done() {
        try {
            ask("close");
        } catch (IOException e) {
            close(); // its next cell will tell
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    boolean alive() {
        return process.isAlive();
    }

    private String ask(String command) throws IOException {
        if (!process.isAlive()) {
            throw new IOException(Errors.silent(name()));
        }
        commands.write(command);
        commands.newLine();
        commands.flush();
        for (String line = answers.readLine(); line != null; line = answers.readLine()) {
            if (line.startsWith(Worker.ANSWER)) {
                return line.substring(Worker.ANSWER.length());
            }
            if (line.startsWith(Worker.FAILURE)) {
                throw new IOException(line.substring(Worker.FAILURE.length()));
            }
        }
        throw new IOException(Errors.died(name(), status()));
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
