package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.dropout;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.relu;
import static dev.fluxion.dsl.loss.Losses.mse;
import static dev.fluxion.dsl.optim.Optimizers.adam;
import static dev.fluxion.dsl.optim.Optimizers.sgd;
import static dev.fluxion.dsl.train.Metrics.mae;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.data.DataLoader;
import dev.fluxion.data.Dataset;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.optim.Schedules;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A trainer whose steps are somebody's own keeps all that stands around them. */
class TrainingStepTest {
    private static final Dataset SAMPLES = Dataset.of(
            Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 10, 1),
            Tensor.of(new float[] {2, 4, 6, 8, 10, 12, 14, 16, 18, 20}, 10, 1));
    private static final DataLoader DATA = DataLoader.of(SAMPLES).batch(2).shuffle(3);

    private static float explicit(Training training, Batch batch) {
        float loss = training.forward(batch);
        training.backward();
        training.update();
        training.zeroGrad();
        return loss;
    }

    @Test
    void reportsOfItAreThoseOfTheStepThatItRepeats() {
        Trainer trainer = Trainer.of(mse(), sgd(0.002).momentum(0.9))
                .epochs(3)
                .schedule(Schedules.step(1, 0.5))
                .evaluate(DATA, mae());
        LossCurve plain = new LossCurve("mae");
        LossCurve own = new LossCurve("mae");
        try (Model one = Model.of(linear(1, 1), 1);
                Model other = Model.of(linear(1, 1), 1)) {
            Outcome expected = trainer.listen(plain).fit(one, DATA);

            Outcome outcome =
                    trainer.listen(own).step(TrainingStepTest::explicit).fit(other, DATA);

            assertThat(outcome.steps()).isEqualTo(15).isEqualTo(expected.steps());
            assertThat(own.losses()).containsExactly(plain.losses(), offset(1e-4f));
            assertThat(outcome.reports()).hasSize(3);
            for (int i = 0; i < 3; i++) {
                Map<String, Double> values = expected.reports().get(i).values();
                outcome.reports().get(i).values().forEach((name, value) -> assertThat(value)
                        .as(name)
                        .isEqualTo(values.get(name), offset(1e-4)));
            }
        }
    }

    /** Gradients of two batches are collected by hand; the stop falls between them. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3, 7})
    void goesOnAsIfItHadNotStopped(int stop, @TempDir Path folder) {
        Seq net = Seq.of(linear(1, 8), relu(), dropout(0.3), linear(8, 1));
        Map<String, Tensor> through;
        try (Model model = Model.of(net, 1).seed(4)) {
            collecting(Integer.MAX_VALUE).fit(model, DATA);
            through = model.parameters().values();
        }
        Checkpoints kept = Checkpoints.in(folder);
        try (Model model = Model.of(net, 1).seed(4)) {
            collecting(stop).checkpoints(kept).fit(model, DATA);
        }
        try (Model model = Model.of(net, 1).seed(5)) {
            collecting(Integer.MAX_VALUE).checkpoints(kept.resume()).fit(model, DATA);

            assertThat(model.parameters().values()).isEqualTo(through);
        }
    }

    /** Updates after every second batch, and asks to stop after so many of them. */
    private static Trainer collecting(int stop) {
        List<Integer> seen = new ArrayList<>();
        return Trainer.of(mse(), adam(0.01)).epochs(4).step((training, batch) -> {
            float loss = training.forward(batch);
            training.backward();
            seen.add(1);
            if (collected(training) == 1) {
                training.update();
                training.zeroGrad();
            }
            if (seen.size() == stop) {
                training.stop("enough");
            }
            return loss;
        });
    }

    private static int collected(Training training) {
        return training.state().progress().batches() % 2;
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
    void tellsThatThereIsNoLoss(float value) {
        try (Model model = Model.of(linear(1, 1), 1)) {
            Trainer trainer = Trainer.of(mse(), sgd(0.01)).step((training, batch) -> value);

            assertThatThrownBy(() -> trainer.fit(model, DATA))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("trainer: the step must return the loss of its batch, a finite number, but returned "
                            + value);
        }
    }

    @Test
    void aRateIsFoundWithIt() {
        Trainer trainer = Trainer.of(mse(), sgd(0.01));
        try (Model model = Model.of(linear(1, 1), 1)) {
            RateCurve expected = LearningRateFinder.of(trainer).steps(20).run(model, DATA);

            RateCurve found = LearningRateFinder.of(trainer.step(TrainingStepTest::explicit))
                    .steps(20)
                    .run(model, DATA);

            assertThat(found.losses()).containsExactly(expected.losses(), offset(1e-3));
            assertThatThrownBy(() -> LearningRateFinder.of(trainer.step(Training::forward))
                            .run(model, DATA))
                    .hasMessage(
                            "learningRateFinder: the trainer's step must update the model, but did not in 6 batches");
        }
    }

    @Test
    void failsAsItsStepDoes() {
        try (Model model = Model.of(linear(1, 1), 1)) {
            Trainer trainer = Trainer.of(mse(), sgd(0.01)).step((training, batch) -> {
                throw new IllegalStateException("no more");
            });

            assertThatThrownBy(() -> trainer.fit(model, DATA)).hasMessage("no more");
            assertThat(model.predict(Tensor.full(1, 1, 1)).shape().size()).isEqualTo(1);
        }
    }
}
