package dev.fluxion.dsl.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Schedule;
import dev.fluxion.dsl.Factories;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SchedulesTest {
    /** A schedule, the factory that makes it, and its factors by epoch. */
    private record Row(String factory, Schedule schedule, double... factors) {}

    static Stream<Row> rows() {
        return Stream.of(
                new Row("lambda(IntToDoubleFunction)", Schedules.lambda(e -> e / 2), 0, 0, 1, 1, 2),
                new Row("constant()", Schedules.constant(), 1, 1, 1),
                new Row("step(int, double)", Schedules.step(2, .5), 1, 1, .5, .5, .25),
                new Row("exponential(double)", Schedules.exponential(.9), 1, .9, .81, .729),
                new Row("cosine(int)", Schedules.cosine(4), 1, .853553390593, .5, .146446609407, 0, 0),
                new Row("cosine(int, double)", Schedules.cosine(2, .2), 1, .6, .2, .2),
                new Row("warmUp(int)", Schedules.warmUp(4), .25, .5, .75, 1, 1),
                new Row("warmUp(int, Schedule)", Schedules.warmUp(2, Schedules.step(1, .5)), .5, 1, 1, .5, .25),
                new Row("warmUp(int, Schedule)", Schedules.warmUp(2, Schedules.lambda(e -> 3 - e)), 1.5, 3, 3, 2));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void factorsByEpoch(Row row) {
        double[] factors = IntStream.range(0, row.factors.length)
                .mapToDouble(row.schedule::factor)
                .toArray();
        assertThat(factors).containsExactly(row.factors, within(1e-12));
    }

    @Test
    void everyScheduleHasARow() {
        Factories.requireRows(Schedules.class, rows().map(Row::factory).toList());
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
}
