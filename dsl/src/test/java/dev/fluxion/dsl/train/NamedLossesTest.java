package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.input;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.logSoftmax;
import static dev.fluxion.dsl.layer.Layers.output;
import static dev.fluxion.dsl.layer.Layers.softplus;
import static dev.fluxion.dsl.layer.Layers.tanh;
import static dev.fluxion.dsl.loss.Losses.cosineEmbedding;
import static dev.fluxion.dsl.loss.Losses.crossEntropy;
import static dev.fluxion.dsl.loss.Losses.ctc;
import static dev.fluxion.dsl.loss.Losses.gaussianNll;
import static dev.fluxion.dsl.loss.Losses.marginRanking;
import static dev.fluxion.dsl.loss.Losses.mse;
import static dev.fluxion.dsl.loss.Losses.regularised;
import static dev.fluxion.dsl.loss.Losses.tripletMargin;
import static dev.fluxion.dsl.optim.Optimizers.sgd;
import static dev.fluxion.dsl.train.Metrics.accuracy;
import static dev.fluxion.dsl.train.Metrics.mean;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Input;
import dev.fluxion.Loss;
import dev.fluxion.MultiLoss;
import dev.fluxion.Tally;
import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.data.Batch;
import dev.fluxion.data.DataLoader;
import dev.fluxion.data.Dataset;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.dsl.loss.Evaluation;
import dev.fluxion.dsl.loss.LossReduction;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The inputs of losses are outputs of the network and targets, by name. */
class NamedLossesTest {
    private static final Seq TWO_HEADS = Seq.of(
            linear(4), tanh(), output("hidden"), linear(3), output("genre"), input("x"), linear(1), output("rating"));

