package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.loss.Losses.mse;
import static dev.fluxion.dsl.optim.Optimizers.sgd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fluxion.Metric;
import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.data.DataLoader;
import dev.fluxion.data.Dataset;
import dev.fluxion.dsl.train.Outcome.End;
import dev.fluxion.dsl.train.TrainingListener.Report;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Why a training ends, and what it leaves. */
class OutcomeTest {
    private static final DataLoader DATA = DataLoader.of(Dataset.of(Tensor.full(0.5f, 4, 1), Tensor.full(1, 4, 1)))
            .batch(1);

    /** A rate of 1 in the first three epochs, then one that makes it worse. */
    private static final Trainer TRAINER = Trainer.of(mse(), sgd(0.1))
            .epochs(9)
            .schedule(epoch -> epoch < 3 ? 1 : 20)
            .evaluate(DATA, Metrics.mean("error", mse()));

    private final Model model = Model.of(linear(1, 1), 1).threads(1);

    @AfterEach
    void close() {
        model.close();
    }

    @Test
    void itEndsWhenItGetsNoBetterWithTheBestWeights() {
        List<Map<String, Tensor>> weights = new ArrayList<>();
        Trainer trainer = TRAINER.listen(new TrainingListener() {
            @Override
            public void epoch(Epoch epoch) {
                weights.add(model.parameters().values());
            }
        });
        Outcome outcome =
                trainer.stop(EarlyStopping.of(Best.lowest("error"), 2)).fit(model, DATA);
        assertThat(outcome.end()).isEqualTo(End.NO_BETTER);
        assertThat(outcome.history()).hasSize(5);
        assertThat(outcome.best()).isEqualTo(outcome.history().get(2));
        assertThat(outcome).hasToString("5 epochs, 20 steps, best epoch 3, ended: it got no better");
        assertThat(model.parameters().values()).isEqualTo(weights.get(2));

        weights.clear();
        model.parameters().load(Map.of("weight", Tensor.full(0, 1, 1), "bias", Tensor.full(0, 1)));
        trainer.stop(EarlyStopping.of(Best.lowest("error"), 2).keepLast()).fit(model, DATA);
        assertThat(model.parameters().values()).isEqualTo(weights.get(weights.size() - 1));
    }

    @Test
    void itEndsAfterSomeStepsOrSomeTime() {
        Outcome steps = TRAINER.steps(6).fit(model, DATA);
        assertThat(steps).hasToString("1 epochs, 6 steps, ended: the most steps");
        Outcome time = TRAINER.time(Duration.ofNanos(1)).fit(model, DATA);
        assertThat(time).hasToString("0 epochs, 0 steps, ended: the time was over");
        Outcome all = TRAINER.epochs(2).fit(model, DATA);
        assertThat(all).hasToString("2 epochs, 8 steps, ended: all epochs");
        assertThat(TRAINER.epochs(2).steps(8).fit(model, DATA).end()).isEqualTo(End.STEPS);
    }

    @Test
    void aListenerMayAskToStop() {
        Outcome outcome = TRAINER.listen(new TrainingListener() {
                    @Override
                    public void iteration(Iteration iteration, Training training) {
                        if (training.steps() == 2) {
                            training.stop("good enough");
                        }
                    }
                })
                .fit(model, DATA);
        assertThat(outcome).hasToString("0 epochs, 2 steps, ended: a listener asked: good enough");
    }

    @ParameterizedTest
    @ValueSource(strings = {"step", "batch", "evaluation"})
    void interruptedItEndsAfterTheStepAndCanGoOn(String place, @TempDir Path folder) {
        Thread training = Thread.currentThread();
        AtomicInteger times = new AtomicInteger();
        Consumer<String> happens = what -> {
            if (what.equals(place) && times.incrementAndGet() == 3) {
                training.interrupt();
                LockSupport.parkNanos(10_000_000); // so that a thread that waits hears of it
            }
        };
        DataLoader data = DataLoader.of(Dataset.of(4, i -> {
                    happens.accept("batch");
                    return new Batch(Tensor.full(i, 1, 1), Tensor.full(1, 1, 1));
                }))
                .batch(1)
                .prefetch(1);
        Metric error = new Metric() {
            @Override
            public String name() {
                return "error";
            }

            @Override
            public double sum(Tensor output, Tensor target) {
                happens.accept("evaluation");
                return Math.abs(output.item() - target.item());
            }
        };
        Trainer whole =
                Trainer.of(mse(), sgd(0.01)).epochs(3).evaluate(data, error).evaluateEvery(3);
        Trainer trainer = whole.checkpoints(Checkpoints.in(folder).every(1).resume())
                .listen(new TrainingListener() {
                    @Override
                    public void iteration(Iteration iteration) {
                        happens.accept("step");
                    }
                });

        Outcome outcome = trainer.fit(model, data);

        assertThat(Thread.interrupted()).isTrue();
        assertThat(outcome).asString().endsWith("steps, ended: the thread was interrupted");
        assertThat(outcome.steps()).isLessThan(12);
        Outcome rest = trainer.fit(model, data);
        try (Model other = Model.of(linear(1, 1), 1).threads(1)) {
            assertThat(rest.reports().stream().map(Report::metrics).toList())
                    .isEqualTo(whole.fit(other, data).reports().stream()
                            .map(Report::metrics)
                            .toList());
            assertThat(model.parameters().values()).isEqualTo(other.parameters().values());
        }
    }

    @Test
    void whatIsBestMustBeMeasured() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TRAINER.stop(EarlyStopping.of(Best.highest("accuracy"), 1))
                        .fit(model, DATA))
                .withMessage("there is no metric 'accuracy' to tell the best by; there are [error], and loss, the mean"
                        + " loss of training");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TRAINER.steps(0))
                .withMessage("trainer: steps must be at least 1 but is 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TRAINER.time(Duration.ZERO))
                .withMessage("trainer: the time must be positive but is PT0S");
    }

    @Test
    void theFirstOfEqualEpochsIsTheBest() {
        List<TrainingListener.Epoch> epochs = new ArrayList<>();
        for (double value : new double[] {Double.NaN, 2, 3, 3, Double.NaN, 1}) {
            epochs.add(new TrainingListener.Epoch(0, 1, 0.1, 7, Map.of("m", value), 1));
        }
        assertThat(Best.highest("m").of(epochs)).isEqualTo(2);
        assertThat(Best.lowest("m").of(epochs)).isEqualTo(5);
        assertThat(Best.lowest("loss").of(epochs)).isZero();
        assertThat(Best.lowest("m").of(epochs.subList(0, 1))).isEqualTo(-1);
    }
}
