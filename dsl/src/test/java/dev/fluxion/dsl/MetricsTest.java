package dev.fluxion.dsl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Loss;
import dev.fluxion.Metric;
import dev.fluxion.Tensor;
import dev.fluxion.data.DataLoader;
import dev.fluxion.data.Dataset;
import dev.fluxion.ir.Shape;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MetricsTest {
    private final Metric accuracy = Metrics.accuracy();

    @Test
    void accuracyCountsTheRightRows() {
        Tensor logits = Tensor.of(new float[] {1, 2, 0, 5, 5, 1, 0, 1, 2}, 3, 3);
        assertThat(accuracy.name()).isEqualTo("accuracy");
        assertThat(accuracy.sum(logits, Tensor.labels(1, 0, 2))).isEqualTo(3);
        assertThat(accuracy.sum(logits, Tensor.labels(1, 1, 0))).isEqualTo(1);
    }

    @Test
    void accuracyTakesANaNForTheLargest() {
        Tensor logits = Tensor.of(new float[] {1, Float.NaN, 0, Float.NaN, 2, Float.NaN}, 2, 3);
        assertThat(accuracy.sum(logits, Tensor.labels(1, 0))).isEqualTo(2);
    }

    @Test
    void positionsOfASampleShareItsCount() {
        Tensor logits = Tensor.of(new float[] {1, 0, 1, 0, 0, 1, 0, 1}, 1, 2, 4);
        assertThat(accuracy.sum(logits, Tensor.of(new int[] {0, 1, 1, 0}, Shape.of(1, 4))))
                .isEqualTo(0.5);
    }

    @Test
    void aLossIsAMetricByItsMeanOverAllSamples() {
        Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5}, 5, 1);
        Tensor y = Tensor.of(new float[] {0, 7, 3, -9, 1}, 5, 1);
        DataLoader unequalBatches = DataLoader.of(Dataset.of(x, y)).batch(2);
        Metric square = Metrics.mean(Losses.mse());
        Metric each = Metrics.mean("mae", Losses.l1().reduction(Reduction.NONE));
        assertThat(square.name()).isEqualTo("mse()");
        try (Model model = Model.of(Layers.identity(), 1)) {
            assertThat(model.evaluate(unequalBatches, square, each))
                    .containsExactly(Map.entry("mse()", (1 + 25 + 0 + 169 + 16) / 5.0), Map.entry("mae", 23 / 5.0));
        }
    }

    /** Results are told by name: of two with the same one, one would be lost. */
    @Test
    void metricsHaveDifferentNames() {
        DataLoader data = DataLoader.of(Dataset.of(Tensor.zeros(1, 1), Tensor.zeros(1, 1)));
        Metric one = Metrics.mean((output, target) -> output.sub(target));
        Metric two = Metrics.mean((output, target) -> output.sub(target).abs());
        Trainer trainer = Trainer.of(Losses.mse(), Optimizers.sgd(1));
        String message =
                ": two metrics are called 'lambda'; that of a loss has the name it is given: mean(\"…\", loss)";
        assertThatThrownBy(() -> trainer.evaluate(data, one, accuracy, two))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("trainer" + message);
        try (Model model = Model.of(Layers.identity(), 1)) {
            assertThatThrownBy(() -> model.evaluate(data, one, two))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("evaluate" + message);
        }
    }

    @Test
    void aLossOfClassesIsAMetric() {
        Tensor logits = Tensor.of(new float[] {1, 2, 0, 5, 5, 1}, 2, 3);
        Tensor labels = Tensor.labels(1, 0);
        assertThat(Metrics.mean(Losses.crossEntropy()).sum(logits, labels))
                .isEqualTo(2
                        * Evaluation.of(Losses.crossEntropy(), logits, labels)
                                .value()
                                .item());
        assertThatThrownBy(() -> Metrics.mean(Losses.crossEntropy()).sum(logits, Tensor.vector(1, 0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected integers, a class per position, but got floating-point targets 2");
        Loss own = (output, target) -> output.sub(target).mean();
        assertThatThrownBy(() -> Metrics.mean("own", own).sum(logits, Tensor.zeros(2, 2)))
                .hasMessageStartingWith("lambda of outputs 2×3 and targets 2×2: ");
    }

    @Test
    void labelsThatDoNotFitAreRefused() {
        Tensor logits = Tensor.zeros(3, 2);
        assertThatThrownBy(() -> accuracy.sum(logits, Tensor.labels(1, 2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("accuracy: expected integer labels 3 for outputs 3×2 but got integers 2");
        assertThatThrownBy(() -> accuracy.sum(logits, Tensor.vector(0, 1, 0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("accuracy: expected integer labels 3 for outputs 3×2 but got floating-point targets 3; "
                        + "make labels with Tensor.labels(…)");
        assertThatThrownBy(() -> accuracy.sum(Tensor.zeros(3), Tensor.labels(0, 1, 0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("accuracy: expected outputs N×C or N×C×… but got 3");
    }
}
