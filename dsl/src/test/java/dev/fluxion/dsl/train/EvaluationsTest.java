package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.loss.Losses.l1;
import static dev.fluxion.dsl.loss.Losses.mse;
import static dev.fluxion.dsl.optim.Optimizers.sgd;
import static dev.fluxion.dsl.train.Metrics.mean;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Metric;
import dev.fluxion.Tensor;
import dev.fluxion.data.DataLoader;
import dev.fluxion.data.Dataset;
import dev.fluxion.dsl.train.TrainingListener.Epoch;
import dev.fluxion.dsl.train.TrainingListener.Evaluated;
import dev.fluxion.dsl.train.TrainingListener.Report;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several evaluations, within epochs, too, of weights and of their averages. */
class EvaluationsTest {
    /** Five steps an epoch. */
    private static final DataLoader DATA = loader(10, 1, 2);

    private static final Metric ERROR = mean("error", l1());
    private static final Trainer TRAINER = Trainer.of(mse(), sgd(0.1).average(0.5))
            .epochs(2)
            .evaluate("near", loader(3, 1, 2), ERROR, mean("square", mse()))
            .evaluate("far", loader(3, 7, 2), ERROR)
            .evaluate(loader(3, 0, 2), ERROR);

    @TempDir
    Path folder;

    private final Model model = Model.of(linear(1, 1), 1).threads(1);

    private static DataLoader loader(int count, float target, int batch) {
        return DataLoader.of(Dataset.of(Tensor.full(0.5f, count, 1), Tensor.full(target, count, 1)))
                .batch(batch)
                .shuffle(1);
    }

    @AfterEach
    void close() {
        model.close();
    }

    /** All but the time. */
    private static List<List<Object>> results(List<Report> reports) {
        return reports.stream()
                .map(r -> List.<Object>of(
                        r.epoch(), r instanceof Evaluated within ? within.steps() : -1, r.loss(), r.metrics()))
                .toList();
    }

    @Test
    void theMetricsOfSeveralSetsHaveTheNamesOfTheSets() throws IOException {
        List<String> lines = new ArrayList<>();
        LossCurve curve = new LossCurve("far.error", "near.error");
        Outcome outcome = TRAINER.stop(EarlyStopping.of(Best.highest("far.error"), 1))
                .listen(TrainingListener.lines(0, lines::add))
                .listen(curve)
                .fit(model, DATA);
        assertThat(outcome.end()).isEqualTo(Outcome.End.NO_BETTER);
        assertThat(outcome.best()).isEqualTo(outcome.history().get(0));
        for (Epoch epoch : outcome.history()) {
            assertThat(epoch.metrics()).containsOnlyKeys("near.error", "near.square", "far.error", "error");
            assertThat(epoch.metrics().get("error") + epoch.metrics().get("far.error"))
                    .isCloseTo(7, within(1e-5));
        }
        assertThat(lines.get(1))
                .matches(
                        "epoch 2/2: lr 0\\.1, mean loss \\S+, near.error \\S+, near.square \\S+, far.error \\S+, error .*");
        assertThat(curve.svg()).contains(">far.error</text>", ">near.error</text>");

        try (Model other = Model.of(linear(1, 1), 1).threads(1)) {
            Outcome again = TRAINER.evaluate("far", loader(3, 9, 1), ERROR).fit(other, DATA);
            assertThat(again.history().get(0).metrics().get("far.error").floatValue())
                    .as("data of the same name take the place of the earlier ones")
                    .isEqualTo(
                            outcome.history().get(0).metrics().get("far.error").floatValue() + 2);
        }
    }

    @Test
    void evaluationsWithinEpochsAreReportedAndDecide() {
        List<String> lines = new ArrayList<>();
        LossCurve curve = new LossCurve("near.error");
        Trainer trainer = TRAINER.epochs(3)
                .evaluateEvery(3)
                .listen(TrainingListener.lines(0, lines::add))
                .listen(curve);
        Outcome outcome = trainer.fit(model, DATA);
        assertThat(outcome.reports())
                .extracting(r -> r instanceof Evaluated within ? within.steps() : -1L - r.epoch())
                .as("the 15th step is the end of an epoch")
                .containsExactly(3L, -1L, 6L, 9L, -2L, 12L, -3L);
        assertThat(outcome.history()).hasSize(3);
        assertThat(lines).hasSize(7);
        assertThat(lines.get(2)).matches("epoch 2/3, step 6: lr 0\\.1, mean loss \\S+, near.error .*, error \\S+");
        assertThat(curve.svg()).containsPattern("<polyline points=\"(\\S+,\\S+ ){6}\\S+,\\S+\"");

        try (Model other = Model.of(linear(1, 1), 1).threads(1)) {
            Outcome stopped = trainer.stop(EarlyStopping.of(Best.highest("near.error"), 2))
                    .fit(other, DATA);
            assertThat(stopped.steps()).as("within an epoch").isEqualTo(6);
            assertThat(stopped).hasToString("1 epochs, 6 steps, best epoch 1, step 3, ended: it got no better");
        }
    }

