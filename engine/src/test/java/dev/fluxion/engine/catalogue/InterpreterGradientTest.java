package dev.fluxion.engine.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.check.GradCheck;
import dev.fluxion.check.Report;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The derivatives of every operator against differences of its values. */
class InterpreterGradientTest {
    private static final int CASES = 12;
    private static final int SMALL = 40;

    @TestFactory
    Stream<DynamicTest> derivativesAgreeWithDifferences() {
        return OperatorCatalogue.rows().stream()
                .map(row -> DynamicTest.dynamicTest(row.name(), () -> {
                    for (int seed = 0; seed < CASES; seed++) {
                        check(row, seed);
                    }
                }));
    }

    private static void check(Row row, int seed) {
        Case c = row.at(seed);
        if (c.differentiable().isEmpty()) {
            return;
        }
        int size = c.inputs().values().stream().mapToInt(v -> v.shape().size()).sum();
        Report report = GradCheck.of(c.output())
                .with(c.inputs())
                .wrt(c.differentiable().toArray(String[]::new))
                .directions(size <= SMALL ? 0 : 3)
                .seed(seed)
                .run();
        String what = row + ", seed " + seed + ": " + c.output() + ": " + report;
        assertThat(report.passed()).as(what).isTrue();
        assertThat(report.skipped()).as(what).isEmpty();
    }
}
