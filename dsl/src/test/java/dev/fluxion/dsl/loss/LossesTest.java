package dev.fluxion.dsl.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Loss;
import dev.fluxion.Scope;
import dev.fluxion.dsl.Numeric;
import dev.fluxion.dsl.layer.Layers;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import dev.fluxion.ir.Value;
import dev.fluxion.ir.ValueException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class LossesTest {
    private static final Shape ROW = Shape.of(1, 1, 1, 3);
    private static final Value X = Numeric.value(ROW, 1, 2, 3);
    private static final Value Y = Numeric.value(ROW, 1, 2, 5);

    @Test
    void l1AsInTheTutorials() {
        assertThat(run(Losses.l1(), X, Y).item()).isCloseTo(0.6667, within(5e-5));
        assertThat(run(Losses.l1().reduction(LossReduction.SUM), X, Y).item()).isEqualTo(2.0);
        assertThat(run(Losses.l1().reduction(LossReduction.NONE), X, Y)).isEqualTo(Numeric.value(ROW, 0, 0, 2));
        assertThat(gradient(Losses.l1(), X, Y)).containsExactly(new double[] {0, 0, -1 / 3.0}, within(1e-15));
    }

    @Test
    void mseAsInTheTutorials() {
        assertThat(run(Losses.mse(), X, Y).item()).isCloseTo(1.3333, within(5e-5));
        assertThat(run(Losses.mse().reduction(LossReduction.SUM), X, Y).item()).isEqualTo(4.0);
        assertThat(gradient(Losses.mse(), X, Y)).containsExactly(new double[] {0, 0, -4 / 3.0}, within(1e-15));
    }

    @Test
    void shapesAreNotStretchedSilently() {
        Value column = Numeric.value(Shape.of(3, 1), 1, 2, 3);
        assertThatThrownBy(() -> run(Losses.mse(), column, Numeric.vector(1, 2, 5)))
                .isInstanceOf(ShapeException.class)
                .hasMessageMatching("mse\\(\\) at LossesTest.java:\\d+: expected targets of the output's shape 3×1 "
                        + "but got 3; reshape one of them");
        assertThat(run(Losses.mse().broadcast(true), column, Numeric.vector(1, 2, 3))
                        .item())
                .isCloseTo(1.3333, within(5e-5));
        Expr ints = Expr.input("y", Shape.of(3), DType.INT);
        assertThatThrownBy(() -> Losses.l1().apply(Expr.input("x", Shape.of(3)), ints))
                .hasMessageContaining("expected floating-point targets but got integers 3");
    }

    @Test
    void emptyMeansAreNotNumbers() {
        Value nothing = new Value(Shape.of(0), new double[0]);
        assertThat(run(Losses.l1(), nothing, nothing).item()).isNaN();
        assertThat(run(Losses.l1().reduction(LossReduction.SUM), nothing, nothing)
                        .item())
                .isZero();
        assertThat(run(Losses.l1().reduction(LossReduction.NONE), nothing, nothing))
                .isEqualTo(nothing);
    }

    @Test
    void crossEntropyAsInTheTutorials() {
        Shape shape = Shape.of(1, 3);
        assertThat(run(Losses.crossEntropy(), Numeric.value(shape, .1, .2, .3), Numeric.vector(1))
                        .item())
                .isCloseTo(1.1019, within(5e-5));
        assertThat(run(Losses.crossEntropy(), Numeric.value(shape, .5, .36, .23), Numeric.vector(0))
                        .item())
                .isCloseTo(0.9680, within(5e-5));
        assertThat(run(Losses.crossEntropy(), Numeric.value(shape, 1000, 0, -1000), Numeric.vector(2))
                        .item())
                .isEqualTo(2000);
    }

    @Test
    void infiniteLogits() {
        double inf = Double.NEGATIVE_INFINITY;
        Value logits = Numeric.value(Shape.of(1, 3), inf, 1, 1);
        assertThat(run(Losses.crossEntropy(), logits, Numeric.vector(1)).item()).isCloseTo(.6931, within(5e-5));
        assertThat(run(Losses.crossEntropy(), logits, Numeric.vector(0)).item()).isInfinite();
        assertThat(gradient(Losses.crossEntropy(), logits, Numeric.vector(0)))
                .containsExactly(new double[] {-1, .5, .5}, within(1e-12));
        Loss smooth = Losses.crossEntropy().labelSmoothing(0.1);
        assertThat(run(smooth, logits, Numeric.vector(1)).item()).isInfinite();
    }

    @Test
    void allIgnoredIsNotANumberWithoutAGradient() {
        Value logits = Numeric.normal(Shape.of(2, 3), 1);
        Value targets = Numeric.vector(-100, -100);
        for (CrossEntropy loss : new CrossEntropy[] {
            Losses.crossEntropy(),
            Losses.crossEntropy().weights(1, 2, 3),
            Losses.crossEntropy().labelSmoothing(.2),
            Losses.crossEntropy().whenAllIgnored(CrossEntropy.WhenAllIgnored.ZERO)
        }) {
            boolean zero = loss.whenAllIgnored() == CrossEntropy.WhenAllIgnored.ZERO;
            double value = run(loss, logits, targets).item();
            assertThat(zero ? value == 0 : Double.isNaN(value)).isTrue();
            assertThat(Arrays.stream(gradient(loss, logits, targets))
                            .map(Math::abs)
                            .max())
                    .hasValue(0);
            assertThat(run(loss.reduction(LossReduction.SUM), logits, targets).item())
                    .isZero();
        }
        Nll nll = Losses.nll().whenAllIgnored(CrossEntropy.WhenAllIgnored.ZERO);
        assertThat(run(nll, logits, targets).item()).isZero();
        assertThat(run(Losses.nll(), logits, targets).item()).isNaN();
        Loss strict = Losses.crossEntropy().whenAllIgnored(CrossEntropy.WhenAllIgnored.ERROR);
        assertThatThrownBy(() -> run(strict, logits, targets))
                .isInstanceOf(ValueException.class)
                .hasMessageContaining("the weights of the targets that are not ignored must not sum to 0");
    }

    @Test
    void aClassOutOfRangeIsNamed() {
        Value logits = Numeric.normal(Shape.of(3, 10), 1);
        assertThatThrownBy(() -> run(Losses.crossEntropy(), logits, Numeric.vector(1, 12, 3)))
                .isInstanceOf(ValueException.class)
                .hasMessageStartingWith("crossEntropy(): a target must be a class in [0, 10) or -100, which is "
                        + "ignored, but element [1] is 12");
        assertThatThrownBy(() -> run(Losses.crossEntropy(), logits, Numeric.vector(1, 2, -1)))
                .isInstanceOf(ValueException.class)
                .hasMessageContaining("element [2] is -1");
        Loss ignoring = Losses.crossEntropy().ignoreIndex(12);
        assertThat(run(ignoring, logits, Numeric.vector(1, 12, 3)).item()).isFinite();
    }

    @Test
    void targetsThatDoNotFitAreExplained() {
        Expr logits = Expr.input("x", Shape.of(3, 10));
        assertMisfit(
                logits,
                Expr.input("y", Shape.of(2), DType.INT),
                "expected a class per position, 3, for logits " + "3×10 but got targets 2");
        assertMisfit(logits, Expr.input("y", Shape.of(3, 1), DType.INT), "got targets 3×1; reshape the targets");
        assertMisfit(logits, Expr.input("y", Shape.of(3, 10), DType.INT), "use crossEntropyWithProbabilities()");
        assertMisfit(logits, Expr.input("y", Shape.of(3)), "make them with Tensor.labels(…)");
        assertMisfit(Expr.constant(1), Expr.input("y", Shape.of(3), DType.INT), "expected logits N×C or N×C×…");
        assertThatThrownBy(() ->
                        Losses.crossEntropyWithProbabilities().apply(logits, Expr.input("y", Shape.of(3), DType.INT)))
                .hasMessageContaining("expected a probability per logit, 3×10, but got targets 3")
                .hasMessageContaining("use crossEntropy()");
        assertThatThrownBy(() ->
                        Losses.crossEntropy().weights(1, 2).apply(logits, Expr.input("y", Shape.of(3), DType.INT)))
                .hasMessageContaining("crossEntropy().weights(1, 2) at LossesTest.java:")
                .hasMessageContaining("expected a weight per class, 10, but got 2");
    }

    @Test
    void badOptionsAreRefused() {
        assertThatThrownBy(() -> Losses.crossEntropy().labelSmoothing(1.5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching(
                        "crossEntropy\\(\\) at LossesTest.java:\\d+: labelSmoothing must be in \\[0, 1] but is 1.5");
        assertThatThrownBy(() -> Losses.crossEntropyWithProbabilities().weights(1, -2))
                .hasMessageContaining("a weight must be finite and at least 0 but is -2");
    }

    @Test
    void probabilitiesInPlaceOfLogitsAreNoticed() {
        Expr x = Expr.input("x", Shape.of(3, 10));
        Scope scope = Scope.root(true);
        assertThat(OutputScale.of(x)).isEqualTo(OutputScale.UNKNOWN);
        assertThat(OutputScale.of(x.logSoftmax(1))).isEqualTo(OutputScale.LOGARITHMS);
        assertThat(OutputScale.of(x.softmax(1).log())).isEqualTo(OutputScale.LOGARITHMS);
        assertThat(OutputScale.of(Layers.softmax().apply(scope, x))).isEqualTo(OutputScale.PROBABILITIES);
        assertThat(OutputScale.of(x.sigmoid().reshape(30))).isEqualTo(OutputScale.PROBABILITIES);
        assertThat(OutputScale.of(Layers.linear(10, 3).apply(scope, x))).isEqualTo(OutputScale.LOGITS);
        assertThat(OutputScale.of(x.matmul(x.transposeLast()))).isEqualTo(OutputScale.UNKNOWN);
        Expr classes = Expr.input("classes", Shape.of(3), DType.INT);
        Expr shares = Expr.input("shares", Shape.of(3, 10));
        assertThat(logged(() -> Losses.crossEntropy().apply(x.softmax(1), classes)))
                .contains("it expects logits but its input comes from softmax");
        for (Loss loss : List.of(Losses.bceWithLogits(), Losses.focal(), Losses.multiLabelSoftMargin())) {
            assertThat(logged(() -> loss.apply(x.sigmoid(), shares)))
                    .contains("it expects logits but its input comes from sigmoid; leave that out, the loss applies a "
                            + "sigmoid itself");
            assertThat(logged(() -> loss.apply(x, shares))).isEmpty();
        }
        assertThat(logged(() -> Losses.crossEntropyWithProbabilities().apply(x.softmax(1), shares)))
                .contains("it expects logits but its input comes from softmax");
        assertThat(logged(() -> Losses.crossEntropy().apply(x, classes))).isEmpty();
        assertThat(logged(() -> Losses.crossEntropyWithProbabilities().apply(x, shares)))
                .isEmpty();
    }

    private static String logged(Runnable work) {
        PrintStream before = System.err;
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        try {
            System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
            work.run();
        } finally {
            System.setErr(before);
        }
        return log.toString(StandardCharsets.UTF_8);
    }

    @Test
    void lossesPrintAsWritten() {
        assertThat(Losses.mse().reduction(LossReduction.SUM)).hasToString("mse().reduction(SUM)");
        assertThat(Losses.crossEntropy().weights(1, .5).ignoreIndex(3).labelSmoothing(.1))
                .hasToString("crossEntropy().weights(1, 0.5).ignoreIndex(3).labelSmoothing(0.1)");
        assertThat(Losses.crossEntropyWithProbabilities()).hasToString("crossEntropyWithProbabilities()");
    }

    @Test
    void targetsFollowFromOutputs() {
        assertThat(Losses.crossEntropy().targetShape(Shape.of(8, 10, 4, 5))).isEqualTo(Shape.of(8, 4, 5));
        assertThat(Losses.crossEntropy().targetType()).isEqualTo(DType.INT);
        assertThat(Losses.crossEntropyWithProbabilities().targetShape(Shape.of(8, 10)))
                .isEqualTo(Shape.of(8, 10));
        assertThat(Losses.mse().targetType()).isEqualTo(DType.FLOAT);
    }

    private static void assertMisfit(Expr logits, Expr target, String part) {
        assertThatThrownBy(() -> Losses.crossEntropy().apply(logits, target))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining(part);
    }

    static Value run(Loss loss, Value x, Value y) {
        Expr output = Expr.input("x", x.shape());
        Expr target = Expr.input("y", y.shape(), loss.targetType());
        return new Interpreter().bind("x", x).bind("y", y).evaluate(loss.apply(output, target));
    }

    static double[] gradient(Loss loss, Value x, Value y) {
        Expr target = Expr.input("y", y.shape(), loss.targetType());
        Expr output = Expr.input("x", x.shape());
        return new Interpreter()
                .bind("x", x)
                .bind("y", y)
                .evaluate(Gradients.of(loss.apply(output, target), List.of(output))
                        .get(0))
                .data();
    }
}
