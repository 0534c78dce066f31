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
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:ErrorFile=/dev/null",
                "-cp",
                classPath,
                main.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(process.waitFor(), output.strip());
    }

    static String classPath() {
        return System.getProperty("java.class.path");
    }
}
