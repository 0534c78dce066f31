package dev.fluxion.check;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The checker finds mistakes and flags nothing that is right. */
class PlantedErrorsTest {
    private static final int SEEDS = 4;

    @Test
    void thereAreEnough() {
        assertThat(Planted.all().map(Planted::mistake)).hasSizeGreaterThan(70).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @MethodSource("dev.fluxion.check.Planted#all")
    void theMistakeIsFound(Planted planted) {
        for (int seed = 0; seed < SEEDS; seed++) {
            Report report = planted.checkWrong().seed(seed).run();
            assertThat(report.failures())
                    .as("%s, seed %d: %s", planted, seed, report)
                    .isNotEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("dev.fluxion.check.Planted#all")
    void theMistakeIsFoundAlongADirection(Planted planted) {
        for (int seed = 0; seed < SEEDS; seed++) {
            Report report = planted.checkWrong().directions(2).seed(seed).run();
            assertThat(report.failures())
                    .as("%s, seed %d: %s", planted, seed, report)
                    .isNotEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("dev.fluxion.check.Planted#all")
    void whatIsRightPasses(Planted planted) {
        for (int seed = 0; seed < SEEDS; seed++) {
            planted.checkRight().seed(seed).run().orThrow();
            planted.derived().seed(seed).run().orThrow();
            planted.derived().directions(2).seed(seed).run().orThrow();
        }
    }
}
