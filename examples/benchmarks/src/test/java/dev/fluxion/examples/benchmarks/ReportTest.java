package dev.fluxion.examples.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReportTest {
    private static final Results RESULTS = new Results(
            new Machine("A processor", "avx2", 2, "Linux amd64", "A JVM 17", "2026-01-02", 0.1),
            new Results.Setting(2, 0.5, 60),
            List.of(
                    row(new Cell("tiny", 1, Cell.Mode.TRAIN), "", times(2, 2, 2), times(7, 8, 9), times(3, 4, 5)),
                    row(new Cell("tiny", 1, Cell.Mode.INFER), "", times(2000), times(1000), failed("it broke")),
                    row(new Cell("tiny", 1, Cell.Mode.INFER), 2, "", times(1), times(4), failed(Errors.timedOut(60))),
                    row(new Cell("mlp", 1, Cell.Mode.INFER), "they disagree", none(), none(), none())),
            Map.of("Fluxion", 2048L, "PyTorch", 5120L),
            Map.of("Fluxion", Samples.of(250_000)),
            List.of("startup: PyTorch: timed out after 60 s"));

    @Test
    void theBestPeerCounts() {
        assertThat(RESULTS.rows()).extracting(Results.Row::ratio).containsExactly(2.0, 0.5, 4.0, 0.0);
    }

    @Test
    void tablesHaveARowPerCell() {
        assertThat(Report.markdown(RESULTS))
                .startsWith("A processor, 2 processors (avx2), Linux amd64, A JVM 17, 2026-01-02.\n")
                .contains("median over 2 turns of 0.5 s")
                .contains("""
                        **1 thread.** Fluxion is ahead in 1 of 2 rows; the geometric mean of the ratios is 1.00.

                        | Net | Step | Batch | Fluxion | PyTorch | PyTorch channels-last | Ratio | Rate |
                        |---|---|--:|--:|--:|--:|--:|--:|
                        | MLP 4-16-3 | train | 1 | 0.00200 ±0% | 0.00800 ±13% | 0.00400 ±25% | 2.00 | 0.272 |
                        | MLP 4-16-3 | infer | 1 | 2.00 | 1.00 | – | 0.50 | 0.000112 |
                        | MLP 784-512-512-10 | infer | 1 | – | – | – | – | – |

                        - tiny-1-infer: PyTorch channels-last: it broke
                        - mlp-1-infer: they disagree
                        """)
                .contains("""
                        **2 threads.** Fluxion is ahead in 1 of 1 rows; the geometric mean of the ratios is 4.00.

                        | Net | Step | Batch | Fluxion | PyTorch | PyTorch channels-last | Ratio | Rate |
                        |---|---|--:|--:|--:|--:|--:|--:|
                        | MLP 4-16-3 | infer | 1 | 0.00100 | 0.00400 | timed out | 4.00 | 0.224 |

                        - tiny-1-infer: PyTorch channels-last: timed out after 60 s
                        """)
                .contains(
                        "| MLP 4-16-3, infer, batch 1 | ≤ 2 µs | no, 1 of 2 | 2000 to 1.00 µs | tiny-1-infer, 1 thread |\n")
                .contains("| CIFAR and MNIST nets: bare oneDNN | ≥ 1 | not measured | – | – |\n")
                .doesNotContain("What the missed goals ask for")
                .doesNotContain("busy")
                .endsWith("""
                        **Processes of their own**, CIFAR tutorial net, 1 thread.

                        | What | Fluxion | PyTorch | Ratio |
                        |---|--:|--:|--:|
                        | Peak resident memory, training, batch 256, MB | 2 | 5 | 2.50 |
                        | JVM start to first prediction, batch 1, ms | 250 | – | – |

                        - startup: PyTorch: timed out after 60 s
                        """);
    }

    @Test
    void whatAMissedGoalAsksForIsTold() {
        Cell cell = new Cell("tiny", 1, Cell.Mode.TRAIN);
        Results.Row row = row(cell, "", times(2), times(8), times(4), none(), times(9));
        Results results =
                new Results(RESULTS.machine(), RESULTS.setting(), List.of(row), Map.of(), Map.of(), List.of());

        assertThat(Report.markdown(results)).contains("""
                | Goal | Wanted | Row | Measured | Rate | Rate wanted |
                |---|---|---|--:|--:|--:|
                | train, batch 1: best of the others | ≥ 4 | tiny-1-train, 1 thread | 2.00 | 0.272 | 0.544 |

                """);
    }

    @Test
    void aDisturbedRowIsMeasuredAgainAndMarked() {
        Cell cell = new Cell("tiny", 1, Cell.Mode.INFER);
        Results.Row wild = row(cell, "", turns(2, 4), times(8), none());
        Results.Row better = row(cell, "", turns(2, 3), times(8), none());
        Results.Row calm = row(cell, "", turns(2, 2.1), times(8), none());

        assertThat(Experiment.calmest(List.of(wild, calm).iterator()::next)).isEqualTo(calm);
        assertThat(Experiment.calmest(List.of(wild, better, wild).iterator()::next))
                .isEqualTo(better);
        assertThat(table(better)).contains("| 3.20† |", "- †: turns lie far apart");
        assertThat(table(calm)).doesNotContain("†");
    }

    private static String table(Results.Row row) {
        return Report.markdown(
                new Results(RESULTS.machine(), RESULTS.setting(), List.of(row), Map.of(), Map.of(), List.of()));
    }

    private static Results.Entry turns(double... medians) {
        return new Results.Entry(Arrays.stream(medians).mapToObj(Samples::of).toList(), "");
    }

    @Test
    void aBusyMachineIsTold() {
        Machine busy = new Machine("A processor", "avx2", 2, "Linux amd64", "A JVM 17", "2026-01-02", 1.34);
        Results results = new Results(busy, RESULTS.setting(), List.of(), Map.of(), Map.of(), List.of());
        Plan plan = Plan.of(List.of("tiny", "memory"), List.of(1), List.of(Peer.values()), RESULTS.setting());

        assertThat(Report.markdown(results))
                .contains("**Other work kept 1.3 of 2 processors busy as this began: these times say little.**");
        assertThat(Report.announcement(plan, busy))
                .startsWith("3 rows, 5 libraries, 2 turns of 0.5 s each and one that does not count: about ")
                .contains("1.3 of 2 processors busy");
        assertThat(Report.announcement(plan, RESULTS.machine())).doesNotContain("busy");
    }

    @Test
    void linesSumUpARow() {
        assertThat(RESULTS.rows())
                .map(Report::console)
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("tiny-1-train ").endsWith("ratio 2.00"),
                        line -> assertThat(line).contains("  PyTorch channels-last –  "),
                        line -> assertThat(line).contains(" 2 threads ", "  PyTorch channels-last timed out  "),
                        line -> assertThat(line).endsWith("ERROR: they disagree"));
    }

    @Test
    void theSectionReplacesWhatIsBetweenTheMarkers(@TempDir Path folder) throws IOException {
        Path readme = folder.resolve("README.md");
        Files.writeString(readme, "before\n" + Report.BEGIN + "\nold\n" + Report.END + "\nafter\n");

        Report.insert(RESULTS, readme);
        Report.insert(RESULTS, readme);

        assertThat(readme)
                .content()
                .isEqualTo(
                        "before\n" + Report.BEGIN + "\n" + Report.markdown(RESULTS) + "\n" + Report.END + "\nafter\n");
    }

    @Test
    void withoutMarkersNothingIsWritten(@TempDir Path folder) throws IOException {
        Path readme = folder.resolve("README.md");
        Files.writeString(readme, "text");

        assertThatThrownBy(() -> Report.insert(RESULTS, readme))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("README.md has no line " + Report.BEGIN);
        assertThat(readme).content().isEqualTo("text");
    }

    @Test
    void theReadmeOfThisModuleHasTheMarkers() throws IOException {
        Report.requireMarkers(Path.of("README.md"));
    }

    @Test
    void markersInTheWrongOrderAreNone(@TempDir Path folder) throws IOException {
        Path readme = folder.resolve("README.md");
        Files.writeString(readme, Report.END + "\n" + Report.BEGIN + "\n");

        assertThatThrownBy(() -> Report.requireMarkers(readme)).hasMessageContaining("has no line");
        assertThatThrownBy(() -> Report.requireMarkers(folder.resolve("absent.md")))
                .hasMessageEndingWith("absent.md: there is no such file");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "no JSON",
                "{",
                "[]",
                "{}",
                "null",
                "{\"rows\": [null]}",
                "{\"rows\": [{\"cell\": {\"net\": \"nope\", \"batch\": 1, \"mode\": \"TRAIN\"}}]}",
                "{\"rows\": 3}"
            })
    void whatIsNotResultsIsToldInALine(String text, @TempDir Path folder) throws IOException {
        Path file = folder.resolve("broken.json");
        Files.writeString(file, text);

        assertThatThrownBy(() -> Results.read(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("broken.json")
                .hasMessageContaining("these are not results that --json stored")
                .extracting(Throwable::getMessage, STRING)
                .hasLineCount(1);
    }

    @Test
    void storedResultsAreRead(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("new").resolve("results.json");

        RESULTS.write(file);

        assertThat(Results.read(file)).isEqualTo(RESULTS);
        assertThat(file).content().contains("\"ratio\" : 2.0", "\"spread\" : 0.125", "\"median\" : 8.0");
    }

    private static Results.Row row(Cell cell, String error, Results.Entry... entries) {
        return row(cell, 1, error, entries);
    }

    private static Results.Row row(Cell cell, int threads, String error, Results.Entry... entries) {
        Map<String, Results.Entry> named = new LinkedHashMap<>();
        for (int i = 0; i < entries.length; i++) {
            named.put(Peer.values()[i].title(), entries[i]);
        }
        return new Results.Row(cell, threads, error, named);
    }

    private static Results.Entry times(double... micros) {
        return new Results.Entry(List.of(Samples.of(micros)), "");
    }

    private static Results.Entry failed(String error) {
        return new Results.Entry(List.of(), error);
    }

    private static Results.Entry none() {
        return failed("");
    }
}
