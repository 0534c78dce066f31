package dev.fluxion.dsl.optim;

import static dev.fluxion.dsl.layer.Layers.batchNorm;
import static dev.fluxion.dsl.layer.Layers.dropout;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.relu;
import static dev.fluxion.dsl.loss.Losses.mse;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxion.Optimizer;
import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.train.Checkpoint;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.Training;
import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** With every optimizer, and with buffers, n steps, a file, and n more steps in another model are bit for bit 2n steps. */
class ResumeTest {
    private static final Seq NET = Seq.of(linear(3, 8), batchNorm(8), relu(), dropout(0.3), linear(8, 2));
    private static final int STEPS = 4;

    @TempDir
    Path folder;

    @TestFactory
    Stream<DynamicTest> everyOptimizerGoesOnWhereItWas() {
        return OptimizerCases.all().entrySet().stream()
                .map(c -> DynamicTest.dynamicTest(c.getKey(), () -> resumes(c.getValue())));
    }

    private void resumes(Optimizer optimizer) throws IOException {
        Path file = folder.resolve("checkpoint.safetensors");
        Checkpoint whole;
        try (Model model = Model.of(NET, 3).threads(1);
                Training training = model.training(mse(), optimizer)) {
            steps(training, 0);
            training.checkpoint().save(file);
            steps(training, STEPS);
            whole = training.checkpoint();
        }
        try (Model model = Model.of(NET, 3).seed(9).threads(1);
                Training training = model.training(mse(), optimizer).restore(Checkpoint.load(file))) {
            steps(training, STEPS);
            assertThat(training.checkpoint()).isEqualTo(whole);
        }
    }

    private static void steps(Training training, int from) {
        for (int i = from; i < from + STEPS; i++) {
            SplittableRandom random = new SplittableRandom(i);
            float[] x = new float[12];
            float[] y = new float[8];
            for (int j = 0; j < 12; j++) {
                x[j] = (float) random.nextDouble(-1, 1);
                y[j % 8] = (float) random.nextDouble(-1, 1);
            }
            training.step(new Batch(Tensor.of(x, 4, 3), Tensor.of(y, 4, 2)));
        }
    }
}
