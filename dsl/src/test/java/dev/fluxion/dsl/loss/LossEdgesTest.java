package dev.fluxion.dsl.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Loss;
import dev.fluxion.MultiLoss;
import dev.fluxion.dsl.Numeric;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import dev.fluxion.ir.Value;
import dev.fluxion.ir.ValueException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Worked numbers, kinks, large logits and values that a loss is not made for. */
class LossEdgesTest {
    private static final double INF = Double.POSITIVE_INFINITY;

    @Test
    void workedNumbers() {
        Value d = v(0, .5, -2, 2);
        Value zero = v(0, 0, 0, 0);
        each(Losses.smoothL1(), d, zero, 0, .125, 1.5, 1.5);
        each(Losses.smoothL1(.5), d, zero, 0, .25, 1.75, 1.75);
        each(Losses.smoothL1(0), d, zero, 0, .5, 2, 2);
        each(Losses.huber(.5), d, zero, 0, .125, .875, .875);
        Value p = v(.9, .2, .5, 0, 1);
        Value y = v(1, 0, .3, 1, 0);
        each(Losses.bce(), p, y, .105361, .223144, .693147, 100, 100);
        assertThat(value(Losses.bce(), p, y)).isCloseTo(40.2043302495, within(5e-11));
        Value logits = v(-1, 0, 2, -800, 800);
        Value target = v(1, .5, 0, 1, 0);
        MultiLoss logitLoss = Losses.bceWithLogits().reduction(LossReduction.NONE);
        near(logitLoss, new double[] {1.313262, .693147, 2.126928, 800, 800}, logits, target);
        MultiLoss weighted = Losses.bceWithLogits().posWeight(3).reduction(LossReduction.NONE);
        near(weighted, new double[] {3.939785, 1.386294, 2.126928, 2400, 800}, logits, target);
        each(Losses.hingeEmbedding(), v(.5, -.5, .3, 2), v(1, 1, -1, -1), .5, -.5, .7, 0);
        Shape rows = Shape.of(2, 4);
        Value x = new Value(rows, new double[] {.1, .2, .4, .8, .9, .1, 0, .3});
        near(Losses.multiMargin().reduction(LossReduction.NONE), new double[] {.325, .175}, x, v(3, 0));
        Value lists = new Value(rows, new double[] {3, 0, -1, 1, 1, -1, -1, -1});
        near(Losses.multiLabelMargin().reduction(LossReduction.NONE), new double[] {.85, .975}, x, lists);
        Value anchors = new Value(Shape.of(2, 2), new double[] {0, 0, 1, 1});
        Value positives = new Value(Shape.of(2, 2), new double[] {0, 1, 1, 1});
        Value negatives = new Value(Shape.of(2, 2), new double[] {0, 1.5, 4, 5});
        TripletMargin triplet = Losses.tripletMargin().reduction(LossReduction.NONE);
        near(triplet, new double[] {.5, 0}, anchors, positives, negatives);
        near(triplet.p(1).swap(true), new double[] {1.5, 0}, anchors, positives, negatives);
        Value mask = v(1, 1, 0, 0);
        assertThat(value(Losses.dice(), v(.9, .8, .1, .2), mask)).isCloseTo(.12, within(1e-15));
        assertThat(value(Losses.dice().smooth(0), v(.9, .8, .1, .2), mask)).isCloseTo(.15, within(1e-15));
    }

