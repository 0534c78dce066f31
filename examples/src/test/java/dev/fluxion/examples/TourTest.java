package dev.fluxion.examples;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The tours print the numbers of the tutorials. */
class TourTest {
    private static final Captured LOSSES = Captured.of(LossTour::run);

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "l1(); 0.6667; [0, 0, -0.3333]",
                "l1().reduction(SUM); 2; [0, 0, -1]",
                "l1().reduction(NONE); [0, 0, 2]; [0, 0, -1]",
                "mse(); 1.3333; [0, 0, -1.3333]",
                "mse().reduction(SUM); 4; [0, 0, -4]",
                "crossEntropy(); 1.1019; [0.3006, -0.6678, 0.3672]",
                "nll() of logSoftmax; 1.1019; [0.3006, -0.6678, 0.3672]",
                "crossEntropy(); 0.968; [-0.6202, 0.3302, 0.29]",
                "bce(); 0.1643; [-0.2778, -0.3125, 0.2778, 0.3125]",
                "dice(); 0.12; [-0.224, -0.224, 0.176, 0.176]",
                "dice().smooth(0); 0.15; [-0.2875, -0.2875, 0.2125, 0.2125]",
                "entropy(p); 1.0397; [-0.3069, 0.3863, 0.3863]",
                "crossEntropy(p, q); 1.213; [1.3863, 1.3863, 0.6931]",
                "klDiv() of log q, p; 0.1733; [-2, -1, -0.5]",
                "klDiv() of log p, p; 0; [-1, -1, -1]",
                "hingeEmbedding(); [0.5, -0.5, 0.7, 0]; [1, 1, -1, 0]",
                "tripletMargin(); [0.5, 0]; [0, 0, 0, 0]"
            })
    void a_loss_has_the_value_and_gradient_of_the_tutorial(String loss, String value, String gradient) {
        assertThat(LOSSES.out().lines())
                .anyMatch(line -> line.startsWith("  " + loss + " ")
                        && line.contains(" = " + value + " ")
                        && line.endsWith(" gradient " + gradient));
    }

    @Test
    void training_is_shown_step_by_step() {
        Captured tour = Captured.of(TrainingTour::run);

        assertThat(tour.out())
                .contains("after 200 updates y = 1.9")
                .contains("epoch 2/5: lr 0, ", "epoch 3/5: lr 0.01, ", "epoch 5/5: lr 0.02, ")
                .contains("gradient check passed (2 checked, 0 wrong")
                .contains("swish()", "residual(…)", "concat(2 branches)")
                .contains("steps (", "flowchart TB");
        assertThat(tour.err())
                .contains("the schedule's factor(0), for epoch 1/5, makes the learning rate 0: "
                        + "nothing is learned in such epochs")
                .hasLineCount(1);
    }
}
