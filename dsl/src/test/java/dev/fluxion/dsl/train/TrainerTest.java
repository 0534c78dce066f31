package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.conv;
import static dev.fluxion.dsl.layer.Layers.flatten;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.relu;
import static dev.fluxion.dsl.loss.Losses.crossEntropy;
import static dev.fluxion.dsl.loss.Losses.mse;
import static dev.fluxion.dsl.loss.Losses.regularised;
import static dev.fluxion.dsl.optim.Optimizers.sgd;
import static dev.fluxion.dsl.train.Metrics.accuracy;
import static dev.fluxion.dsl.train.Metrics.mean;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.fluxion.Loss;
import dev.fluxion.Metric;
import dev.fluxion.Tensor;
import dev.fluxion.data.DataLoader;
import dev.fluxion.data.Dataset;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.loss.CrossEntropy;
import dev.fluxion.dsl.loss.LossReduction;
import dev.fluxion.dsl.optim.Schedules;
import dev.fluxion.engine.Explanation;
import dev.fluxion.ir.Printer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrainerTest {
    private static final Dataset SIGNS =
            Dataset.of(Tensor.of(new float[] {-3, -2, -1, 1, 2, 3}, 6, 1), Tensor.labels(0, 0, 0, 1, 1, 1));

    @Test
    void tells_listeners_each_iteration_and_epoch() {
        List<String> lines = new ArrayList<>();
        List<TrainingListener.Epoch> history;
        try (Model model = Model.of(linear(1, 2), 1).threads(1)) {
            history = Trainer.of(crossEntropy(), sgd(0.5))
                    .epochs(2)
                    .schedule(Schedules.step(1, 0.1))
                    .evaluate(DataLoader.of(SIGNS).batch(4), accuracy())
                    .listen(TrainingListener.lines(2, lines::add))
                    .fit(model, DataLoader.of(SIGNS).batch(2).shuffle(1))
                    .history();
        }

        assertThat(lines).hasSize(4);
        assertThat(lines.get(0)).matches("epoch 1/2, iteration 2/3, lr 0\\.5, loss \\d\\.\\d{4}");
        assertThat(lines.get(1)).matches("epoch 1/2: lr 0\\.5, mean loss \\d\\.\\d{4}, accuracy 1\\.0000, \\d\\.\\d s");
        assertThat(lines.get(2)).startsWith("epoch 2/2, iteration 2/3, lr 0.05,");
        assertThat(history)
                .extracting(TrainingListener.Epoch::metrics)
                .containsExactly(Map.of("accuracy", 1.0), Map.of("accuracy", 1.0));
    }

    @Test
    void a_schedule_by_steps_gives_each_step_its_rate() {
        List<Double> rates = new ArrayList<>();
        TrainingListener listener = new TrainingListener() {
            @Override
            public void iteration(Iteration iteration) {
                rates.add(iteration.learningRate());
            }
        };
        try (Model model = Model.of(linear(1, 2), 1)) {
            Trainer.of(crossEntropy(), sgd(0.5))
                    .epochs(2)
                    .schedule(Schedules.linear(1, 0.5, 5).bySteps())
                    .listen(listener)
                    .fit(model, DataLoader.of(SIGNS).batch(2));
            assertThat(rates).containsExactly(0.5, 0.45, 0.4, 0.35, 0.3, 0.25);

            Trainer negative = Trainer.of(crossEntropy(), sgd(0.5))
                    .schedule(Schedules.lambda(step -> 1 - step).bySteps());
            assertThatThrownBy(() -> negative.fit(model, DataLoader.of(SIGNS).batch(2)))
                    .hasMessage(
                            "trainer: the schedule's factor(2), in epoch 1/1, must be finite and at least 0 but is -1");
        }
    }

    @Test
    void a_schedule_follows_the_loss_or_a_metric() {
        for (String value : List.of("loss", "accuracy")) {
            try (Model model = Model.of(linear(1, 2), 1)) {
                assertThat(Trainer.of(crossEntropy(), sgd(1e-30))
                                .epochs(4)
                                .schedule(Schedules.plateau(value).patience(1))
                                .evaluate(DataLoader.of(SIGNS).batch(4), accuracy())
                                .fit(model, DataLoader.of(SIGNS).batch(6))
                                .history())
                        .extracting(TrainingListener.Epoch::learningRate)
                        .containsExactly(1e-30, 1e-30, 1e-30, 1e-30 * 0.1);
            }
        }
        try (Model model = Model.of(linear(1, 2), 1)) {
            Trainer trainer = Trainer.of(crossEntropy(), sgd(0.1)).schedule(Schedules.plateau("f1"));
            assertThatThrownBy(() -> trainer.fit(model, DataLoader.of(SIGNS)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("plateau(\"f1\"): an epoch has no value 'f1'; there are [loss]");
        }
    }

    /** A weight of 0 that stays 0 against 1, 3 and 10: the mean of 1, 9 and 100 whatever the batches. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void the_mean_loss_of_an_epoch_is_over_samples(int batch) {
        DataLoader data = DataLoader.of(Dataset.of(Tensor.full(1, 3, 1), Tensor.of(new float[] {1, 3, 10}, 3, 1)))
                .batch(batch);
        for (Loss loss : List.of(
                mse(),
                mse().reduction(LossReduction.SUM),
                mse().reduction(LossReduction.BATCH_MEAN),
                (Loss) (output, target) -> output.sub(target).square().mean(),
                regularised(mse().reduction(LossReduction.SUM)).l2(1))) {
            try (Model model = Model.of(linear(1, 1).bias(false), 1)) {
                model.parameters().set("weight", Tensor.zeros(1, 1));
                assertThat(Trainer.of(loss, sgd(0))
                                .fit(model, data)
                                .history()
                                .get(0)
                                .loss())
                        .as(loss + " in batches of " + batch)
                        .isCloseTo(110 / 3.0, within(1e-5));
            }
        }
    }

    @Test
    void ignored_labels_do_not_count_for_the_mean_loss_of_an_epoch() {
        Dataset some = Dataset.of(
                Tensor.of(new float[] {-3, -2, -1, 1, 2, 3}, 6, 1), Tensor.labels(0, -100, 1, -100, -100, 0));
        try (Model model = Model.of(linear(1, 2), 1)) {
            List<Double> means = Stream.of(2, 4, 6)
                    .map(batch -> Trainer.of(crossEntropy().whenAllIgnored(CrossEntropy.WhenAllIgnored.ZERO), sgd(0))
                            .fit(model, DataLoader.of(some).batch(batch))
                            .history()
                            .get(0)
                            .loss())
                    .toList();
            assertThat(means.get(0)).isCloseTo(means.get(2), within(1e-6));
            assertThat(means.get(1)).isCloseTo(means.get(2), within(1e-6));
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, -0.5})
    void a_factor_that_is_none_is_told_with_its_epoch(double factor) {
        try (Model model = Model.of(linear(1, 2), 1)) {
            Trainer trainer = Trainer.of(crossEntropy(), sgd(0.5)).epochs(2).schedule(epoch -> epoch == 1 ? factor : 1);

            assertThatThrownBy(() -> trainer.fit(model, DataLoader.of(SIGNS)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "trainer: the schedule's factor(1), for epoch 2/2, must be finite and at least 0 but is "
                                    + factor);
        }
    }

    /** What is evaluated, and what is said of it. */
    private static Stream<Arguments> evaluationsThatDoNotFit() {
        Tensor wide = Tensor.zeros(6, 2);
        Tensor numbers = Tensor.zeros(6);
        Tensor inputs = SIGNS.first(6).inputs();
        return Stream.of(
                arguments(
                        Dataset.of(wide, Tensor.labels(0, 0, 0, 1, 1, 1)),
                        accuracy(),
                        "the model takes a batch of samples N×1 with N ≥ 0 but got 4×2"),
                arguments(
                        Dataset.of(inputs, numbers),
                        accuracy(),
                        "accuracy: expected integer labels 4 for outputs 4×2 but got floating-point targets 4; "
                                + "make labels with Tensor.labels(…)"),
                arguments(SIGNS, mean("mse", mse()), "expected floating-point targets but got integers 4"));
    }

    @ParameterizedTest
    @MethodSource("evaluationsThatDoNotFit")
    void an_evaluation_that_does_not_fit_is_told_before_anything_is_learned(
            Dataset evaluated, Metric metric, String message) {
        DataLoader evaluation = DataLoader.of(evaluated).batch(4);
        List<String> lines = new ArrayList<>();
        try (Model model = Model.of(linear(1, 2), 1)) {
            Map<String, Tensor> before = model.parameters().values();
            Trainer trainer = Trainer.of(crossEntropy(), sgd(0.5))
                    .evaluate(evaluation, metric)
                    .listen(TrainingListener.lines(1, lines::add));

            assertThatThrownBy(() -> trainer.fit(model, DataLoader.of(SIGNS)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageEndingWith(message);
            assertThatThrownBy(() -> model.evaluate(evaluation, metric)).hasMessageEndingWith(message);
            assertThat(model.parameters().values()).isEqualTo(before);
            assertThat(lines).isEmpty();
        }
    }

    @Test
    void fewer_samples_to_evaluate_on_than_a_batch_takes_are_enough() {
        try (Model model = Model.of(linear(1, 2), 1)) {
            Trainer trainer = Trainer.of(crossEntropy(), sgd(0.5))
                    .evaluate(DataLoader.of(SIGNS).batch(100), accuracy());
            assertThat(trainer.fit(model, DataLoader.of(SIGNS)).history()).hasSize(1);
        }
    }

    /** The first program chooses how parameters lie in memory: it is to be the one that trains. */
    @Test
    void the_training_is_compiled_the_same_with_an_evaluation() {
        Seq net = Seq.of(conv(3, 32, 3), relu(), conv(32, 64, 3), flatten(), linear(10));
        DataLoader data = DataLoader.of(Dataset.of(Tensor.zeros(8, 3, 12, 12), Tensor.labels(new int[8])))
                .batch(8);
        Trainer trainer = Trainer.of(crossEntropy(), sgd(0.1));
        List<Explanation> programs = Stream.of(trainer, trainer.evaluate(data.batch(1), accuracy()))
                .map(each -> {
                    try (Model model = Model.of(net, 3, 12, 12).threads(1)) {
                        each.fit(model, data);
                        return model.predictor(2).explain();
                    }
                })
                .toList();
        assertThat(programs.get(1)).isEqualTo(programs.get(0));
    }

    @Test
    void lines_write_learning_rates_without_noise() {
        assertThat(new TrainingListener.Iteration(0, 1, 99, 938, 0.001 * Math.pow(0.1, 2), 0.43125f))
                .hasToString("epoch 1/1, iteration 100/938, lr 0.00001, loss 0.4313");
        assertThat(new TrainingListener.Epoch(1, 3, 0, 2, Map.of(), 4.25))
                .hasToString("epoch 2/3: lr 0, mean loss 2.0000, 4.3 s");
    }

    @Test
    void lines_show_small_losses() {
        assertThat(new TrainingListener.Iteration(0, 1, 99, 938, 1, 1.23456e-5f))
                .hasToString("epoch 1/1, iteration 100/938, lr 1, loss 1.2346e-05");
        assertThat(new TrainingListener.Epoch(1, 3, 1, -3e-9, Map.of("mse", 2e-7), 4.25))
                .hasToString("epoch 2/3: lr 1, mean loss -3.0000e-09, mse 2.0000e-07, 4.3 s");
    }

    @Test
    void probabilities_are_the_softmax_of_predictions() {
        Tensor inputs = SIGNS.first(3).inputs();
        try (Model model = Model.of(linear(1, 2), 1).threads(1)) {
            Tensor logits = model.predict(inputs);
            Tensor probabilities = model.probabilities(inputs);

            for (int i = 0; i < 3; i++) {
                double odds = Math.exp(logits.at(i, 0) - (double) logits.at(i, 1));
                assertThat((double) probabilities.at(i, 0)).isCloseTo(odds / (1 + odds), within(1e-6));
                assertThat(probabilities.at(i, 0) + probabilities.at(i, 1)).isCloseTo(1, within(1e-6f));
            }
        }
    }

    @Test
    void graphs_are_there_to_be_printed() {
        try (Model model = Model.of(linear(1, 2), 1).threads(1)) {
            assertThat(Printer.mermaid(model.graph(5))).contains("input(input) : 5×1", "parameter(weight) : 2×1");
            assertThat(Printer.text(model.training(mse(), sgd(1)).graph(5)))
                    .contains("step: loss = %", "step: update %");
        }
    }
}