    @Test
    void kinksHaveTheDocumentedDerivative() {
        assertThat(gradient(Losses.l1(), v(2), v(2))).containsExactly(0);
        assertThat(gradient(Losses.smoothL1(0), v(2), v(2))).containsExactly(0);
        assertThat(gradient(Losses.huber(), v(1), v(0))).containsExactly(1);
        assertThat(gradient(Losses.smoothL1(.5), v(.5), v(0))).containsExactly(1);
        assertThat(gradient(Losses.logCosh(), v(0), v(0))).containsExactly(0);
        assertThat(gradient(Losses.hingeEmbedding(), v(1), v(-1))).containsExactly(-1);
        Evaluation ranking = Evaluation.of(Losses.marginRanking(), v(3), v(3), v(1));
        assertThat(ranking.gradient(0).data()).containsExactly(-1);
        assertThat(ranking.gradient(1).data()).containsExactly(1);
        Value rows = new Value(Shape.of(1, 2), new double[] {1, 1});
        assertThat(gradient(Losses.multiMargin(), new Value(Shape.of(1, 2), new double[] {1, 0}), v(0)))
                .containsExactly(0, 0);
        Evaluation same = Evaluation.of(Losses.contrastive(), rows, rows, v(1));
        assertThat(same.value().item()).isZero();
        assertThat(same.gradient(0).data()).containsExactly(0, 0);
        Evaluation triplet =
                Evaluation.of(Losses.tripletMargin().distance(new TripletMargin.Norm(2, 0)), rows, rows, rows);
        assertThat(triplet.value().item()).isEqualTo(1);
        assertThat(triplet.gradient(0).data()).containsExactly(0, 0);
        assertThat(gradient(Losses.bce(), v(0), v(1))[0]).isCloseTo(-1e12, within(1e4));
        Evaluation gauss = Evaluation.of(Losses.gaussianNll(), v(1), v(1), v(0));
        assertThat(gauss.gradient(2).data()[0]).isCloseTo(500000, within(1e-6));
        Evaluation zeroTarget = Evaluation.of(Losses.klDiv(), v(Math.log(.5), -INF), v(1, 0));
        assertThat(zeroTarget.gradient(1).data())
                .containsExactly(new double[] {(1 + Math.log(2)) / 2, 0}, within(1e-15));
        assertThat(zeroTarget.value().item()).isCloseTo(Math.log(2) / 2, within(1e-15));
    }

    @Test
    void largeLogitsStayFinite() {
        for (double size : new double[] {1e4, 1e8, 1e150}) {
            Value x = v(size, -size);
            finite(Evaluation.of(Losses.bceWithLogits(), x, v(0, 1)), size);
            finite(Evaluation.of(Losses.multiLabelSoftMargin(), x, v(0, 1)), size);
            finite(Evaluation.of(Losses.softMargin(), x, v(-1, 1)), size);
            finite(Evaluation.of(Losses.logCosh(), x, v(0, 0)), size - Math.log(2));
            finite(Evaluation.of(Losses.focal().alpha(.5), x, v(0, 1)), size / 2);
            finite(Evaluation.of(Losses.crossEntropy(), x, Value.scalar(1)), 2 * size);
            finite(Evaluation.of(Losses.crossEntropyWithProbabilities(), x, v(0, 1)), 2 * size);
            Value rows = new Value(Shape.of(1, 2), x.data());
            Value zero = new Value(Shape.of(1, 2), new double[2]);
            finite(Evaluation.of(Losses.tripletMargin().p(10), rows, zero, rows), size * Math.pow(2, .1));
            assertThat(Evaluation.of(Losses.bceWithLogits(), x, v(1, 0)).value().item())
                    .isZero();
        }
        assertThat(gradient(Losses.bceWithLogits(), v(-50), v(0))[0]).isCloseTo(Math.exp(-50), within(1e-35));
        assertThat(gradient(Losses.bceWithLogits(), v(50), v(1))[0]).isCloseTo(-Math.exp(-50), within(1e-35));
    }

