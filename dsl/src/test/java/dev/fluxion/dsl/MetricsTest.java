package dev.fluxion.dsl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Metric;
import dev.fluxion.Tensor;
import dev.fluxion.ir.Shape;
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
    void positionsOfASampleShareItsCount() {
        Tensor logits = Tensor.of(new float[] {1, 0, 1, 0, 0, 1, 0, 1}, 1, 2, 4);
        assertThat(accuracy.sum(logits, Tensor.of(new int[] {0, 1, 1, 0}, Shape.of(1, 4))))
                .isEqualTo(0.5);
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
