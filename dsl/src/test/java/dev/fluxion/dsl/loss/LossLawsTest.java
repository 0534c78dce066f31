package dev.fluxion.dsl.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Loss;
import dev.fluxion.MultiLoss;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Value;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** What the mathematics says about losses of related inputs. Where it can, a law holds bit for bit. */
class LossLawsTest {
    private static final int TRIES = 100;

    @Property(tries = TRIES)
    void aShiftOfTheLogitsChangesNothing(@ForAll long seed, @ForAll @IntRange(min = -64, max = 64) int shift) {
        Draw draw = new Draw(seed);
        Shape shape = Shape.of(3, 4);
        // Multiples of 1/1024 so that the shift is exact.
        Value x = draw.fill(shape, () -> draw.between(-4096, 4096) / 1024.0);
        Value moved =
                new Value(shape, Arrays.stream(x.data()).map(v -> v + shift).toArray());
        Value t = draw.ints(Shape.of(3), 0, 4);
        assertSame(Evaluation.of(Losses.crossEntropy(), x, t), Evaluation.of(Losses.crossEntropy(), moved, t));
    }

    @Property(tries = TRIES)
    void aPermutationOfTheBatchPermutesTheLosses(@ForAll long seed) {
        Draw draw = new Draw(seed);
        Shape shape = Shape.of(4, 3);
        int[] order = {2, 0, 3, 1};
        Value x = draw.normal(shape);
        Value y = draw.fractions(shape);
        Value z = draw.normal(shape);
        Value classes = draw.ints(Shape.of(4), 0, 3);
        Value signs = draw.signs(Shape.of(4));
        Value lists = draw.ints(shape, -1, 3);
        LossReduction none = LossReduction.NONE;
        permuted(order, Losses.mse().reduction(none), x, z);
        permuted(order, Losses.bceWithLogits().posWeight(1, 2, 3).reduction(none), x, y);
        permuted(
                order, Losses.crossEntropy().weights(1, 2, 3).labelSmoothing(.1).reduction(none), x, classes);
        permuted(order, Losses.multiMargin().weights(1, 2, 3).reduction(none), x, classes);
        permuted(order, Losses.multiLabelMargin().reduction(none), x, lists);
        permuted(order, Losses.multiLabelSoftMargin().weights(1, 2, 3).reduction(none), x, y);
        permuted(order, Losses.cosineEmbedding(.2).reduction(none), x, z, signs);
        permuted(order, Losses.tripletMargin().swap(true).reduction(none), x, z, y);
    }

    private static void permuted(int[] order, MultiLoss loss, Value... inputs) {
        Value straight = Evaluation.of(loss, inputs).value();
        Value[] shuffled = Arrays.stream(inputs).map(v -> rows(v, order)).toArray(Value[]::new);
        assertThat(Evaluation.of(loss, shuffled).value()).isEqualTo(rows(straight, order));
    }

    private static Value rows(Value v, int[] order) {
        int row = v.data().length / order.length;
        double[] data = new double[v.data().length];
        for (int i = 0; i < data.length; i++) {
            data[i] = v.data()[order[i / row] * row + i % row];
        }
        return new Value(v.shape(), data);
    }

    /** With two classes, because the sums over them are then the same to the last bit. */
    @Property(tries = TRIES)
    void classesAndTheirWeightsMayTradePlaces(@ForAll long seed) {
        Draw draw = new Draw(seed);
        Value x = draw.normal(Shape.of(4, 2));
        Value y = draw.fractions(Shape.of(4, 2));
        Value t = draw.ints(Shape.of(4), 0, 2);
        double[] w = draw.weights(2);
        double[] v = {w[1], w[0]};
        Value other =
                new Value(t.shape(), Arrays.stream(t.data()).map(c -> 1 - c).toArray());
        traded(Losses.crossEntropy().weights(w), Losses.crossEntropy().weights(v), x, t, other);
        CrossEntropy smooth = Losses.crossEntropy().labelSmoothing(.2);
        traded(smooth.weights(w), smooth.weights(v), x, t, other);
        traded(Losses.multiMargin().weights(w), Losses.multiMargin().weights(v), x, t, other);
        Loss soft = Losses.multiLabelSoftMargin().weights(w);
        traded(soft, Losses.multiLabelSoftMargin().weights(v), x, y, columns(y));
        Loss shares = Losses.crossEntropyWithProbabilities().weights(w);
        traded(shares, Losses.crossEntropyWithProbabilities().weights(v), x, y, columns(y));
    }