    @Test
    void strictLossesNameTheElement() {
        refused(
                Losses.hingeEmbedding().strict(true),
                "a target must be -1 or 1, but element [1] is 0",
                v(1, 2),
                v(1, 0));
        refused(Losses.softMargin().strict(true), "a target must be -1 or 1, but element [0] is 2", v(1, 2), v(2, 1));
        refused(Losses.marginRanking().strict(true), "must be -1 or 1", v(1), v(2), v(0));
        refused(Losses.cosineEmbedding().strict(true), "must be -1 or 1", v(1), v(2), Value.scalar(3));
        refused(Losses.contrastive().strict(true), "must be 0 or 1", v(1), v(2), Value.scalar(3));
        refused(Losses.focal().strict(true), "must be 0 or 1", v(1), v(.5));
        refused(
                Losses.bceWithLogits().strict(true),
                "each target must be in [0, 1], but element [0] is 1.5",
                v(1),
                v(1.5));
        refused(Losses.multiLabelSoftMargin().strict(true), "each target must be in [0, 1]", v(1), v(-1));
        refused(Losses.bce(), "bce(): each output must be in [0, 1], but element [1] is 1.25", v(1, 1.25), v(1, 1));
        refused(Losses.bce(), "each output must be in [0, 1], but element [0] is NaN", v(Double.NaN), v(1));
        refused(Losses.bce(), "each target must be in [0, 1], but element [0] is -1", v(1), v(-1));
        Value log = v(Math.log(.5), Math.log(.5));
        refused(Losses.klDiv().strict(true), "the sum of each target over the classes must be 1", log, v(.5, .4));
        refused(
                Losses.klDiv().strict(true),
                "each output must be the logarithm of a probability",
                v(.5, .5),
                v(.5, .5));
        refused(Losses.klDiv().strict(true), "the sum of each output over the classes", v(-3, -3), v(.5, .5));
        KlDivergence logarithms = Losses.klDiv().logTarget(true);
        refused(logarithms.strict(true), "each target must be the logarithm of a probability", log, v(.5, .5));
        assertThat(value(logarithms, log, v(.5, .5))).isFinite();
        Loss strict = Losses.crossEntropyWithProbabilities().strict(true);
        refused(strict, "the sum of each target over the classes must be 1, but element [0] is 2", log, v(1, 1));
        refused(strict, "each target must be in [0, 1], but element [1] is -0.5", log, v(1, -.5));
        refused(Losses.multiMargin(), "a target must be a class in [0, 2), but element [] is 2", log, Value.scalar(2));
        refused(Losses.multiLabelMargin(), "a target must be -1 or a class in [0, 2), but element [1]", log, v(0, 2));
        refused(Losses.gaussianNll(), "each variance must be at least 0, but element [0] is -1", v(1), v(1), v(-1));
        assertThat(value(Losses.crossEntropyWithProbabilities(), log, v(1, 1))).isFinite();
        assertThat(Evaluation.of(Losses.hingeEmbedding(), v(.25), v(0)).value().item())
                .isEqualTo(1);
        assertThat(Evaluation.of(Losses.cosineEmbedding(), v(1), v(2), Value.scalar(3))
                        .value()
                        .item())
                .isZero();
    }

    @Test
    void whatDoesNotFitIsExplained() {
        misfit(Losses.tripletMargin(), "expected positive 1 but got 2", v(1), v(1, 2), v(1));
        misfit(Losses.tripletMargin(), "expected 3 inputs, anchor, positive, negative, but got 2", v(1), v(1));
        misfit(
                Losses.tripletMargin().distance((a, b) -> a.sub(b)),
                "the distance of rows 1 must have shape",
                v(1),
                v(1),
                v(1));
        misfit(Losses.cosineEmbedding(), "expected target scalar but got 1", v(1, 2), v(1, 2), v(1));
        misfit(Losses.gaussianNll(), "expected variances of the output's shape 2", v(1, 2), v(1, 2), v(1, 2, 3));
        misfit(Losses.mse(), "expected weight 2 but got 3", v(1, 2), v(1, 2), v(1, 2, 3));
        misfit(
                Losses.multiMargin().weights(1, 2),
                "expected a weight per class, 3, but got 2",
                v(1, 2, 3),
                Value.scalar(0));
        for (Loss loss : List.of(
                Losses.nll().weights(1, 2),
                Losses.crossEntropy().weights(1, 2),
                Losses.crossEntropyWithProbabilities().weights(1, 2))) {
            Value target = loss instanceof ProbabilityCrossEntropy ? v(0, 0, 1) : Value.scalar(0);
            misfit(loss, "expected a weight per class, 3, but got 2", v(1, 2, 3), target);
        }
        misfit(Losses.ctc(), "expected log-probabilities T×N×C or T×C but got 1", v(1), v(1), v(1), v(1));
        Value logs = Numeric.normal(Shape.of(2, 1, 3), 1);
        misfit(Losses.ctc().blank(3), "blank", logs, new Value(Shape.of(1, 1), new double[1]), v(2), v(1));
        assertThatThrownBy(() -> Losses.ctc().blank(-1)).hasMessageContaining("blank must be at least 0 but is -1");
        Loss lambda = (x, y) -> x.sub(y);
        misfit(lambda, "a loss takes an output and a target but got 1 input", v(1));
        assertThatThrownBy(() -> Losses.huber(0)).hasMessage("huber(…): delta must be finite and above 0 but is 0");
        assertThatThrownBy(() -> Losses.smoothL1(-1))
                .hasMessageContaining("beta must be finite and at least 0 but is -1");
        assertThatThrownBy(() -> Losses.multiMargin().p(3)).hasMessageContaining("p must be 1 or 2 but is 3");
        assertThatThrownBy(() -> Losses.tripletMargin().margin(0))
                .hasMessageContaining("margin must be finite and above 0");
        assertThatThrownBy(() -> Losses.hingeEmbedding(Double.NaN)).hasMessageContaining("margin must be finite");
        assertThatThrownBy(() -> Losses.marginRanking(Double.NaN)).hasMessageContaining("margin must be finite");
        assertThatThrownBy(() -> Losses.cosineEmbedding(Double.NaN)).hasMessageContaining("margin must be finite");
        assertThatThrownBy(() -> Losses.contrastive(0)).hasMessageContaining("margin must be finite and above 0");
        assertThatThrownBy(() -> Losses.tripletMargin().p(.5)).hasMessageContaining("p must be at least 1 but is 0.5");
        assertThatThrownBy(() ->
                        Evaluation.of(Losses.nll(), v(-1, -2), Value.scalar(0)).gradient(1))
                .hasMessage("input 1 has no gradient, only [0] have one");
    }

