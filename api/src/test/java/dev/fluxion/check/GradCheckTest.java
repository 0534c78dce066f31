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
import java.util.Map;
import java.util.function.UnaryOperator;
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
                .startsWith("gradient check passed (6 checked, 0 wrong, 0 skipped, tolerance 1.0e-06); worst ");
    }

    @Test
    void wrongGradientsFailAndSayWhere() {
        Report report = wrong.run();
        assertThat(report.passed()).isFalse();
        assertThat(report.failures()).hasSize(4);
        Report.Entry d = report.checked().get(1);
        assertThat(d.place()).isEqualTo("x[0, 1]");
        assertThat(d.actual()).isEqualTo(-2);
        assertThat(d.expected()).isCloseTo(-4, within(1e-9));
        assertThatThrownBy(report::orThrow).isInstanceOf(AssertionError.class).hasMessage("""
                        gradient check failed (4 checked, 4 wrong, 0 skipped, tolerance 1.0e-06)
                                       derived      numeric  relative error
                          x[0, 0]   1.00000000   2.00000000         5.0e-01
                          x[0, 1]  -2.00000000  -4.00000000         5.0e-01
                          x[1, 0]  0.500000000   1.00000000         5.0e-01
                          x[1, 1]   3.00000000   6.00000000         5.0e-01
                        all wrong numbers are 0.500000 times what they should be""");
    }

    @Test
    void directionsFindTheSame() {
        assertThat(right.directions(4).run().orThrow().checked())
                .hasSize(8)
                .extracting(Report.Entry::place)
                .contains("x along direction 0", "w along direction 3");
        assertThat(wrong.directions(2).run().failures())
                .extracting(Report.Entry::place)
                .contains("x along direction 0", "x along direction 1");
    }

    @Test
    void oneWrongElementAmongManyIsFoundAlongADirection() {
        Expr big = Expr.input("big", Shape.of(500));
        Expr hidden = big.slice(0, 77, 78);
        Expr y = big.square().sum().add(hidden.square().stopGradient().sum().mul(0.1));
        double[] data = new double[500];
        Arrays.setAll(data, i -> Math.sin(i));
        GradCheck check = GradCheck.of(y).with("big", new Value(Shape.of(500), data));
        assertThat(check.directions(1).run().failures())
                .extracting(Report.Entry::place)
                .containsExactlyInAnyOrder("big along direction 0", "big[77]");
        assertThat(check.run().failures()).extracting(Report.Entry::place).containsExactly("big[77]");
    }

    @Test
    void aSmallErrorAboveTheToleranceIsFound() {
        Expr y = x.mul(1 + 1e-5).sum().sub(x.mul(1e-5).stopGradient().sum());
        GradCheck check = GradCheck.of(y).with("x", Tensor.full(1, 2, 2));
        assertThat(check.run().passed()).isFalse();
        assertThat(check.tolerance(1e-4).run().passed()).isTrue();
    }

    /** Bends like a kink when seen from a step of 0.01, and has the slope 0 when seen from nearby. */
    @Test
    void aNarrowBendIsNoKink() {
        Expr output = Expr.input("output", Shape.scalar());
        for (double width : new double[] {0.1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6}) {
            Expr charbonnier = output.sub(2).square().add(width * width).sqrt().mean();
            Report report =
                    GradCheck.of(charbonnier).with("output", Value.scalar(2)).run();
            assertThat(report.skipped()).as("width %s", width).isEmpty();
            assertThat(report.orThrow().checked()).hasSize(1);
            assertThat(GradCheck.of(charbonnier)
                            .with("output", Value.scalar(2))
                            .gradient("output", output.sub(2).add(1e-6))
                            .run()
                            .passed())
                    .as("a gradient that is off by a millionth, width %s", width)
                    .isFalse();
        }
    }

    /** Its differences drown in the rounding of the other element before they are small. */
    @Test
    void aFlatPlaceBesideASteepOneIsCompared() {
        Expr v = Expr.input("v", Shape.of(2));
        Report report = GradCheck.of(v.abs().pow(3).mean())
                .with("v", Tensor.vector(1, 0))
                .run()
                .orThrow();
        assertThat(report.checked()).hasSize(2);
    }

    @Test
    void kinksAreSkippedNotFailed() {
        Expr y = x.abs().sum();
        Report report = GradCheck.of(y)
                .with("x", Tensor.of(new float[] {1, 0, -1, 0.5f}, 2, 2))
                .run();
        assertThat(report.passed()).isTrue();
        assertThat(report.skipped())
                .extracting(Report.Skipped::toString)
                .containsExactly(
                        "x[0, 1]: a kink, derived 0.00000, slope -1.00000 to the left and 1.00000 to the right");
        assertThat(report.checked()).hasSize(3);
    }

    @Test
    void ofNothingButKinksTheSlopesAreTold() {
        GradCheck check = GradCheck.of(x.abs().sum()).with("x", Tensor.zeros(2, 2));
        Report report = check.run().orThrow();
        assertThat(report.checked()).isEmpty();
        assertThat(report.toString()).startsWith("""
                        gradient check passed (0 checked, 0 wrong, 4 skipped, tolerance 1.0e-06)
                        nothing but kinks: all that is known is that the derivatives are between the slopes to both sides
                          skipped x[0, 0]: a kink, derived 0.00000, slope -1.00000 to the left and 1.00000 to the right
                          skipped x[0, 1]: a kink""");
        assertThat(check.smooth(true).run().failures()).hasSize(4);
        assertThat(check.gradient("x", Expr.constant(1).broadcastTo(x.shape()))
                        .run()
                        .passed())
                .as("a slope to one side")
                .isTrue();
        Report outside =
                check.gradient("x", Expr.constant(-1.1).broadcastTo(x.shape())).run();
        assertThat(outside.passed()).isFalse();
        assertThat(outside.toString()).startsWith("""
                        gradient check failed (0 checked, 0 wrong, 4 skipped, tolerance 1.0e-06)
                        nothing could be compared: choose values at which the expression is smooth
                          skipped x[0, 0]: a kink, derived -1.10000, slope -1.00000""");
    }

    @Test
    void theKinksOfTheUsualFunctionsAreSkipped() {
        kink(v -> v.relu(), 0, 0, 1);
        kink(v -> v.add(1e6).relu().sub(1e6), -1e6, 0, 1);
        kink(v -> v.abs(), 0, -1, 1);
        kink(v -> v.sub(3).abs().mul(1e-3), 3, -1e-3, 1e-3);
        kink(v -> v.max(2), 2, 0, 1);
        kink(v -> v.neg().add(1).relu(), 1, -1, 0); // the hinge
        kink(v -> v.relu().square().add(v.relu()), 0, 0, 1);
        kink(v -> v.square().mul(100).add(v.abs()), 0, -1, 1);
        Expr ties = Expr.input("ties", Shape.of(3));
        Report report = GradCheck.of(ties.maxOver(0))
                .with("ties", Tensor.vector(2, 2, 1))
                .run()
                .orThrow();
        assertThat(report.skipped()).extracting(Report.Skipped::place).containsExactly("ties[0]", "ties[1]");
        assertThat(report.checked()).hasSize(1);
    }

    private static void kink(UnaryOperator<Expr> f, double at, double left, double right) {
        Report report = GradCheck.of(f.apply(Expr.input("v", Shape.scalar())))
                .with("v", Value.scalar(at))
                .run()
                .orThrow();
        assertThat(report.skipped()).singleElement().satisfies(s -> {
            assertThat(s.reason()).isEqualTo(Report.Reason.KINK);
            assertThat(s.left()).isCloseTo(left, within(1e-6));
            assertThat(s.right()).isCloseTo(right, within(1e-6));
        });
    }

    @Test
    void aCheckOfNothingFails() {
        Expr labels = Expr.input("labels", Shape.of(2), DType.INT);
        Report report = GradCheck.of(labels.toFloat().sum())
                .with("labels", Tensor.of(new int[] {1, 0}, Shape.of(2)))
                .run();
        assertThat(report.passed()).isFalse();
        assertThat(report.toString()).endsWith("no floating-point input or parameter has an element");
    }

    @Test
    void placesThatTheExpressionRejectsAreSkipped() {
        Expr y = x.require(x.le(1), "at most 1").square();
        Report report = GradCheck.of(y)
                .with("x", Tensor.of(new float[] {1, 0, -1, 0.5f}, 2, 2))
                .run();
        assertThat(report.skipped()).extracting(Report.Skipped::toString).containsExactly("x[0, 0]: no value nearby");
        assertThat(report.passed()).isTrue();
        Report nothing = GradCheck.of(y).with("x", Tensor.full(1, 2, 2)).run();
        assertThat(nothing.passed()).isFalse();
        assertThat(nothing.toString()).isEqualTo("""
                        gradient check failed (0 checked, 0 wrong, 4 skipped, tolerance 1.0e-06)
                        nothing could be compared: choose values at which the expression is smooth
                          skipped x[0, 0]: no value nearby
                          skipped x[0, 1]: no value nearby
                          skipped x[1, 0]: no value nearby
                          skipped x[1, 1]: no value nearby""");
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
                .hasSizeGreaterThanOrEqualTo(2);
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

    @Test
    void aNaNAtAKinkIsWrong() {
        Expr norm = x.square().sum().sqrt();
        Report report = GradCheck.of(norm).with("x", Tensor.zeros(2, 2)).run();
        assertThat(report.failures()).hasSize(4);
        assertThat(report.toString()).contains("some of the numbers are not finite");
    }

    /** Whatever the expression is like there: a jump, an infinite slope, or without a value. */
    @Test
    void aDerivativeThatIsNotFiniteIsWrongEverywhere() {
        Map<String, UnaryOperator<Expr>> functions = Map.of(
                "√x", Expr::sqrt,
                "log x", Expr::log,
                "1/x", Expr::reciprocal,
                "x^-0.5", v -> v.pow(-0.5),
                "log|x|", v -> v.abs().log(),
                "x log x", v -> v.mul(v.log()),
                "√|x|", v -> v.abs().sqrt());
        Expr v = Expr.input("v", Shape.of(2));
        functions.forEach((name, f) -> {
            List<Expr> forms = List.of(
                    v.gt(0).where(f.apply(v), Expr.constant(0)),
                    v.eq(0).where(Expr.constant(0), f.apply(v)),
                    f.apply(v));
            for (int form = 0; form < forms.size(); form++) {
                GradCheck check = GradCheck.of(forms.get(form)).with("v", Tensor.vector(0, 2));
                for (GradCheck each : List.of(check, check.directions(2), check.seed(5), check.smooth(true))) {
                    Report report = each.run();
                    assertThat(report.passed())
                            .as("%s, form %d: %s", name, form, report)
                            .isFalse();
                    assertThat(report.failures())
                            .extracting(Report.Entry::place)
                            .contains("v[0]");
                    assertThat(report.toString()).contains("some of the numbers are not finite");
                }
            }
        });
    }

    @Test
    void gradientsByHandAreChecked() {
        GradCheck square = GradCheck.of(x.square().sum()).with("x", Tensor.of(new float[] {1, -2, 0.5f, 3}, 2, 2));
        square.gradient("x", x.mul(2)).run().orThrow();
        assertThat(square.gradient("x", x.mul(-2)).run().toString())
                .contains("\n  x[0, 0]  -2.00000000   2.00000000")
                .endsWith("\nall wrong numbers have the opposite sign");
        assertThat(square.gradient("x", g -> x.mul(2)).run().passed())
                .as("the outer gradient is ignored")
                .isFalse();
        assertThat(square.gradient("x", g -> x.mul(0)).run().toString())
                .endsWith("all wrong numbers are 0: does the gradient stop on its way?");
        assertThatThrownBy(() -> square.gradient("x", x.sum()).run())
                .hasMessage("the gradient by 'x' must have its shape 2×2 but has scalar");
        assertThatThrownBy(() -> GradCheck.of(x.square()).gradient("x", x))
                .hasMessage("a gradient belongs to a scalar, but the expression has shape 2×2; give what turns the"
                        + " gradient of its value into that of the input: gradient(name, g -> …)");
        assertThatThrownBy(() -> square.gradient("z", g -> g).run())
                .hasMessage("the expression has no input or parameter 'z'; it has x");
        GradCheck.of(x.sin())
                .with("x", Tensor.full(1, 2, 2))
                .gradient("x", g -> g.mul(x.cos()))
                .run()
                .orThrow();
    }
}
