package dev.fluxion.examples.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class SamplesTest {
    @Test
    void quartilesAreInterpolated() {
        Samples samples = Samples.of(4, 1, 3, 2);

        assertThat(samples).isEqualTo(new Samples(4, 1, 1.75, 2.5, 3.25));
        assertThat(samples.spread()).isCloseTo(1.5 / 2.5, within(1e-12));
    }

    @Test
    void oneSampleHasNoSpread() {
        assertThat(Samples.of(7)).isEqualTo(new Samples(1, 7, 7, 7, 7));
        assertThat(Samples.of(7).spread()).isZero();
    }

    @Test
    void aDisturbedRoundCountsAsOne() {
        Samples calm = Samples.of(10, 10, 10);
        Samples disturbed = Samples.of(90, 100, 110, 120, 130, 140);

        Samples all = Samples.ofRounds(List.of(calm, disturbed, calm));

        assertThat(all).isEqualTo(new Samples(12, 10, 10, 10, 10));
    }

    @Test
    void linesAreRead() {
        Samples samples = new Samples(12, 0.5, 1.25, 2, 1234567.5);

        assertThat(Samples.parse(samples.line())).isEqualTo(samples);
    }

    @Test
    void shortStepsAreTimedTogether() {
        int[] steps = {0};

        Samples samples = Stopwatch.time(() -> steps[0]++, 20);

        assertThat(steps[0]).isGreaterThan(50 * samples.count());
        assertThat(samples.median()).isLessThan(50);
    }

    @Test
    void roundsOfOneTimeHaveQuartilesTogether() {
        Samples all = Samples.ofRounds(List.of(Samples.of(4), Samples.of(1), Samples.of(3), Samples.of(2)));

        assertThat(all).isEqualTo(new Samples(4, 1, 1.75, 2.5, 3.25));
    }

    @Test
    void stepsOfSomeLengthAreTimedTwiceAtLeast() {
        int[] steps = {0};

        Samples samples = Stopwatch.time(slow(steps), 39);

        assertThat(samples.count()).isEqualTo(2);
        assertThat(steps[0]).isEqualTo(3);
    }

    @Test
    void stepsLongerThanTheTurnAreRunOnce() {
        int[] steps = {0};

        Samples samples = Stopwatch.time(slow(steps), 1);

        assertThat(samples.count()).isEqualTo(1);
        assertThat(samples.median()).isGreaterThan(20_000);
        assertThat(steps[0]).isEqualTo(1);
    }

    private static Runnable slow(int[] steps) {
        return () -> {
            steps[0]++;
            long end = System.nanoTime() + 20_000_000;
            while (System.nanoTime() < end) {
                LockSupport.parkNanos(end - System.nanoTime());
            }
        };
    }
}
