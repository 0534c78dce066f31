package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.relu;
import static dev.fluxion.dsl.layer.Layers.softmax;
import static dev.fluxion.dsl.loss.Losses.crossEntropy;
import static dev.fluxion.dsl.optim.Optimizers.adam;
import static dev.fluxion.dsl.optim.Optimizers.sgd;
import static dev.fluxion.dsl.train.Metrics.accuracy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxion.Tensor;
import dev.fluxion.data.DataLoader;
import dev.fluxion.data.Dataset;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.lint.Check;
import dev.fluxion.dsl.lint.Finding;
import dev.fluxion.dsl.lint.Lint;
import dev.fluxion.ir.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trainings on few batches, and the learning-rate finder. */
class TrialTest {
    private static final DataLoader DATA = DataLoader.of(noise(100)).batch(8).shuffle(5);

    /** Numbers of which the largest of the first four is the label. */
    private static Dataset noise(int count) {
        Random random = new Random(1);
        float[] inputs = new float[count * 16];
        int[] labels = new int[count];
        for (int i = 0; i < inputs.length; i++) {
            inputs[i] = (float) random.nextGaussian();
            labels[i / 16] = i % 16 < 4 && inputs[i] > inputs[i / 16 * 16 + labels[i / 16]] ? i % 16 : labels[i / 16];
        }
        return Dataset.of(Tensor.of(inputs, count, 16), Tensor.of(labels, Shape.of(count)));
    }

    private static Model model() {
        return Model.of(Seq.of(linear(16, 32), relu(), linear(32, 4)), 16);
    }

    @Test
    void aFastDevRunIsOneShortEpochThatWritesNothing(@TempDir Path folder) {
        List<String> lines = new ArrayList<>();
        Trainer trainer = Trainer.of(crossEntropy(), sgd(0.1))
                .epochs(50)
                .checkpoints(Checkpoints.in(folder.resolve("checkpoints")))
                .listen(CsvLog.steps(folder.resolve("steps.csv")))
                .listen(TrainingListener.lines(1, lines::add))
                .fastDevRun(3)
                .evaluate("test", DATA, accuracy());
        try (Model model = model()) {
            Outcome outcome = trainer.fit(model, DATA);

            assertThat(outcome.steps()).isEqualTo(3);
            assertThat(outcome.history()).hasSize(1);
            assertThat(outcome.history().get(0).metrics().get("test.accuracy") * 24)
                    .isCloseTo(
                            Math.rint(outcome.history().get(0).metrics().get("test.accuracy") * 24),
                            org.assertj.core.data.Offset.offset(1e-9));
        }
        assertThat(lines).hasSize(4).first().asString().startsWith("epoch 1/1, iteration 1/3");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aNetworkThatCanLearnLearnsOneBatchByHeart() {
        try (Model model = model()) {
            Outcome outcome = Trainer.of(crossEntropy(), adam(0.01))
                    .overfit(1)
                    .epochs(150)
                    .evaluate("test", DataLoader.of(noise(16)).batch(16), accuracy())
                    .fit(model, DATA.augment(1, (samples, seeds) -> {
                        throw new AssertionError("augmented");
                    }));

            assertThat(outcome.steps()).isEqualTo(150);
            TrainingListener.Epoch last = outcome.history().get(149);
            assertThat(last.loss()).isLessThan(0.02);
            assertThat(last.metrics()).isEqualTo(Map.of("test.accuracy", 1.0));
        }
    }

    @Test
    void batchesAreNeeded() {
        Trainer trainer = Trainer.of(crossEntropy(), sgd(0.1));
        assertThatThrownBy(() -> trainer.overfit(0))
                .hasMessage("Trial: the number of batches must be at least 1 but is 0");
        assertThatThrownBy(() -> trainer.fastDevRun(-1)).hasMessageContaining("at least 1 but is -1");
    }

    @Test
    void theFinderSuggestsARateThatLearnsAndLeavesTheModel(@TempDir Path folder) throws Exception {
        try (Model model = model()) {
            Map<String, Tensor> before = model.parameters().values();
            Trainer trainer = Trainer.of(crossEntropy(), sgd(0.1));

            RateCurve curve = LearningRateFinder.of(trainer).run(model, DATA);

            assertThat(model.parameters().values()).isEqualTo(before);
            assertThat(curve.suggestion().orElseThrow()).isBetween(1e-3, 5.0);
            assertThat(curve.rates())
                    .hasSameSizeAs(curve.losses())
                    .hasSizeBetween(50, 100)
                    .startsWith(1e-7);
            assertThat(curve.losses()[0]).isBetween(1.0, 3.0);
            curve.save(folder.resolve("rates.svg"));
            assertThat(folder.resolve("rates.svg")).content().contains("learning rate", "smooth");
            assertThat(curve).asString().contains("the loss falls fastest at");
            assertThat(LearningRateFinder.of(trainer).run(model, DATA).losses()).isEqualTo(curve.losses());
        }
    }

    @Test
    void theFinderTellsWhomTheTrainerTells() {
        List<Finding> findings = new ArrayList<>();
        Trainer trainer = Trainer.of(crossEntropy(), sgd(0.1)).lint(Lint.all().to(findings::add));
        try (Model model = Model.of(Seq.of(linear(4, 3), softmax()), 4)) {
            Dataset data = Dataset.of(Tensor.zeros(8, 4), Tensor.labels(0, 1, 2, 0, 1, 2, 0, 1));
            LearningRateFinder.of(trainer)
                    .steps(10)
                    .run(model, DataLoader.of(data).batch(4));
        }
        assertThat(findings).extracting(Finding::check).containsExactly(Check.OUTPUT_SCALE);
    }

    @Test
    void theFinderStopsWhereTheLossIsLostAndNeedsAGoodRange() {
        Trainer trainer = Trainer.of(crossEntropy(), sgd(0.1));
        LearningRateFinder finder =
                LearningRateFinder.of(trainer).from(1).to(1e30).steps(50);
        try (Model model = model()) {
            assertThat(finder.run(model, DATA).losses().length).isLessThan(50);
            RateCurve still =
                    LearningRateFinder.of(trainer).from(1e-30).to(1e-29).run(model, DATA);
            assertThat(still.losses()).hasSize(100);
            assertThat(still.suggestion()).isEmpty();
            assertThat(still).asString().endsWith("the loss never falls by more than chance");
        }
        assertThatThrownBy(() -> finder.steps(0)).hasMessage("LearningRateFinder: steps must be at least 10 but is 0");
        assertThatThrownBy(() -> finder.to(0.5))
                .hasMessage("LearningRateFinder: the last learning rate must be above the first, 1.0, but is 0.5");
        assertThatThrownBy(() -> finder.from(Double.NaN)).hasMessageContaining("the first learning rate");
    }
}
