package dev.fluxion.dsl.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.dsl.train.TrainingListener.Ended;
import dev.fluxion.dsl.train.TrainingListener.Epoch;
import dev.fluxion.dsl.train.TrainingListener.Iteration;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProgressBarTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final long[] now = {0};

    private ProgressBar bar(boolean unicode, int width) {
        return new ProgressBar(
                new Terminal(unicode, () -> width), new PrintStream(bytes, true, StandardCharsets.UTF_8), () -> now[0]);
    }

    /** The lines that were written, each with what overwrote it. */
    private String[] screens() {
        return bytes.toString(StandardCharsets.UTF_8).split("[\r\n]+");
    }

    private static void run(ProgressBar bar, int iterations, long nanosEach, long[] now) {
        for (int i = 0; i < iterations; i++) {
            now[0] += nanosEach;
            bar.iteration(new Iteration(0, 3, i, iterations, 0.1, 0.5f));
        }
    }

    @Test
    void theBarIsWrittenAnewAndTheEpochsLineReplacesIt() {
        ProgressBar bar = bar(false, 80);
        run(bar, 4, 1_000_000_000, now);
        bar.epoch(new Epoch(0, 3, 0.1, 0.4, Map.of("accuracy", 0.75), 4));
        bar.ended(new Ended(null, null));

        assertThat(bytes.toString(StandardCharsets.UTF_8))
                .endsWith(System.lineSeparator())
                .startsWith("\repoch 1/3 ");
        assertThat(screens())
                .hasSize(6)
                .contains("epoch 1/3 ###############--------------- 2/4  loss 0.5000  0:02 left")
                .contains("epoch 1/3 ############################## 4/4  loss 0.5000  0:00 left");
        assertThat(screens()[5].strip()).isEqualTo("epoch 1/3: lr 0.1, mean loss 0.4000, accuracy 0.7500, 4.0 s");
        assertThat(screens()[5]).hasSizeGreaterThanOrEqualTo(screens()[4].length());
    }

    @Test
    void itIsDrawnTenTimesASecondAtMost() {
        run(bar(true, 80), 10_000, 1_000_000, now);

        assertThat(screens()).hasSizeBetween(90, 102);
    }

    @Test
    void theLineFitsTheTerminalWhateverItsWidthAndTheNames() {
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("größe", 1e-9);
        metrics.put("精度\u0301", Double.NaN);
        metrics.put("a\rb\nc", Double.POSITIVE_INFINITY);
        for (int width : new int[] {1, 2, 10, 33, 40, 60, 80, 200}) {
            bytes.reset();
            ProgressBar bar = bar(true, width);
            bar.epoch(new Epoch(0, 3, 0.1, 0.4, metrics, 4));
            bytes.reset();
            run(bar, 5, 1_000_000_000, now);
            assertThat(screens()).hasSizeBetween(0, 6).allMatch(line -> Columns.of(line.stripTrailing()) <= width - 1);
            assertThat(bytes.toString(StandardCharsets.UTF_8)).doesNotContain("\n");
        }
        assertThat(screens()[3]).contains("█", "░", "größe 1.0000e-09", "精度", "NaN", "a\\u000db");
    }

    @Test
    void theBarEndsItsLineWhenTheTrainingEndsInAnEpoch() {
        ProgressBar bar = bar(true, 80);
        run(bar, 2, 1_000_000_000, now);

        bar.ended(new Ended(null, new IllegalStateException("gone")));

        assertThat(bytes.toString(StandardCharsets.UTF_8)).endsWith("0:00 left" + System.lineSeparator());
        bytes.reset();
        bar.ended(new Ended(null, null));
        assertThat(bytes.size()).isZero();
    }

    @Test
    void anUnknownNumberOfBatchesHasNoBar() {
        ProgressBar bar = bar(true, 80);
        bar.iteration(new Iteration(0, 1, 6, 0, 0.1, Float.NaN));

        assertThat(screens()[1]).isEqualTo("epoch 1/1 7  loss NaN");
    }

    @Test
    void timesAndRatesOfAnySize() {
        assertThat(List.of(
                        ProgressBar.duration(0),
                        ProgressBar.duration(61),
                        ProgressBar.duration(3600),
                        ProgressBar.duration(90_061)))
                .containsExactly("0:00", "1:01", "1:00:00", "1d 01h");
        assertThat(List.of(
                        ProgressBar.rate(0.25),
                        ProgressBar.rate(999.4),
                        ProgressBar.rate(12_345),
                        ProgressBar.rate(2.5e6)))
                .containsExactly("0.3", "999", "12.3k", "2.5M");
    }

    @Test
    void elsewhereLongEpochsHaveALineNowAndThen() {
        List<String> lines = new ArrayList<>();
        Lines plain = new Lines(Lines.atMostEvery(Duration.ofSeconds(30), () -> now[0]), lines::add);
        for (int i = 0; i < 70; i++) {
            now[0] += 1_000_000_000;
            plain.iteration(new Iteration(0, 1, i, 100, 0.1, 1));
        }

        assertThat(lines).hasSize(2).first().asString().startsWith("epoch 1/1, iteration 30/100");
    }

    @Test
    void whatIsATerminal() {
        assertThat(Terminal.isWanted(Map.of("TERM", "xterm", "CI", ""))).isTrue();
        assertThat(List.of(Map.of("CI", "true"), Map.of("NO_COLOR", "1"), Map.of("TERM", "dumb")))
                .noneMatch(Terminal::isWanted);
        assertThat(List.of("24 120\n", "0 0", "", "nonsense", "1 2 3").stream().map(Terminal::columns))
                .containsExactly(120, 80, 80, 80, 80);
    }
}