    private static void traded(Loss loss, Loss renamed, Value x, Value t, Value other) {
        Evaluation straight = Evaluation.of(loss, x, t);
        Evaluation swapped = Evaluation.of(renamed, columns(x), other);
        assertThat(swapped.value()).isEqualTo(straight.value());
        assertThat(columns(swapped.gradient(0))).isEqualTo(straight.gradient(0));
    }

    /** Both columns the other way round. */
    private static Value columns(Value v) {
        return new Value(
                v.shape(),
                IntStream.range(0, v.data().length)
                        .mapToDouble(i -> v.data()[i ^ 1])
                        .toArray());
    }

    @Property(tries = TRIES)
    void ignoredRowsHaveNoGradientAtAll(@ForAll long seed) {
        Draw draw = new Draw(seed);
        Value x = draw.normal(Shape.of(3, 4, 2));
        Value t = draw.ints(Shape.of(3, 2), 0, 4);
        t.data()[draw.between(0, 5)] = -100;
        for (Loss loss : List.of(
                Losses.crossEntropy(), Losses.crossEntropy().labelSmoothing(.2).weights(1, 2, 3, 4), Losses.nll())) {
            double[] g = Evaluation.of(loss, x, t).gradient(0).data();
            for (int i = 0; i < g.length; i++) {
                if (t.data()[i / 8 * 2 + i % 2] == -100) {
                    assertThat(g[i] == 0).isTrue();
                }
            }
        }
    }

    @Property(tries = TRIES)
    void theSumIsTheMeanTimesTheCount(@ForAll long seed) {
        Draw draw = new Draw(seed);
        // Eight elements, four samples: the divisions are exact.
        Value x = draw.normal(Shape.of(4, 2));
        Value y = draw.uniform(Shape.of(4, 2), 0, 1);
        Value t = draw.ints(Shape.of(4), 0, 2);
        assertThat(8 * mean(Losses.huber(), x, y)).isEqualTo(sum(Losses.huber().reduction(LossReduction.SUM), x, y));
        assertThat(8 * mean(Losses.bceWithLogits(), x, y))
                .isEqualTo(sum(Losses.bceWithLogits().reduction(LossReduction.SUM), x, y));
        assertThat(4 * mean(Losses.crossEntropy(), x, t))
                .isEqualTo(sum(Losses.crossEntropy().reduction(LossReduction.SUM), x, t));
        assertThat(4 * mean(Losses.multiMargin().weights(1, 3), x, t))
                .isEqualTo(sum(Losses.multiMargin().weights(1, 3).reduction(LossReduction.SUM), x, t));
        assertThat(4 * mean(Losses.klDiv().reduction(LossReduction.BATCH_MEAN), x, y))
                .isEqualTo(sum(Losses.klDiv().reduction(LossReduction.SUM), x, y));
    }

    private static double mean(Loss loss, Value x, Value y) {
        return Evaluation.of(loss, x, y).value().item();
    }

    private static double sum(Loss loss, Value x, Value y) {
        return Evaluation.of(loss, x, y).value().item();
    }

    @Property(tries = TRIES)
    void huberIsDeltaTimesSmoothL1(@ForAll long seed, @ForAll @IntRange(min = -3, max = 3) int exponent) {
        Draw draw = new Draw(seed);
        double delta = Math.pow(2, exponent);
        Value x = draw.normal(Shape.of(2, 5));
        Value y = draw.normal(Shape.of(2, 5));
        assertSame(
                Evaluation.of(Losses.huber(delta).reduction(LossReduction.SUM), x, y),
                Evaluation.of(
                        in -> Losses.smoothL1(delta)
                                .reduction(LossReduction.SUM)
                                .apply(in)
                                .mul(delta),
                        x,
                        y));
    }

    @Property(tries = TRIES)
    void bceOfLogitsIsBceOfTheirSigmoid(@ForAll long seed) {
        Draw draw = new Draw(seed);
        Value x = draw.uniform(Shape.of(6), -10, 10);
        Value y = draw.fractions(Shape.of(6));
        close(
                Evaluation.of(Losses.bceWithLogits(), x, y),
                Evaluation.of((a, b) -> Losses.bce().apply(a.sigmoid(), b), x, y),
                1e-11);
    }

    @Property(tries = TRIES)
    void crossEntropyOfTwoClassesIsBceOfTheDifference(@ForAll long seed) {
        Draw draw = new Draw(seed);
        Value x = draw.uniform(Shape.of(5, 2), -20, 20);
        Value t = draw.ints(Shape.of(5), 0, 2);
        Evaluation classes = Evaluation.of(Losses.crossEntropy(), x, t);
        MultiLoss difference = in -> Losses.bceWithLogits()
                .apply(in[0].slice(1, 1, 2).sub(in[0].slice(1, 0, 1)).reshape(5), in[1]);
        close(classes, Evaluation.of(difference, x, t), 1e-14);
    }

