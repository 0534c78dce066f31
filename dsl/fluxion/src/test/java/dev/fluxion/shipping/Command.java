package dev.fluxion.shipping;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A program that runs in a process of its own. */
final class Command {
    private Command() {}

    record Result(int status, String output) {}

    /** Maven, as this build runs it: offline if it is. */
    static Result maven(Path folder, Path repository, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("fluxion.maven"), "bin", "mvn").toString(),
                "-q",
                "-B",
                "-ntp",
                "-Dmaven.repo.local=" + repository));
        if ("offline=true".equals(System.getProperty("fluxion.offline"))) {
            command.add("-o");
        }
        command.addAll(List.of(arguments));
        return run(folder, Map.of("JAVA_HOME", System.getProperty("java.home")), command);
    }

    /** A JVM. */
    static Result java(Path home, List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(home.resolve("bin").resolve("java").toString());
        command.addAll(arguments);
        return run(Path.of("target"), Map.of(), command);
    }

    static Result run(Path folder, Map<String, String> environment, List<String> command)
            throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().remove("MAVEN_OPTS");
        builder.environment().putAll(environment);
        Path output = Files.createTempFile(folder, "output", ".txt");
        int status = builder.redirectOutput(output.toFile()).start().waitFor();
        return new Result(
                status, Files.readString(output, StandardCharsets.UTF_8).strip());
    }
}
