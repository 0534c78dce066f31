package dev.fluxion.dsl.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.dsl.Numeric;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Value;
import org.junit.jupiter.api.Test;

/** Gradients in closed form. */
class CrossEntropyTest {
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
        for (LossReduction reduction : LossReduction.values()) {
            Numeric.checkGradient(Losses.l1().reduction(reduction)::apply, x, y, true);
            Numeric.checkGradient(Losses.mse().reduction(reduction)::apply, x, y, true);
        }
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
