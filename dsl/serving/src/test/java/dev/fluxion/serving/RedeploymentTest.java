package dev.fluxion.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Tensor;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.engine.Program;
import java.io.File;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Applications that are deployed again and again in one JVM. The property {@code fluxion.deployments} makes it more often. */
class RedeploymentTest {
    @TempDir
    private Path server;

    /** The JDK keeps the last one itself: what it has made of records, until there is the next one. */
    @Test
    void withTheNativeCodeInTheServerNothingIsLeft() throws Exception {
        String told = deploy(false, Integer.getInteger("fluxion.deployments", 3));
        assertThat(told.strip()).isEqualTo("at most one is left");
    }

    @Test
    void withTheNativeCodeInTheApplicationTheSecondIsTold() throws Exception {
        String told = deploy(true, 2);
        assertThat(told.lines().filter(line -> line.contains("another class loader")))
                .hasSize(1)
                .allMatch(line -> line.contains("fluxion-native"));
        assertThat(told).contains("2 are left");
    }

    private String deploy(boolean all, int times) throws Exception {
        String main = Deployments.class.getName().replace('.', '/') + ".class";
        Path copy = server.resolve(main);
        Files.createDirectories(copy.getParent());
        try (InputStream in = getClass().getClassLoader().getResourceAsStream(main)) {
            Files.write(copy, in.readAllBytes());
        }
        List<Path> application = Stream.of(Tensor.class, Program.class, Model.class, Batcher.class, Deployed.class)
                .map(RedeploymentTest::origin)
                .toList();
        List<Path> others = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .filter(entry -> !application.contains(entry))
                .toList();
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                        "-cp",
                        joined(all ? List.of() : others, server),
                        Deployments.class.getName(),
                        joined(all ? both(application, others) : application),
                        String.valueOf(times),
                        all ? "0" : "20000")
                .redirectErrorStream(true)
                .start();
        String told = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(child.waitFor()).as(told).isZero();
        return told;
    }

    private static List<Path> both(List<Path> some, List<Path> others) {
        List<Path> all = new ArrayList<>(some);
        all.addAll(others);
        return all;
    }

    private static String joined(List<Path> entries, Path... more) {
        return Stream.concat(Stream.of(more), entries.stream())
                .map(Path::toString)
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static Path origin(Class<?> type) {
        try {
            return Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (java.net.URISyntaxException e) {
            throw new AssertionError(e);
        }
    }
}