    @Property(tries = TRIES)
    void oneHotProbabilitiesAreClasses(@ForAll long seed) {
        Draw draw = new Draw(seed);
        Value x = draw.normal(Shape.of(4, 3));
        Value t = draw.ints(Shape.of(4), 0, 3);
        Value hot = new Value(
                x.shape(),
                IntStream.range(0, 12)
                        .mapToDouble(i -> t.data()[i / 3] == i % 3 ? 1 : 0)
                        .toArray());
        close(
                Evaluation.of(Losses.crossEntropy().labelSmoothing(.1), x, t),
                Evaluation.of(Losses.crossEntropyWithProbabilities().labelSmoothing(.1), x, hot),
                1e-14);
    }

    @Property(tries = TRIES)
    void everyRowOfTheGradientOfCrossEntropySumsToZero(@ForAll long seed) {
        Draw draw = new Draw(seed);
        Value x = draw.uniform(Shape.of(3, 4), -30, 30);
        double[] g = Evaluation.of(Losses.crossEntropy(), x, draw.ints(Shape.of(3), 0, 4))
                .gradient(0)
                .data();
        for (int row = 0; row < 3; row++) {
            assertThat(g[4 * row] + g[4 * row + 1] + g[4 * row + 2] + g[4 * row + 3])
                    .isCloseTo(0, within(1e-15));
        }
    }

    @Property(tries = TRIES)
    void multiLabelSoftMarginIsBceAveragedOverTheClasses(@ForAll long seed) {
        Draw draw = new Draw(seed);
        Value x = draw.normal(Shape.of(4, 2));
        Value y = draw.fractions(Shape.of(4, 2));
        assertSame(
                Evaluation.of(Losses.multiLabelSoftMargin().reduction(LossReduction.NONE), x, y),
                Evaluation.of(
                        (a, b) -> Losses.bceWithLogits()
                                .reduction(LossReduction.NONE)
                                .apply(a, b)
                                .mean(1),
                        x,
                        y));
    }

    @Property(tries = TRIES)
    void crossEntropyIsEntropyPlusDivergence(@ForAll long seed) {
        Draw draw = new Draw(seed);
        Value p = draw.distributions(Shape.of(3, 4), 1);
        Value q = draw.distributions(Shape.of(3, 4), 1);
        MultiLoss sum = in -> Losses.entropy(in[0])
                .sum()
                .add(Losses.klDiv().reduction(LossReduction.SUM).apply(in[1].log(), in[0]));
        close(Evaluation.of(in -> Losses.crossEntropy(in[0], in[1]).sum(), p, q), Evaluation.of(sum, p, q), 1e-13);
        KlDivergence divergence =
                Losses.klDiv().reduction(LossReduction.BATCH_MEAN).strict(true);
        assertThat(Evaluation.of(divergence, draw.logs(q), p).value().item()).isPositive();
        assertThat(Evaluation.of(divergence, draw.logs(p), p).value().item()).isZero();
    }

    @Property(tries = TRIES)
    void tverskyWithHalvesIsDice(@ForAll long seed) {
        Draw draw = new Draw(seed);
        Value p = draw.uniform(Shape.of(2, 3), 0, 1);
        Value g = draw.bits(Shape.of(2, 3));
        MultiLoss formula = in -> in[0].mul(in[1])
                .sum()
                .mul(2)
                .add(1)
                .div(in[0].sum().add(in[1].sum()).add(1))
                .neg()
                .add(1);
        close(Evaluation.of(Losses.dice().tversky(.5, .5), p, g), Evaluation.of(formula, p, g), 1e-14);
    }

    private static void assertSame(Evaluation a, Evaluation b) {
        assertThat(a.value()).isEqualTo(b.value());
        a.gradients().forEach((i, g) -> assertThat(g.data())
                .containsExactly(b.gradient(i).data(), within(0.0)));
    }

    private static void close(Evaluation a, Evaluation b, double tolerance) {
        assertThat(a.value().data()).containsExactly(b.value().data(), within(tolerance));
        a.gradients().forEach((i, g) -> {
            if (b.gradients().containsKey(i)) {
                assertThat(g.data()).containsExactly(b.gradient(i).data(), within(tolerance));
            }
        });
    }
}
