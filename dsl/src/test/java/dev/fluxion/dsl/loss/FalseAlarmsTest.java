package dev.fluxion.dsl.loss;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.check.GradCheck;
import dev.fluxion.dsl.loss.LossCase.Variant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * No loss of the catalogue is flagged by gradient checks: all settings and reductions in turn, each run with inputs of its
 * own. How many runs is said by {@code -Dfluxion.check.runs=34000}.
 */
class FalseAlarmsTest {
    private static final int RUNS = Integer.getInteger("fluxion.check.runs", 500);

    private final List<Variant> variants = LossCatalogue.rows().stream()
            .flatMap(row -> row.variants().stream())
            .filter(Variant::differentiable)
            .toList();

    @Test
    void noLossIsFlagged() {
        List<String> alarms = IntStream.range(0, RUNS)
                .parallel()
                .mapToObj(this::draw)
                .filter(c -> !check(c).run().passed())
                .map(c -> c + ": " + check(c).run())
                .toList();
        assertThat(alarms).as("flagged in %d runs", RUNS).isEmpty();
    }

    private LossCase draw(int run) {
        Variant variant = variants.get(run % variants.size());
        LossReduction reduction = LossReduction.values()[run / variants.size() % LossReduction.values().length];
        return LongStream.iterate(run, seed -> seed + RUNS)
                .mapToObj(seed -> variant.maker().make(new Draw(seed), reduction))
                .filter(c -> Arrays.stream(c.expected()).allMatch(Double::isFinite))
                .findFirst()
                .orElseThrow();
    }

    private static GradCheck check(LossCase c) {
        return c.check().directions(c.inputs().get(0).data().length % 4 == 0 ? 2 : 0);
    }
}