    private static Tensor normal(long seed, int... dims) {
        Tensor t = Tensor.zeros(dims);
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < t.size(); i++) {
            t.floats()[i] = (float) random.nextGaussian();
        }
        return t;
    }

    private static Seq towers(String... names) {
        Seq net = Seq.of();
        for (String name : names) {
            net = Seq.of(net, input(name), linear(3).named(name), output(name));
        }
        return net;
    }

    private static Tensors named(Tensors all, long seed, String... names) {
        Tensors more = all;
        for (int i = 0; i < names.length; i++) {
            more = more.with(names[i], normal(seed + i, 4, 5));
        }
        return more;
    }

    @Test
    void aTripletLossTakesThreeOutputs() {
        String[] names = {"anchor", "positive", "negative"};
        Tensors inputs = named(Tensors.none(), 1, names);
        try (Model model = Model.of(
                        towers(names),
                        Input.floats("anchor", 5),
                        Input.floats("positive", 5),
                        Input.floats("negative", 5));
                Training training = model.training(tripletMargin(), sgd(0.1))) {
            Tensors made = model.predict(inputs);
            double expected = Evaluation.of(
                            tripletMargin(), made.get("anchor"), made.get("positive"), made.get("negative"))
                    .value()
                    .item();
            float first = training.step(new Batch(inputs, Tensors.none()));
            assertThat((double) first).isCloseTo(expected, within(1e-6));
            float last = first;
            for (int i = 0; i < 20; i++) {
                last = training.step(new Batch(inputs, Tensors.of(Tensor.labels(0, 1, 2, 3))));
            }
            assertThat(last).isLessThan(first);
            assertThat(training.graph(4).inputs()).hasSize(3);
        }
    }

    @Test
    void aLossOfPairsTakesTwoOutputsAndATarget() {
        Tensors inputs = named(Tensors.none(), 1, "first", "second");
        Tensor alike = Tensor.vector(1, -1, 1, -1);
        try (Model model = Model.of(towers("first", "second"), Input.floats("first", 5), Input.floats("second", 5));
                Training training = model.training(cosineEmbedding(), sgd(0.1));
                Training ranking = model.training(
                        marginRanking().reduction(LossReduction.SUM).on("first", "second", "order"), sgd(0.1))) {
            Tensors made = model.predict(inputs);
            double expected = Evaluation.of(cosineEmbedding(), made.get("first"), made.get("second"), alike)
                    .value()
                    .item();
            assertThat((double) training.step(new Batch(inputs, Tensors.of(alike))))
                    .isCloseTo(expected, within(1e-6));
            assertThat((double) training.step(new Batch(inputs, Tensors.of("target", alike))))
                    .isNotNaN();
            assertThat(ranking.step(new Batch(inputs, Tensors.of("order", Tensor.full(1, 4, 3)))))
                    .isPositive();
            assertThatThrownBy(() -> ranking.step(new Batch(inputs, Tensors.of("oder", Tensor.full(1, 4, 3)))))
                    .hasMessage(
                            "marginRanking().reduction(SUM).on(\"first\", \"second\", \"order\"): its input 'order' is"
                                    + " neither an output of the network nor a target of the batch, which has [oder]");
            assertThatThrownBy(() -> ranking.step(new Batch(inputs, Tensors.of(Tensor.full(1, 4)))))
                    .hasMessageEndingWith("expected target 4×3 but got 4");
            assertThatThrownBy(() -> ranking.graph(4))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("graph: only a batch tells what the targets [order] of marginRanking()");
            assertThat(ranking.graph(new Batch(inputs, Tensors.of(Tensor.full(1, 4, 3))))
                            .inputs())
                    .hasSize(3);
        }
    }

    /** A data set of several inputs and a loss of several outputs: see the page on inputs. */
    @Test
    void aTrainerTakesLossesOfSeveralInputs() {
        String[] names = {"anchor", "positive", "negative"};
        Tensors rows = Tensors.none();
        for (int i = 0; i < names.length; i++) {
            rows = rows.with(names[i], normal(i, 24, 5));
        }
        Tensor alike = Tensor.full(1, 24);
        for (int i = 0; i < 24; i += 2) {
            alike.floats()[i] = -1;
        }
        Tensors targets = Tensors.of("alike", alike).with("order", Tensor.full(1, 24, 3));
        for (MultiLoss loss : List.of(
                tripletMargin(),
                cosineEmbedding().on("anchor", "positive", "alike"),
                marginRanking(0.5).on("anchor", "negative", "order"))) {
            try (Model model = Model.of(
                    towers(names),
                    Input.floats("anchor", 5),
                    Input.floats("positive", 5),
                    Input.floats("negative", 5))) {
                var history = Trainer.of(loss, sgd(0.1))
                        .epochs(8)
                        .fit(
                                model,
                                DataLoader.of(Dataset.of(rows, targets))
                                        .batch(8)
                                        .shuffle(1))
                        .history();
                assertThat(history.get(7).loss())
                        .as("%s", loss)
                        .isLessThan(history.get(0).loss());
            }
        }
    }

    @Test
    void aVarianceIsAnOutput() {
        Seq net = Seq.of(linear(1), softplus(), output("variance"), input("x"), linear(1));
        Dataset data = Dataset.of(Tensors.of("x", normal(1, 40, 2)), Tensors.of(normal(2, 40, 1)));
        try (Model model = Model.of(net, Input.floats("x", 2))) {
            var history = Trainer.of(gaussianNll(), sgd(0.05))
                    .epochs(10)
                    .fit(model, DataLoader.of(data).batch(8).shuffle(1));
            assertThat(history.history().get(9).loss())
                    .isLessThan(history.history().get(0).loss());
        }
    }

    @Test
    void lossesOfSeveralOutputsAreAdded() {
        MultiLoss both = crossEntropy().on("genre", "kind").plus(0.25, mse().on("rating", "stars"));
        Tensor x = normal(1, 4, 5);
        Tensor kind = Tensor.labels(0, 1, 2, 0);
        Tensor stars = normal(2, 4, 1);
        try (Model model = Model.of(TWO_HEADS, Input.floats("x", 5));
                Training training = model.training(both, sgd(0.1))) {
            Tensors made = model.predict(Tensors.of("x", x));
            double expected = Evaluation.of(crossEntropy(), made.get("genre"), kind)
                            .value()
                            .item()
                    + 0.25
                            * Evaluation.of(mse(), made.get("rating"), stars)
                                    .value()
                                    .item();
            Batch batch = new Batch(Tensors.of(x), Tensors.of("stars", stars).with("kind", kind));
            assertThat((double) training.forward(batch)).isCloseTo(expected, within(1e-6));
            training.backward();
            assertThat(training.gradient("3.weight").size()).isEqualTo(12);
            Batch flat =
                    new Batch(Tensors.of(x), Tensors.of("stars", normal(2, 4)).with("kind", kind));
            assertThatThrownBy(() -> training.step(flat))
                    .hasMessageEndingWith(
                            " mse() of 'rating' 4×1: expected floating-point targets 4×1 but 'stars' is 4");
            Batch real = new Batch(Tensors.of(x), Tensors.of("stars", stars).with("kind", normal(1, 4)));
            assertThatThrownBy(() -> training.step(real))
                    .hasMessageEndingWith(" crossEntropy() of 'genre' 4×3: expected integer targets 4 but 'kind' is 4");
        }
    }

    @Test
    void metricsAreOfOutputsAndTargetsByName() {
        Tensor x = normal(1, 30, 5);
        int[] kinds = new int[30];
        Arrays.setAll(kinds, i -> i % 3);
        Tensors targets = Tensors.of("kind", Tensor.labels(kinds)).with("stars", normal(2, 30, 1));
        DataLoader data = DataLoader.of(Dataset.of(Tensors.of("x", x), targets)).batch(8);
        MultiLoss both = crossEntropy().on("genre", "kind").plus(0.25, mse().on("rating", "stars"));
        try (Model model = Model.of(TWO_HEADS, Input.floats("x", 5))) {
            Map<String, Double> values = model.evaluate(
                    data, accuracy().on("genre", "kind"), mean("error", mse()).on("rating", "stars"));
            Tensors made = model.predict(Tensors.of("x", x));
            assertThat(values.keySet()).containsExactly("genre.accuracy", "rating.error");
            assertThat(values.get("rating.error"))
                    .isCloseTo(
                            Evaluation.of(mse(), made.get("rating"), targets.get("stars"))
                                    .value()
                                    .item(),
                            within(1e-6));
            Trainer.of(both, sgd(0.1))
                    .evaluate(data, accuracy().on("genre", "kind"))
                    .fit(model, data);
            assertThatThrownBy(() -> model.evaluate(data, accuracy()))
                    .hasMessage(
                            "a metric takes one target but there are [kind, stars]; say which with on(\"output\", \"…\")");
            assertThatThrownBy(() -> model.evaluate(data, accuracy().on("gender", "kind")))
                    .hasMessageStartingWith("there is no tensor 'gender'; there are [output, hidden, genre, rating]");
        }
        Tally one = accuracy().on("genre", "kind").start();
        Tally two = accuracy().on("genre", "kind").start();
        one.add(Tensor.of(new float[] {1, 0, 0, 1}, 2, 2), Tensor.labels(0, 0));
        two.merge(one);
        assertThat(two.value()).isEqualTo(0.5);
    }

    /** Rows of labels are as long as the longest one of a batch; numbers broadcast where that is allowed. */
    @Test
    void targetsHaveAnyShapeThatTheLossTakes() {
        Tensor twice = normal(2, 2, 3, 4);
        Tensor one = Tensor.of(new int[] {1, 2}, Shape.of(2, 1));
        Tensor three = Tensor.of(new int[] {1, -1, -1, 2, -1, -1}, Shape.of(2, 3));
        Tensor five = Tensor.of(new int[] {1, -1, -1, -1, -1, 2, -1, -1, -1, -1}, Shape.of(2, 5));
        Tensor column = Tensor.of(new float[] {1, 2}, 2, 1, 1);
        Tensor all = Tensor.of(
                new float[] {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2}, 2, 3, 4);
        Loss broadcast = mse().broadcast(true);
        try (Model model = Model.of(Seq.of(linear(4, 4), logSoftmax()), 3, 4)) {
            for (MultiLoss loss : List.of(ctc(), regularised(ctc()).l2(0), ctc().on("output", "target"))) {
                assertThat(losses(model, loss, twice, one, three, five))
                        .as("%s", loss)
                        .hasSize(1);
            }
            for (MultiLoss loss : List.of(broadcast, regularised(broadcast).l2(0), broadcast.on("output", "target"))) {
                assertThat(losses(model, loss, twice, column, all))
                        .as("%s", loss)
                        .hasSize(1);
            }
            assertThatThrownBy(() -> losses(model, broadcast, twice, Tensor.zeros(2, 5, 1)))
                    .isInstanceOf(ShapeException.class)
                    .hasMessageContaining("2×3×4")
                    .hasMessageContaining("2×5×1");
            assertThatThrownBy(() -> losses(model, ctc(), twice, column))
                    .isInstanceOf(ShapeException.class)
                    .hasMessageContaining("labels");
        }
    }

    private static Set<Float> losses(Model model, MultiLoss loss, Tensor inputs, Tensor... targets) {
        Set<Float> losses = new HashSet<>();
        try (Training training = model.training(loss, sgd(0))) {
            for (Tensor target : targets) {
                losses.add(training.step(new Batch(inputs, target)));
            }
        }
        return losses;
    }

    @Test
    void aTargetMayHaveTheNameOfAnInput() {
        Loss loss = (output, target) -> output.sub(target).square().mean();
        try (Model model =
                        Model.of(Seq.of(input("target"), linear(2)), Input.floats("x", 3), Input.floats("target", 2));
                Training training = model.training(loss, sgd(0.1))) {
            Tensors inputs = Tensors.of("x", normal(1, 4, 3)).with("target", normal(2, 4, 2));
            assertThat(training.step(new Batch(inputs, Tensors.of("target", normal(3, 4, 2)))))
                    .isPositive();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8})
    void threadsChangeNoBitOfATraining(int threads) {
        MultiLoss both = crossEntropy().on("genre", "kind").plus(0.25, mse().on("rating", "stars"));
        assertThat(trained(both, threads)).isEqualTo(trained(both, 1));
    }

    private static List<Tensor> trained(MultiLoss loss, int threads) {
        int[] kinds = new int[64];
        Arrays.setAll(kinds, i -> i % 3);
        Batch batch = new Batch(
                Tensors.of("x", normal(1, 64, 5)),
                Tensors.of("kind", Tensor.labels(kinds)).with("stars", normal(2, 64, 1)));
        try (Model one = Model.of(TWO_HEADS, Input.floats("x", 5));
                Model model = one.threads(threads);
                Training training = model.training(loss, sgd(0.1).momentum(0.9))) {
            for (int i = 0; i < 5; i++) {
                training.step(batch);
            }
            return List.copyOf(model.parameters().values().values());
        }
    }

    @Test
    void aLossThatFindsNoOutputIsRefused() {
        try (Model model = Model.of(TWO_HEADS, Input.floats("x", 5))) {
            assertThatThrownBy(() -> model.training(tripletMargin(), sgd(0.1)))
                    .hasMessage(
                            "tripletMargin(): none of its inputs [anchor, positive, negative] is an output of the network,"
                                    + " which has [output, hidden, genre, rating]; name outputs with output(\"…\"), or the inputs of"
                                    + " the loss with on(\"…\", \"…\")");
            MultiLoss lambda = in -> in[0].sum();
            assertThatThrownBy(() -> model.training(lambda, sgd(0.1)))
                    .hasMessageStartingWith("lambda: the inputs of the loss have no names; give it those of outputs");
            try (Training training = model.training(lambda.on("hidden"), sgd(0.1))) {
                assertThat(training.step(new Batch(normal(1, 4, 5), normal(1, 4, 5))))
                        .isNotNaN();
            }
        }
        assertThatThrownBy(() -> tripletMargin().on("a", "b"))
                .hasMessage(
                        "tripletMargin(): expected names of its inputs [anchor, positive, negative] but got [a, b]");
        assertThatThrownBy(() -> mse().on("a", "a"))
                .hasMessage("mse(): the names of its inputs must differ but are [a, a]");
        assertThatThrownBy(() -> mse().plus(0, mse()))
                .hasMessageContaining("the factor must be finite and above 0 but is 0.0");
        MultiLoss lambda = in -> in[0];
        assertThatThrownBy(() -> mse().plus(1, lambda))
                .hasMessage("plus: the inputs of lambda have no names; give it names with on(\"…\", \"…\")");
    }

    @Test
    void batchesHaveAsManySamplesOfEach() {
        Tensor four = normal(1, 4, 2);
        assertThatThrownBy(() -> new Batch(Tensors.of("a", four).with("b", normal(1, 3)), Tensors.none()))
                .hasMessage(
                        "a batch needs as many samples of each input and target along the first axis, but input 'a' is"
                                + " 4×2 and input 'b' is 3");
        assertThatThrownBy(() -> new Batch(Tensors.of(four), Tensors.of("t", Tensor.scalar(1))))
                .hasMessageEndingWith("but input is 4×2 and target 't' is scalar");
        assertThatThrownBy(() -> new Batch(Tensors.none(), Tensors.none()))
                .hasMessage("a batch needs at least one input");
        Batch two = new Batch(Tensors.of("a", four).with("b", four), Tensors.none());
        assertThatThrownBy(two::inputs)
                .hasMessage("expected a single tensor but there are [a, b]; take one by its name");
        assertThatThrownBy(two::targets).hasMessage("expected a single tensor but there are none");
        assertThatThrownBy(() -> Tensors.of("a", four).with("a", four)).hasMessage("there is a tensor 'a' already");
        assertThatThrownBy(() -> Tensors.of(four).get("a")).hasMessageEndingWith("'a'; there is one without a name");
        assertThatThrownBy(() -> Tensors.of(four).with("a", four)).hasMessageContaining("must not be blank");
    }
}
