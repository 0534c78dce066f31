package dev.fluxion.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whatever the geometry of a convolution or a pooling, a program computes it as the interpreter does. */
class GeometryTest {
    /** How many geometries are drawn; the profile "sweep" draws more. */
    private static final int GEOMETRIES = Integer.getInteger("fluxion.geometries", 100);

    @Test
    void drawnOnesAreComputedAsByTheInterpreter() throws Exception {
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:ErrorFile=/dev/null",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                        "-cp",
                        System.getProperty("java.class.path"),
                        GeometrySweep.class.getName(),
                        "0",
                        Integer.toString(GEOMETRIES)))
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String last = output.lines()
                .filter(line -> line.matches("\\d+ .*|Exception in .*"))
                .reduce("", (a, b) -> b);
        assertThat(last).isEqualTo(GEOMETRIES + " geometries agree");
        assertThat(process.waitFor()).isZero();
    }
}
