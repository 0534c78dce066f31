package dev.fluxion.dsl.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Schedule;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SchedulesTest {
    @Test
    void theTutorialsLambdaIsZeroForTwoEpochs() {
        assertFactors(Schedules.lambda(e -> e / 2), 0, 0, 1, 1, 2);
    }

    @Test
    void factorsByEpoch() {
        assertFactors(Schedules.constant(), 1, 1, 1);
        assertFactors(Schedules.step(2, .5), 1, 1, .5, .5, .25);
        assertFactors(Schedules.exponential(.9), 1, .9, .81, .729);
        assertFactors(Schedules.cosine(4), 1, .853553390593, .5, .146446609407, 0, 0);
        assertFactors(Schedules.cosine(2, .2), 1, .6, .2, .2);
        assertFactors(Schedules.warmUp(4), .25, .5, .75, 1, 1);
        assertFactors(Schedules.warmUp(2, Schedules.step(1, .5)), .5, 1, 1, .5, .25);
        assertFactors(Schedules.warmUp(2, Schedules.lambda(epoch -> 3 - epoch)), 1.5, 3, 3, 2);
    }

    @Test
    void badNumbersAreRefused() {
        assertThatThrownBy(() -> Schedules.step(0, .1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("step: every must be at least 1 but is 0");
        assertThatThrownBy(() -> Schedules.exponential(-1))
                .hasMessage("exponential: gamma must be finite and at least 0 but is -1");
        assertThatThrownBy(() -> Schedules.warmUp(0)).hasMessage("warmUp: epochs must be at least 1 but is 0");
    }

    private static void assertFactors(Schedule schedule, double... expected) {
        double[] factors = IntStream.range(0, expected.length)
                .mapToDouble(schedule::factor)
                .toArray();
        assertThat(factors).containsExactly(expected, within(1e-12));
    }
}
