package dev.fluxion.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * The right counterparts of the planted mistakes, each run with a seed of its own. How many runs is said by
 * {@code -Dfluxion.check.runs=34000}.
 */
class FalseAlarmsTest {
    private static final int RUNS = Integer.getInteger("fluxion.check.runs", 500);

    @Test
    void nothingThatIsRightIsFlagged() {
        List<Planted> planted = Planted.all().toList();
        List<String> alarms = IntStream.range(0, RUNS)
                .parallel()
                .mapToObj(i -> check(planted.get(i % planted.size()), i / planted.size())
                        .seed(i))
                .filter(check -> !check.run().passed())
                .map(check -> "seed " + check.seed() + ": " + check.expr() + ": " + check.run())
                .toList();
        assertThat(alarms).as("flagged in %d runs", RUNS).isEmpty();
    }

    private static GradCheck check(Planted planted, int round) {
        return switch (round % 3) {
            case 0 -> planted.checkRight();
            case 1 -> planted.derived();
            default -> planted.derived().directions(2);
        };
    }
}