    @Test
    void sequencesThatDoNotFitAreInfiniteWithoutAGradient() {
        Value logs = new Value(Shape.of(2, 1, 2), new double[] {-1, -.5, -.7, -.7});
        Value labels = new Value(Shape.of(1, 2), new double[] {1, 1});
        for (boolean zero : new boolean[] {false, true}) {
            Evaluation e = Evaluation.of(Losses.ctc().zeroInfinity(zero), logs, labels, v(2), v(2));
            assertThat(e.value().item()).isEqualTo(zero ? 0 : INF);
            assertThat(e.gradient(0).data()).containsExactly(new double[4], within(0.0));
        }
        Evaluation empty = Evaluation.of(Losses.ctc(), logs, labels, v(2), v(0));
        assertThat(empty.value().item()).isCloseTo(1.7, within(1e-15));
        Evaluation alone = Evaluation.of(
                Losses.ctc(), new Value(Shape.of(2, 2), logs.data()), v(1, 1), Value.scalar(2), Value.scalar(0));
        assertThat(alone.value()).isEqualTo(Value.scalar(empty.value().item()));
        assertThat(alone.gradient(0).data()).containsExactly(empty.gradient(0).data());
        assertThat(Evaluation.of(Losses.ctc(), logs, labels, v(0), v(0)).value().item())
                .isZero();
        assertThat(Evaluation.of(Losses.ctc(), logs, labels, v(0), v(1)).value().item())
                .isEqualTo(INF);
        refused(Losses.ctc(), "each input length must be in [0, 2], but element [0] is 3", logs, labels, v(3), v(1));
        refused(Losses.ctc(), "each label length must be in [0, 2], but element [0] is -1", logs, labels, v(2), v(-1));
    }

    private static Value v(double... data) {
        return Numeric.vector(data);
    }

    private static double value(Loss loss, Value x, Value y) {
        return Evaluation.of(loss, x, y).value().item();
    }

    private static double[] gradient(Loss loss, Value x, Value y) {
        return Evaluation.of(loss, x, y).gradient(0).data();
    }

    private static void each(ElementwiseLoss loss, Value x, Value y, double... expected) {
        near(loss.reduction(LossReduction.NONE), expected, x, y);
    }

    private static void near(MultiLoss loss, double[] expected, Value... inputs) {
        assertThat(Evaluation.of(loss, inputs).value().data()).containsExactly(expected, within(2e-6));
    }

    private static void finite(Evaluation e, double expected) {
        assertThat(e.value().item()).isCloseTo(expected, within(2 + Math.abs(expected) * 1e-12));
        e.gradients().values().forEach(g -> assertThat(Arrays.stream(g.data()).allMatch(Double::isFinite))
                .isTrue());
    }

    private static void refused(MultiLoss loss, String message, Value... inputs) {
        assertThatThrownBy(() -> Evaluation.of(loss, inputs))
                .isInstanceOf(ValueException.class)
                .hasMessageContaining(message);
    }

    private static void misfit(MultiLoss loss, String message, Value... inputs) {
        assertThatThrownBy(() -> Evaluation.of(loss, inputs))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining(message);
    }
}
