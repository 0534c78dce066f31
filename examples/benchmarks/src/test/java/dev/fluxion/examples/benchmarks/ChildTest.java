package dev.fluxion.examples.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ChildTest {
    private static final Cell CELL = new Cell("tiny", 1, Cell.Mode.INFER);

    @Test
    void whoDoesNotAnswerIsKilled() throws IOException {
        try (Child child = child("silent", "cat > /dev/null", 0.3)) {
            assertThatThrownBy(() -> child.open(CELL)).hasMessage("timed out after 0.3 s");
            assertThat(child.alive()).isFalse();
            assertThatThrownBy(() -> child.run(1)).hasMessage("silent has no process to answer");
        }
    }

    @Test
    void aTurnDoesNotCountAgainstTheTimeOut() throws IOException {
        try (Child child = child("slow", "read line; sleep 1; echo '@ 1 2 2 2 2'; cat > /dev/null", 20)) {
            assertThat(child.run(100)).isEqualTo(Samples.of(2));
        }
    }

    @Test
    void whatIsNoAnswerIsPassedOver() throws IOException {
        try (Child child = child("talkative", "read line; echo hello; echo '@ 0.5 -1'; cat > /dev/null", 20)) {
            assertThat(child.open(CELL)).containsExactly(0.5f, -1);
        }
    }

    @Test
    void deathIsTold() throws IOException {
        try (Child child = child("mortal", "read line; exit 3", 20)) {
            assertThatThrownBy(() -> child.open(CELL)).hasMessageStartingWith("mortal's process ended with status 3");
        }
    }

    @Test
    void theOthersGoOnWithoutWhoTimedOut() throws IOException {
        Map<String, String> scripts = new LinkedHashMap<>();
        scripts.put("quick", "while read line; do echo '@ 1 2 2 2 2'; done");
        scripts.put("hung", "read line; echo '@ 1 2 2 2 2'; cat > /dev/null");
        List<Experiment.Starter> starters = new ArrayList<>();
        scripts.forEach((name, script) -> starters.add(() -> child(name, script, 2)));
        List<Results.Row> rows = new ArrayList<>();

        new Experiment(new Results.Setting(2, 0.001, 2), List.of())
                .rows(List.of(CELL, CELL), 1, starters, text -> {}, rows::add);

        assertThat(rows).hasSize(2).allSatisfy(row -> {
            assertThat(row.entries().get("quick").rounds()).hasSize(2);
            assertThat(row.entries().get("hung").timedOut()).isTrue();
            assertThat(row.entries().get("hung").measured()).isFalse();
        });
    }

    @Test
    void aWorkerDiesInTheMiddleOfATurnWhenItsParentIsGone() throws IOException, InterruptedException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process worker = new ProcessBuilder(
                        java, "-cp", System.getProperty("java.class.path"), Worker.class.getName(), "fluxion", "1")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            OutputStream commands = worker.getOutputStream();
            commands.write("open tiny-1-infer\nrun 600000\n".getBytes(StandardCharsets.UTF_8));
            commands.flush();
            assertThat(worker.inputReader(StandardCharsets.UTF_8).readLine()).startsWith(Worker.ANSWER);
            assertThat(worker.isAlive()).isTrue();

            commands.close();

            assertThat(worker.waitFor(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            worker.destroyForcibly();
        }
    }

    private static Child child(String name, String script, double timeout) throws IOException {
        return new Child(name, new ProcessBuilder("sh", "-c", script), timeout);
    }
}
