package dev.fluxion.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Tensor;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Value;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class GradCheckTest {
    private final Expr x = Expr.input("x", Shape.of(2, 2));
    private final Expr w = Expr.parameter("w", Shape.of(2, 1));
    private final GradCheck right = GradCheck.of(x.matmul(w).tanh())
            .with("x", Tensor.of(new float[] {1, -2, 0.5f, 3}, 2, 2))
            .with("w", new Value(Shape.of(2, 1), new double[] {0.3, -0.1}));

    /** Half of its gradient is missing. */
    private final GradCheck wrong =
            GradCheck.of(x.mul(x.stopGradient()).sum()).with("x", Tensor.of(new float[] {1, -2, 0.5f, 3}, 2, 2));

    @Test
    void rightGradientsPass() {
        Report report = right.run().orThrow();
        assertThat(report.passed()).isTrue();
        assertThat(report.checked()).hasSize(6);
        assertThat(report.skipped()).isEmpty();
        assertThat(report.worst().orElseThrow().error()).isLessThan(1e-8);
        assertThat(report.toString())
                .startsWith(
                        "gradient check passed (6 checked, 0 wrong, 0 skipped as not smooth, tolerance 1.0e-06); worst ");
    }

    @Test
    void wrongGradientsFailAndSayWhere() {
        Report report = wrong.run();
        assertThat(report.passed()).isFalse();
        assertThat(report.failures()).hasSize(4);
        Report.Derivative d = report.checked().get(1);
        assertThat(d.place()).isEqualTo("x[0, 1]");
        assertThat(d.derived()).isEqualTo(-2);
        assertThat(d.numeric()).isCloseTo(-4, within(1e-9));
        assertThatThrownBy(report::orThrow)
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith(
                        "gradient check failed (4 checked, 4 wrong, 0 skipped as not smooth, tolerance 1.0e-06)\n")
                .hasMessageContaining("\n  x[0, 1]: derived -2.00000000, numeric -4.00000000, relative error 5.0e-01")
                .hasMessageNotContaining("…");
    }

    @Test
    void directionsFindTheSame() {
        assertThat(right.directions(4).run().orThrow().checked())
                .hasSize(8)
                .extracting(Report.Derivative::place)
                .contains("x along direction 0", "w along direction 3");
        assertThat(wrong.directions(2).run().failures()).hasSize(2);
    }

    @Test
    void oneWrongElementAmongManyIsFoundAlongADirection() {
        Expr big = Expr.input("big", Shape.of(500));
        Expr hidden = big.slice(0, 77, 78);
        Expr y = big.square().sum().add(hidden.square().stopGradient().sum().mul(0.1));
        double[] data = new double[500];
        Arrays.setAll(data, i -> Math.sin(i));
        GradCheck check = GradCheck.of(y).with("big", new Value(Shape.of(500), data));
        assertThat(check.directions(1).run().passed()).isFalse();
        assertThat(check.run().failures()).extracting(Report.Derivative::place).containsExactly("big[77]");
    }

    @Test
    void aSmallErrorAboveTheToleranceIsFound() {
        Expr y = x.mul(1 + 1e-5).sum().sub(x.mul(1e-5).stopGradient().sum());
        GradCheck check = GradCheck.of(y).with("x", Tensor.full(1, 2, 2));
        assertThat(check.run().passed()).isFalse();
        assertThat(check.tolerance(1e-4).run().passed()).isTrue();
    }

    @Test
    void kinksAreSkippedNotFailed() {
        Expr y = x.abs().sum();
        Report report = GradCheck.of(y)
                .with("x", Tensor.of(new float[] {1, 0, -1, 0.5f}, 2, 2))
                .run();
        assertThat(report.passed()).isTrue();
        assertThat(report.skipped()).containsExactly("x[0, 1]");
        assertThat(report.checked()).hasSize(3);
        Report nothing = GradCheck.of(y).with("x", Tensor.zeros(2, 2)).run();
        assertThat(nothing.passed()).as("nothing could be compared").isFalse();
    }

    @Test
    void placesThatTheExpressionRejectsAreSkipped() {
        Expr y = x.require(x.le(1), "at most 1").square();
        Report report = GradCheck.of(y)
                .with("x", Tensor.of(new float[] {1, 0, -1, 0.5f}, 2, 2))
                .run();
        assertThat(report.skipped()).containsExactly("x[0, 0]");
        assertThat(report.passed()).isTrue();
    }

    @Test
    void notANumberFails() {
        Expr y = x.where(x, x.sub(x).sqrt().mul(0));
        Report report = GradCheck.of(y).with("x", Tensor.full(1, 2, 2)).run();
        assertThat(report.passed()).isFalse();
        assertThat(report.worst().orElseThrow().error()).isInfinite();
        assertThat(GradCheck.of(y)
                        .with("x", Tensor.full(1, 2, 2))
                        .directions(2)
                        .run()
                        .failures())
                .hasSize(2);
    }

    @Test
    void scalesOfAllSizesWork() {
        for (double scale : new double[] {1e-12, 1e-3, 1, 1e6}) {
            GradCheck.of(x.sin().mul(scale).sum())
                    .with("x", Tensor.full(0.7f, 2, 2))
                    .run()
                    .orThrow();
        }
        for (float at : new float[] {1e-4f, 1e4f}) {
            GradCheck.of(x.square().sum())
                    .with("x", Tensor.full(at, 2, 2))
                    .run()
                    .orThrow();
        }
    }

    @Test
    void integersAndUnwantedNamesAreLeftAlone() {
        Expr labels = Expr.input("labels", Shape.of(2, 1), DType.INT);
        GradCheck check = GradCheck.of(x.logSoftmax(1).gather(1, labels).mul(w))
                .with("x", Tensor.of(new float[] {1, 2, 3, 4}, 2, 2))
                .with("labels", Tensor.of(new int[] {1, 0}, Shape.of(2, 1)))
                .with("w", Tensor.full(1, 2, 1));
        assertThat(check.run().orThrow().checked()).hasSize(6);
        assertThat(check.wrt("w").run().orThrow().checked()).hasSize(2);
        assertThat(check.wrt()).isEqualTo(List.of());
        assertThatThrownBy(() -> check.wrt("labels").run())
                .hasMessage("'labels' holds integers, which have no gradient");
    }

    @Test
    void aNameUsedTwiceIsOneVariable() {
        Expr again = Expr.parameter("w", Shape.of(2, 1));
        GradCheck.of(w.mul(again).sum()).with("w", Tensor.full(3, 2, 1)).run().orThrow();
    }

    @Test
    void randomExpressionsAreRepeated() {
        Expr dropped = x.mul(Expr.uniform(1, x.shape()).gt(0.5));
        GradCheck.of(dropped).with("x", Tensor.full(1, 2, 2)).seed(9).run().orThrow();
    }

    @Test
    void checksAreRepeatable() {
        assertThat(right.directions(2).seed(5).run())
                .isEqualTo(right.directions(2).seed(5).run());
        assertThat(right.directions(2).seed(5).run())
                .isNotEqualTo(right.directions(2).seed(6).run());
    }

    @Test
    void saysWhatIsMissing() {
        assertThatThrownBy(() -> GradCheck.of(x.sum()).run())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("no value is given for 'x'; add .with(\"x\", value)");
        assertThatThrownBy(() -> right.with("y", Value.scalar(1)).run())
                .hasMessage("the expression has no input or parameter 'y'; it has x, w");
        assertThatThrownBy(() -> right.wrt("z").run())
                .hasMessage("the expression has no input or parameter 'z'; it has x, w");
        assertThatThrownBy(() -> right.tolerance(0)).hasMessage("a tolerance must be above 0 and below 1 but is 0.0");
        assertThatThrownBy(() -> right.directions(-1))
                .hasMessage("the number of directions must not be negative but is -1");
    }
}
