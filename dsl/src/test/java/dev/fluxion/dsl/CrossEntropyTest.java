package dev.fluxion.dsl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Value;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Cross entropy against plain loops that follow PyTorch's definition. */
class CrossEntropyTest {
    @Property(tries = 300)
    void classesAgreeWithPlainLoops(
            @ForAll @IntRange(min = 1, max = 4) int n,
            @ForAll @IntRange(min = 1, max = 5) int c,
            @ForAll @IntRange(min = 0, max = 3) int positions,
            @ForAll boolean weighted,
            @ForAll boolean smooth,
            @ForAll boolean ignoreAClass,
            @ForAll Reduction reduction,
            @ForAll long seed) {
        Random random = new Random(seed);
        int d = Math.max(positions, 1);
        Shape shape = positions == 0 ? Shape.of(n, c) : Shape.of(n, c, d);
        Value logits = new Value(shape, random.doubles(shape.size(), -5, 5).toArray());
        int ignore = ignoreAClass ? 0 : -100;
        double[] targets =
                random.ints(n * d, -1, c).mapToDouble(t -> t < 0 ? ignore : t).toArray();
        double[] w = weighted ? random.doubles(c, 0.1, 3).toArray() : new double[0];
        double epsilon = smooth ? 0.3 : 0;
        CrossEntropy loss = Losses.crossEntropy()
                .reduction(reduction)
                .weights(w)
                .ignoreIndex(ignore)
                .labelSmoothing(epsilon);
        Value y = new Value(shape.without(1), targets);

        double[] each = new double[n * d];
        double total = 0;
        for (int i = 0; i < each.length; i++) {
            int t = (int) targets[i];
            if (t != ignore) {
                double[] logP = logSoftmax(logits.data(), i / d, i % d, c, d);
                total += weight(w, t);
                each[i] = -(1 - epsilon) * weight(w, t) * logP[t];
                for (int k = 0; k < c; k++) {
                    each[i] -= epsilon / c * weight(w, k) * logP[k];
                }
            }
        }
        double[] expected = reduced(each, total, reduction);
        assertThat(LossesTest.run(loss, logits, y).data()).containsExactly(expected, within(1e-11));
        if (total > 0) {
            Numeric.checkGradient(loss::apply, logits, y, false);
        }
    }

    @Property(tries = 200)
    void probabilitiesAgreeWithPlainLoops(
            @ForAll @IntRange(min = 1, max = 4) int n,
            @ForAll @IntRange(min = 1, max = 5) int c,
            @ForAll @IntRange(min = 0, max = 3) int positions,
            @ForAll boolean weighted,
            @ForAll boolean smooth,
            @ForAll Reduction reduction,
            @ForAll long seed) {
        Random random = new Random(seed);
        int d = Math.max(positions, 1);
        Shape shape = positions == 0 ? Shape.of(n, c) : Shape.of(n, c, d);
        Value logits = new Value(shape, random.doubles(shape.size(), -5, 5).toArray());
        Value q = new Value(shape, random.doubles(shape.size(), 0, 1).toArray());
        double[] w = weighted ? random.doubles(c, 0.1, 3).toArray() : new double[0];
        double epsilon = smooth ? 0.3 : 0;
        ProbabilityCrossEntropy loss = Losses.crossEntropyWithProbabilities()
                .reduction(reduction)
                .weights(w)
                .labelSmoothing(epsilon);

        double[] each = new double[n * d];
        for (int i = 0; i < each.length; i++) {
            double[] logP = logSoftmax(logits.data(), i / d, i % d, c, d);
            for (int k = 0; k < c; k++) {
                double share = q.data()[(i / d * c + k) * d + i % d] * (1 - epsilon) + epsilon / c;
                each[i] -= weight(w, k) * share * logP[k];
            }
        }
        double[] expected = reduced(each, n * d, reduction);
        assertThat(LossesTest.run(loss, logits, q).data()).containsExactly(expected, within(1e-11));
        Numeric.checkGradient(loss::apply, logits, q, true);
    }

    @Test
    void aSingleSampleHasItsClassesAlongTheFirstAxis() {
        Value logits = Numeric.vector(.1, .2, .3);
        assertThat(LossesTest.run(Losses.crossEntropy(), logits, Value.scalar(1))
                        .item())
                .isCloseTo(1.1019, within(5e-5));
        assertThat(LossesTest.run(Losses.crossEntropyWithProbabilities(), logits, Numeric.vector(0, 1, 0))
                        .item())
                .isCloseTo(1.1019, within(5e-5));
    }

    @Test
    void withoutWeightsTheGradientIsSoftmaxMinusOneHotOverTheKept() {
        Value logits = Numeric.normal(Shape.of(3, 4), 2);
        Value targets = Numeric.vector(2, -100, 0);
        double[] g = LossesTest.gradient(Losses.crossEntropy(), logits, targets);
        for (int row = 0; row < 3; row++) {
            double[] logP = logSoftmax(logits.data(), row, 0, 4, 1);
            for (int k = 0; k < 4; k++) {
                int t = (int) targets.data()[row];
                double expected = t < 0 ? 0 : (Math.exp(logP[k]) - (k == t ? 1 : 0)) / 2;
                assertThat(g[row * 4 + k]).isCloseTo(expected, within(1e-14));
            }
        }
    }

    @Test
    void elementwiseGradientsAreSlopes() {
        Value x = Numeric.normal(Shape.of(3, 4), 2);
        Value y = Numeric.normal(Shape.of(3, 4), 3);
        for (Reduction reduction : Reduction.values()) {
            Numeric.checkGradient(Losses.l1().reduction(reduction)::apply, x, y, true);
            Numeric.checkGradient(Losses.mse().reduction(reduction)::apply, x, y, true);
        }
    }

    private static double[] reduced(double[] each, double total, Reduction reduction) {
        double sum = Arrays.stream(each).sum();
        return switch (reduction) {
            case NONE -> each;
            case SUM -> new double[] {sum};
            case MEAN -> new double[] {sum / total};
        };
    }

    private static double weight(double[] weights, int c) {
        return weights.length == 0 ? 1 : weights[c];
    }

    private static double[] logSoftmax(double[] logits, int sample, int position, int classes, int positions) {
        double[] line = new double[classes];
        double sum = 0;
        for (int k = 0; k < classes; k++) {
            line[k] = logits[(sample * classes + k) * positions + position];
            sum += Math.exp(line[k]);
        }
        for (int k = 0; k < classes; k++) {
            line[k] -= Math.log(sum);
        }
        return line;
    }
}
