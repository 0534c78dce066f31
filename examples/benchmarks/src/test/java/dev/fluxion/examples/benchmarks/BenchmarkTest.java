package dev.fluxion.examples.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BenchmarkTest {
    private final PrintStream systemOut = System.out;
    private final PrintStream systemErr = System.err;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    private Path folder;

    @BeforeEach
    void capture() {
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void release() {
        System.setOut(systemOut);
        System.setErr(systemErr);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --rows    | cifra   | there is no row 'cifra'; there are cifar-1
            --rows    | tiny,x  | there is no row 'x'; there are
            --peers   | caffe   | there is no library 'caffe'; there are fluxion, pytorch
            --seconds | -1      | --seconds -1: it must be a number of seconds above 0
            --seconds | NaN     | --seconds NaN: it must be
            --seconds | soon    | Invalid value for option '--seconds': 'soon' is not a double
            --timeout | 0       | --timeout 0: it must be a number of seconds above 0
            --rounds  | 0       | --rounds 0: it must be at least 1
            --threads | 1,0     | --threads 0: it must be at least 1
            --threads | two     | 'two' is not an int
            --onednn  | nothing | --onednn: nothing is not a program that can be run
            --json    | src     | --json: src cannot be written
            --nothing | 1       | Unknown options: '--nothing', '1'
            """)
    void wrongOptionsAreALine(String option, String value, String message) {
        assertThat(Benchmark.run(option, value)).isEqualTo(2);
        assertThat(error()).hasLineCount(1).startsWith("fluxion-benchmarks: ").contains(message);
    }

    @Test
    void wrongFilesAreALine() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "text");

        assertThat(Benchmark.run("--from", folder.resolve("absent").toString())).isEqualTo(1);
        assertThat(Benchmark.run("--from", file.toString())).isEqualTo(1);
        assertThat(Benchmark.run("--readme", file.toString())).isEqualTo(1);

        assertThat(error().lines())
                .satisfiesExactly(
                        line -> assertThat(line).endsWith("absent: there is no such file"),
                        line -> assertThat(line).contains("file, line 1: these are not results that --json stored: "),
                        line -> assertThat(line).contains("file has no line " + Report.BEGIN));
        assertThat(file).hasContent("text");
    }

    @Test
    void storedResultsAreReported() throws IOException {
        Path stored = folder.resolve("stored.json");
        Path readme = Files.writeString(folder.resolve("README.md"), Report.BEGIN + "\n" + Report.END + "\n");
        Machine machine = new Machine("A processor", "avx2", 2, "Linux", "A JVM", "2026-01-02", 0);
        Results results = new Results(machine, new Results.Setting(2, 1, 60), List.of(), Map.of(), Map.of(), List.of());
        results.write(stored);

        assertThat(Benchmark.run("--from", stored.toString(), "--readme", readme.toString()))
                .isZero();

        assertThat(out.toString(StandardCharsets.UTF_8)).contains(Report.markdown(results));
        assertThat(readme).content().contains(Report.markdown(results));
        assertThat(error()).isEmpty();
    }

    private String error() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
