package dev.fluxion.examples.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class YardstickTest {
    private static final Cell CELL = new Cell("mnist", 8, Cell.Mode.INFER);

    @TempDir
    private Path folder;

    @Test
    void theProgramGetsTheCellAndTellsItsTimes() throws IOException {
        Path program = program("[ \"$*$OMP_NUM_THREADS\" = 'mnist 8 infer2' ] && echo 'median 1.5 ms min 1.25 ms'");

        try (Yardstick yardstick = new Yardstick(program, 2, 20)) {
            assertThat(yardstick.open(CELL)).isEmpty();
            assertThat(yardstick.run(1)).isEqualTo(new Samples(1, 1250, 1500, 1500, 1500));
        }
    }

    @Test
    void whatIsWrongIsTold() throws IOException {
        try (Yardstick hung = new Yardstick(program("exec sleep 60"), 1, 0.2);
                Yardstick silent = new Yardstick(program("echo nothing"), 1, 20)) {
            assertThat(hung.open(CELL)).isEmpty();
            assertThat(silent.open(CELL)).isEmpty();
            assertThatThrownBy(() -> hung.run(1)).hasMessage("timed out after 0.2 s");
            assertThatThrownBy(() -> silent.run(1)).hasMessage("The yardstick printed no median: nothing");
            assertThatThrownBy(() -> silent.open(new Cell("tiny", 1, Cell.Mode.INFER)))
                    .hasMessageContaining("tiny");
        }
    }

    private Path program(String script) throws IOException {
        Path program = Files.createTempFile(folder, "program", ".sh");
        Files.writeString(program, "#!/bin/sh\n" + script + "\n");
        assertThat(program.toFile().setExecutable(true)).isTrue();
        return program;
    }
}
