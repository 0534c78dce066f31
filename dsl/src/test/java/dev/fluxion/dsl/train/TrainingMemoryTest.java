package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.embedding;
import static dev.fluxion.dsl.layer.Layers.gru;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.loss.Losses.crossEntropy;
import static dev.fluxion.dsl.optim.Optimizers.adam;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Input;
import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.ffi.Memory;
import dev.fluxion.ir.Shape;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What a training holds does not grow with the number of its extents: its programs compute in one arena. */
class TrainingMemoryTest {
    private static final int LONGEST = 12;
    private static final int MOST = 20;
    private final SplittableRandom random = new SplittableRandom(3);

    private static Model model() {
        return Model.of(
                Seq.of(embedding(30, 8), gru(8, 8).last(), linear(8, 3)),
                Input.ints("ids", LONGEST).varies(0, "T"));
    }

    private Batch batch(int rows, int length) {
        int[] ids = random.ints((long) rows * length, 0, 30).toArray();
        return new Batch(
                Tensors.of("ids", Tensor.of(ids, Shape.of(rows, length))),
                Tensors.of(Tensor.labels(random.ints(rows, 0, 3).toArray())));
    }

    private Batch drawn() {
        return batch(random.nextInt(1, MOST + 1), random.nextInt(1, LONGEST + 1));
    }

    @Test
    void anyExtentsComputeInTheMemoryOfTheLargest() {
        try (Model model = model();
                Training training = model.training(crossEntropy(), adam(0.01))) {
            training.step(batch(MOST, LONGEST));
            long once = Memory.openBytes();
            for (int i = 0; i < 30; i++) {
                training.step(drawn());
                assertThat(Memory.openBytes()).isLessThanOrEqualTo(once);
            }
        }
    }

    @Test
    void stepsAreThoseOfATrainingThatKnowsNoOtherExtents() {
        try (Model model = model();
                Model other = model();
                Training training = model.training(crossEntropy(), adam(0.01))) {
            other.parameters().load(model.parameters().values());
            TrainingState state = null;
            for (int i = 0; i < 12; i++) {
                Batch batch = drawn();
                try (Training alone = other.training(crossEntropy(), adam(0.01))) {
                    if (state != null) {
                        alone.restore(state);
                    }
                    assertThat(training.step(batch)).isEqualTo(alone.step(batch));
                    state = alone.state();
                }
            }
            assertThat(model.parameters().values()).isEqualTo(other.parameters().values());
        }
    }

    @Test
    void aProgramThatItsUserHasClosedIsCompiledAnew() {
        try (Model model = model();
                Training training = model.training(crossEntropy(), adam(0.01))) {
            training.program(batch(3, 4)).close();
            assertThat(training.step(batch(3, 4))).isPositive();
            assertThat(training.program(batch(3, 4)).explain().steps()).isNotEmpty();
        }
    }

    @Test
    void whatABatchLeftIsThereUntilTheNextOne() {
        try (Model model = model();
                Training training = model.training(crossEntropy(), adam(0.01))) {
            Batch batch = batch(4, 5);
            training.step(batch(2, 3));
            training.forward(batch);
            Tensor output = training.output();
            assertThat(training.program(batch(3, 4)).explain().steps()).isNotEmpty();
            training.backward();
            training.update();
            assertThat(training.output()).isEqualTo(output);
        }
    }
}