    @Test
    void anEvaluationOfTheAveragesLeavesTheTrainingAsItIs() {
        List<Map<String, Double>> values = new ArrayList<>();
        TrainingListener looking = new TrainingListener() {
            @Override
            public void iteration(Iteration iteration, Training training) {
                Map<String, Tensor> own = model.parameters().values();
                model.parameters().load(training.averages());
                values.add(model.evaluate(loader(3, 0, 2), ERROR));
                model.parameters().load(own);
            }
        };
        Trainer plain = Trainer.of(mse(), TRAINER.optimizer()).epochs(2);
        Trainer averaged = TRAINER.evaluateEvery(1).evaluateAverages();
        Checkpoints checkpoints = Checkpoints.in(folder);
        Outcome outcome = averaged.listen(looking).checkpoints(checkpoints).fit(model, DATA);
        assertThat(outcome.reports())
                .extracting(r -> r.metrics().get("error"))
                .isEqualTo(values.stream().map(v -> v.get("error")).toList());
        Checkpoint last = last(checkpoints);
        assertThat(model.parameters().values()).isEqualTo(last.averages()).isNotEqualTo(last.weights());
        try (Model other = Model.of(linear(1, 1), 1).threads(1)) {
            plain.fit(other, DATA);
            assertThat(other.parameters().values()).isEqualTo(last.weights());
        }
        try (Model other = Model.of(linear(1, 1), 1).threads(1)) {
            Outcome best =
                    averaged.stop(EarlyStopping.of(Best.lowest("error"), 100)).fit(other, DATA);
            assertThat(other.evaluate(loader(3, 0, 2), ERROR))
                    .isEqualTo(Map.of("error", best.best().metrics().get("error")));
        }
    }

    private static Checkpoint last(Checkpoints checkpoints) {
        try {
            return checkpoints.last().orElseThrow();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** It ends at the 7th of ten steps, or a listener throws at the 6th, where an evaluation is due. */
    @Test
    void aResumedTrainingEvaluatesWhatTheWholeOneDoes() throws IOException {
        TrainingListener failing = new TrainingListener() {
            @Override
            public void iteration(Iteration iteration, Training training) {
                if (training.steps() == 6) {
                    throw new IllegalStateException("full");
                }
            }
        };
        Trainer trainer = TRAINER.evaluateEvery(3).evaluateAverages().stop(EarlyStopping.of(Best.lowest("error"), 100));
        Checkpoints whole = Checkpoints.in(folder.resolve("whole"));
        trainer.checkpoints(whole).fit(model, DATA);
        for (Trainer stopping : List.of(trainer.steps(7), trainer.listen(failing))) {
            Checkpoints part = Checkpoints.in(
                            folder.resolve("part" + stopping.listeners().size()))
                    .best(Best.lowest("error"))
                    .resume();
            try (Model first = Model.of(linear(1, 1), 1).threads(1)) {
                stopping.checkpoints(part).fit(first, DATA);
            } catch (ListenerException thrown) {
                assertThat(thrown).hasMessageContaining("full");
            }
            try (Model second = Model.of(linear(1, 1), 1).threads(1)) {
                trainer.checkpoints(part).fit(second, DATA);
                assertThat(second.parameters().values())
                        .isEqualTo(model.parameters().values());
            }
            assertThat(results(last(part).reports()))
                    .isEqualTo(results(last(whole).reports()));
            assertThat(last(part).state()).isEqualTo(last(whole).state());
            assertThat(last(part).best()).isEqualTo(last(whole).best());
        }
    }

    @Test
    void whatCannotBeEvaluatedIsTold() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TRAINER.evaluate(" ", DATA, ERROR))
                .withMessage("evaluate: data with a blank name would have the metrics of those without one; give them a"
                        + " name, as in evaluate(\"validation\", …)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TRAINER.evaluateEvery(0))
                .withMessage("trainer: evaluateEvery must be at least 1 but is 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Trainer.of(mse(), sgd(0.1)).evaluateEvery(5).fit(model, DATA))
                .withMessage("trainer: there is nothing to evaluate every 5 steps; give it data with evaluate(…)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Trainer.of(mse(), sgd(0.1)).evaluateAverages().fit(model, DATA))
                .withMessage("trainer: evaluateAverages() needs averages of all that is trained, but " + sgd(0.1)
                        + " keeps none; give it average(decay)");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> TRAINER.evaluate(DATA, mean("near.error", l1())).fit(model, DATA))
                .withMessageStartingWith("evaluate: two metrics are called 'near.error'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TRAINER.stop(EarlyStopping.of(Best.lowest("loud.error"), 1))
                        .fit(model, DATA))
                .withMessageStartingWith("there is no metric 'loud.error' to tell the best by; there are [error, far");
        assertThatThrownBy(() -> TRAINER.listen(new LossCurve("loss")).fit(model, DATA))
                .isInstanceOf(ListenerException.class)
                .hasMessageContaining(
                        "LossCurve: the evaluation has no value 'loss'; there are [error, far.error, near");
        try (Training training = model.training(mse(), sgd(0.1))) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> training.checkpoint().averages())
                    .withMessage(
                            "the optimizer has no averages of the parameters: they need average(decay) and an update");
        }
    }
}
