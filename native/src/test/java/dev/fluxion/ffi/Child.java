package dev.fluxion.ffi;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Runs a main class of the tests in a JVM of its own, which may crash. */
final class Child {
    private Child() {}

    record Result(int status, String output) {}

    static Result run(String classPath, Class<?> main, String... arguments) throws IOException, InterruptedException {
        return run(classPath, Map.of(), main, arguments);
    }

    /** The same with these variables in its environment. */
    static Result run(String classPath, Map<String, String> environment, Class<?> main, String... arguments)
            throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(command(List.of(), classPath, main, arguments)).redirectErrorStream(true);
        builder.environment().putAll(environment);
        return finish(builder.start());
    }

    /** @param options of the JVM */
    static Process start(List<String> options, Class<?> main, String... arguments) throws IOException {
        return start(command(options, classPath(), main, arguments));
    }

    static Result run(List<String> options, Class<?> main, String... arguments)
            throws IOException, InterruptedException {
        return finish(start(options, main, arguments));
    }

    /** In a process that may not map more than {@code megabytes}, which a small JVM leaves some of. */
    static Result limited(int megabytes, Class<?> main, String... arguments) throws IOException, InterruptedException {
        List<String> small = List.of(
                "-Xmx64m", "-XX:CompressedClassSpaceSize=32m", "-XX:ReservedCodeCacheSize=48m", "-XX:+UseSerialGC");
        String java = String.join("' '", command(small, classPath(), main, arguments));
        return finish(start(List.of("bash", "-c", "ulimit -v " + 1024L * megabytes + " && exec '" + java + "'")));
    }

    static Result finish(Process process) throws IOException, InterruptedException {
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(process.waitFor(), output.strip());
    }

    private static Process start(List<String> command) throws IOException {
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    static List<String> command(List<String> options, String classPath, Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:ErrorFile=/dev/null", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        command.addAll(options);
        command.addAll(List.of("-cp", classPath, main.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    static String classPath() {
        return System.getProperty("java.class.path");
    }
}
