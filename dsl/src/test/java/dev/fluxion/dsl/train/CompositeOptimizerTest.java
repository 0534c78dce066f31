package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.conv;
import static dev.fluxion.dsl.layer.Layers.dropout;
import static dev.fluxion.dsl.layer.Layers.flatten;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.maxPool;
import static dev.fluxion.dsl.layer.Layers.relu;
import static dev.fluxion.dsl.loss.Losses.crossEntropy;
import static dev.fluxion.dsl.loss.Losses.mse;
import static dev.fluxion.dsl.optim.Optimizers.adam;
import static dev.fluxion.dsl.optim.Optimizers.adamW;
import static dev.fluxion.dsl.optim.Optimizers.sgd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Layer;
import dev.fluxion.Loss;
import dev.fluxion.Optimizer;
import dev.fluxion.Tensor;
import dev.fluxion.data.Batch;
import dev.fluxion.data.DataLoader;
import dev.fluxion.data.Dataset;
import dev.fluxion.dsl.layer.Initializers;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Slot;
import dev.fluxion.ir.Update;
import dev.fluxion.ir.ValueException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Groups of parameters, clipping, collected batches, averages: optimizers that are made of others. */
class CompositeOptimizerTest {
    private static final Seq NET = Seq.of(
            conv(1, 16, 3).pad(1),
            relu(),
            maxPool(2),
            conv(16, 32, 3),
            relu(),
            flatten(),
            dropout(0.2),
            linear(64).named("hidden"),
            relu(),
            linear(5).named("head"));
    private static final Optimizer ALL = adamW(1e-3)
            .group("head", 1e-2)
            .group("0", sgd(0.05).momentum(0.9))
            .noDecay("*.bias")
            .gradientNoise(1e-3)
            .clipValue(0.5)
            .clipNorm(0.7)
            .average(0.9)
            .accumulate(2);

    private static Model model(int threads) {
        return Model.of(NET, 1, 10, 10).seed(3).threads(threads);
    }

    private static Batch batch(Random random, int size) {
        float[] images = new float[size * 100];
        for (int i = 0; i < images.length; i++) {
            images[i] = random.nextFloat();
        }
        return new Batch(
                Tensor.of(images, size, 1, 10, 10),
                Tensor.labels(random.ints(size, 0, 5).toArray()));
    }

    private static void train(Training training, int from, int to, int size) {
        for (int i = from; i < to; i++) {
            training.step(batch(new Random(i), size));
        }
    }

    @Test
    void everyNumberOfThreadsGivesTheSameBits() {
        for (int size : new int[] {1, 32}) {
            try (Model one = model(1);
                    Training serial = one.training(crossEntropy(), ALL)) {
                train(serial, 0, 9, size);
                for (int threads : new int[] {2, 4, 8}) {
                    try (Model several = model(threads);
                            Training training = several.training(crossEntropy(), ALL)) {
                        train(training, 0, 9, size);
                        assertThat(several.parameters().values())
                                .isEqualTo(one.parameters().values());
                        assertThat(training.state().kept())
                                .isEqualTo(serial.state().kept());
                    }
                }
            }
        }
    }

    @Test
    void aStateResumesBetweenAnyTwoBatches(@TempDir Path folder) throws IOException {
        for (int stop : new int[] {4, 5}) {
            try (Model whole = model(2);
                    Model parts = model(2);
                    Training training = whole.training(crossEntropy(), ALL)) {
                train(training, 0, 10, 8);
                Path file = folder.resolve("state.safetensors");
                try (Training first = parts.training(crossEntropy(), ALL)) {
                    train(first, 0, stop, 8);
                    first.checkpoint().save(file);
                }
                try (Training second = parts.training(crossEntropy(), ALL).restore(Checkpoint.load(file))) {
                    train(second, stop, 10, 8);
                    assertThat(parts.parameters().values())
                            .isEqualTo(whole.parameters().values());
                    assertThat(second.averages()).isEqualTo(training.averages());
                    assertThat(second.steps()).isEqualTo(5);
                }
            }
        }
    }

    @Test
    void onlyWhatAGroupKeepsIsKept() {
        try (Model model = model(1);
                Training training = model.training(crossEntropy(), ALL)) {
            Map<String, TreeSet<String>> kept = training.state().kept().keySet().stream()
                    .collect(Collectors.groupingBy(
                            Slot::parameter, Collectors.mapping(Slot::name, Collectors.toCollection(TreeSet::new))));
            assertThat(kept).hasSize(8);
            assertThat(kept.get("0.bias")).containsExactly("average", "momentum_buffer");
            assertThat(kept.get("head.bias")).containsExactly("average", "exp_avg", "exp_avg_sq");
        }
    }

    @Test
    void collectedBatchesAreALargeOne() {
        Seq net = Seq.of(linear(100, 7), relu(), linear(7, 5));
        Batch large = batch(new Random(1), 12);
        float[] inputs = large.inputs().floats();
        Tensor flat = Tensor.of(inputs, 12, 100);
        try (Model one = Model.of(net, 100);
                Model other = Model.of(net, 100);
                Training whole = one.training(crossEntropy(), sgd(0.1).momentum(0.9));
                Training parts =
                        other.training(crossEntropy(), sgd(0.1).momentum(0.9).accumulate(3))) {
            Dataset all = Dataset.of(flat, large.targets());
            for (int epoch = 0; epoch < 3; epoch++) {
                whole.step(all.first(12));
                for (Batch part : DataLoader.of(all).batch(4).epoch(epoch)) {
                    parts.step(part);
                }
                assertThat(parts.steps()).isEqualTo(epoch + 1);
            }
            one.parameters().values().forEach((name, values) -> assertThat(
                            other.parameters().get(name).floats())
                    .containsExactly(values.floats(), within(1e-6f)));
        }
    }

    @Test
    void theExplicitFormClipsToo() {
        Optimizer optimizer = sgd(0.1).momentum(0.9).clipNorm(0.01).group("head", 0.5);
        try (Model one = model(1);
                Model other = model(1);
                Training step = one.training(crossEntropy(), optimizer);
                Training explicit = other.training(crossEntropy(), optimizer)) {
            for (int i = 0; i < 3; i++) {
                Batch batch = batch(new Random(i), 4);
                step.step(batch);
                explicit.zeroGrad();
                explicit.forward(batch);
                explicit.backward();
                explicit.update();
            }
            one.parameters().values().forEach((name, values) -> assertThat(
                            other.parameters().get(name).floats())
                    .containsExactly(values.floats(), within(1e-6f)));
        }
    }

    /** A single sample's gradient is an outer product, which a norm wants computed. */
    @Test
    void aSingleSampleIsClippedToTheNorm() {
        try (Model model = Model.of(linear(64, 48), 64);
                Training training = model.training(mse(), sgd(1).clipNorm(0.25))) {
            Map<String, Tensor> before = model.parameters().values();
            training.step(new Batch(Tensor.full(3, 1, 64), Tensor.full(100, 1, 48)));
            double squares = 0;
            for (Map.Entry<String, Tensor> entry : model.parameters().values().entrySet()) {
                float[] old = before.get(entry.getKey()).floats();
                float[] now = entry.getValue().floats();
                for (int i = 0; i < old.length; i++) {
                    squares += (double) (now[i] - old[i]) * (now[i] - old[i]);
                }
            }
            assertThat(Math.sqrt(squares)).isCloseTo(0.25, within(1e-5));
        }
    }

    @Test
    void aStepThatFailsChangesNothing() {
        Batch huge = new Batch(Tensor.full(1e15f, 2, 4), Tensor.full(1e10f, 2, 3));
        Batch wrong = new Batch(Tensor.full(1e30f, 2, 4), Tensor.zeros(2, 3));
        Batch good = new Batch(Tensor.full(1, 2, 4), Tensor.zeros(2, 3));
        for (Optimizer base : List.of(sgd(0.1).momentum(0.9), adam(0.1))) {
            Optimizer optimizer = base.group("bias", 0.2).clipNorm(1).average(0.9);
            try (Model model = Model.of(linear(4, 3), 4);
                    Training training = model.training(mse(), optimizer)) {
                training.step(good);
                Map<String, Tensor> before = model.parameters().values();
                Map<Slot, Tensor> kept = training.state().kept();
                assertThatThrownBy(() -> training.step(huge))
                        .isInstanceOf(ValueException.class)
                        .hasMessageContaining(
                                "for clipNorm the squares of all gradients must have a sum in float32's range");
                assertThatThrownBy(() -> training.step(wrong)).isInstanceOf(ValueException.class);
                assertThat(model.parameters().values()).isEqualTo(before);
                assertThat(training.state().kept()).isEqualTo(kept);
                training.step(good);
            }
        }
    }

    /** What is known of the numbers of one group is not taken for those of another one. */
    @Test
    void noGroupOverflowsUnseen() {
        Layer both = (scope, x) -> {
            Expr w = scope.parameter("w", Shape.scalar(), Initializers.zeros());
            Expr v = scope.parameter("v", Shape.scalar(), Initializers.zeros());
            return x.mul(w).add(v);
        };
        Loss sum = (output, target) -> output.add(target.mul(0)).sum();
        Optimizer optimizer = sgd(1e-39).momentum(900).group("v", sgd(1e-39).momentum(1e-6));
        try (Model model = Model.of(both, 1);
                Training training = model.training(sum, optimizer)) {
            Batch batch = new Batch(Tensor.full(1e10f, 1, 1), Tensor.zeros(1, 1));
            for (int step = 0; step < 10; step++) {
                training.step(batch);
            }
            assertThatThrownBy(() -> training.step(batch))
                    .isInstanceOf(ValueException.class)
                    .hasMessageContaining("'w'")
                    .hasMessageEndingWith("the parameters are as they were before the step");
        }
    }

    @Test
    void noiseIsNormalAndRepeatable() {
        try (Model model = Model.of(linear(200, 200).bias(false), 200);
                Training training = model.training(mse(), sgd(1).gradientNoise(0.5))) {
            float[] before = model.parameters().get("weight").floats();
            training.step(new Batch(Tensor.zeros(1, 200), Tensor.zeros(1, 200)));
            float[] after = model.parameters().get("weight").floats();
            double sum = 0;
            double squares = 0;
            for (int i = 0; i < before.length; i++) {
                double noise = after[i] - before[i];
                sum += noise;
                squares += noise * noise;
            }
            assertThat(sum / before.length).isCloseTo(0, within(0.02));
            assertThat(Math.sqrt(squares / before.length)).isCloseTo(0.5, within(0.02));
        }
    }

    @Test
    void eachParameterHasNoiseOfItsOwn() {
        Seq net = Seq.of(linear(3, 3).bias(false), linear(3, 3).bias(false));
        try (Model model = Model.of(net, 3);
                Training training = model.training(mse(), sgd(1).gradientNoise(1))) {
            model.parameters().load(Map.of("0.weight", Tensor.zeros(3, 3), "1.weight", Tensor.zeros(3, 3)));
            training.step(new Batch(Tensor.zeros(1, 3), Tensor.zeros(1, 3)));
            float[] first = model.parameters().get("0.weight").floats();
            float[] second = model.parameters().get("1.weight").floats();
            for (int i = 0; i < first.length; i++) {
                assertThat(first[i]).isNotEqualTo(second[i]).isNotZero();
            }
        }
    }

    /** The mean of (6, 0) and (0, 8) is (3, 4), which has (3, 3) for its bounded values; of these the norm is bounded. */
    @Test
    void gradientsChangeInTheOrderThatIsSaid() {
        for (Optimizer optimizer : List.of(
                sgd(1).accumulate(2).clipValue(3).clipNorm(3),
                sgd(1).clipNorm(3).clipValue(3).accumulate(2))) {
            float each = (float) (-3 / Math.sqrt(2));
            assertThat(stepped(optimizer, Tensor.vector(6, 0), Tensor.vector(0, 8)))
                    .containsExactly(new float[] {each, each}, within(1e-5f));
        }
        float[] noisy = stepped(sgd(1).clipNorm(1).gradientNoise(100), Tensor.vector(3, 4));
        assertThat(Math.hypot(noisy[0], noisy[1])).isCloseTo(1, within(1e-5));
        noisy = stepped(sgd(1).clipValue(0.5).gradientNoise(100), Tensor.vector(3, 4));
        assertThat(noisy).containsAnyOf(0.5f, -0.5f);
        assertThat(Math.max(Math.abs(noisy[0]), Math.abs(noisy[1]))).isEqualTo(0.5f);
    }

    /** Two weights that are 0 at first, and have these gradients. */
    private static float[] stepped(Optimizer optimizer, Tensor... gradients) {
        Layer weights = (scope, x) -> x.mul(scope.parameter("w", Shape.of(2), Initializers.zeros()));
        Loss sum = (output, target) -> output.add(target.mul(0)).sum();
        try (Model model = Model.of(weights, 2);
                Training training = model.training(sum, optimizer)) {
            for (Tensor gradient : gradients) {
                training.step(new Batch(gradient.reshape(1, 2), Tensor.zeros(1, 2)));
            }
            return model.parameters().get("w").floats();
        }
    }

    @Test
    void averagesAreThoseOfTrainedParametersBesideTheOthers() {
        try (Model model = Model.of(Seq.of(linear(3, 4), linear(4, 2)), 3);
                Training training = model.training(mse(), sgd(0.1).average(0.5)).only("1");
                Training without = model.training(mse(), sgd(0.1))) {
            assertThatThrownBy(training::averages)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(
                            "sgd(0.1).average(0.5) has no averages of the parameters: they need average(decay) and an"
                                    + " update");
            Batch batch = new Batch(Tensor.full(1, 1, 3), Tensor.zeros(1, 2));
            training.step(batch);
            assertThat(training.averages()).isEqualTo(model.parameters().values());
            training.step(batch);
            assertThat(training.averages().get("0.weight"))
                    .isEqualTo(model.parameters().get("0.weight"));
            assertThat(training.averages().get("1.weight"))
                    .isNotEqualTo(model.parameters().get("1.weight"));
            assertThatThrownBy(without::averages).hasMessageStartingWith("sgd(0.1) has no averages");
            model.parameters().load(training.averages());
        }
    }

    @Test
    void whatFitsNoParameterIsAnError() {
        try (Model model = model(1)) {
            refused(
                    model,
                    sgd(1).group("hed", 0.1),
                    "group: there is no parameter 'hed', nor one within it; there are [0.");
            refused(model, sgd(1).noDecay("*.bias", "norm*"), "noDecay: there is no parameter 'norm*'");
            refused(model, sgd(1).group("hea", 0.1), "group: there is no parameter 'hea'");
            refused(
                    model,
                    sgd(1).group("head", 0.1).group("*.bias", 0.2),
                    "group: parameter 'head.bias' is in two groups, 'head' and '*.bias'");
            model.training(crossEntropy(), sgd(1).group("head", 0.1)).only("0").close();
        }
    }

    private static void refused(Model model, Optimizer optimizer, String message) {
        assertThatThrownBy(() -> model.training(crossEntropy(), optimizer))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void badArgumentsAreRefused() {
        refused(() -> sgd(1).group("a", -1), "group: the learning rate must be finite and at least 0 but is -1");
        refused(() -> sgd(0).group("a", 1), "group: the learning rate that a schedule scales must be above 0 but is 0");
        refused(() -> sgd(1).group(" ", 1), "group: a pattern must not be blank");
        refused(
                () -> sgd(1).group("a", sgd(1).clipNorm(1)),
                "group: the optimizer of a group has no groups or options of all gradients, but sgd(1).clipNorm(1.0) has"
                        + " some");
        refused(() -> sgd(1).clipNorm(0), "clipNorm: the largest norm must be above 0 but is 0");
        refused(() -> sgd(1).clipValue(-1), "clipValue: the largest value must be above 0 but is -1");
        refused(() -> sgd(1).gradientNoise(-1), "gradientNoise: the deviation must be finite and at least 0 but is -1");
        refused(() -> sgd(1).average(1), "average: the decay must be in [0, 1) but is 1");
        refused(() -> sgd(1).accumulate(0), "accumulate: the number of batches must be at least 1 but is 0");
    }

    /** An optimizer whose updates are more than its rule. */
    private record Doubling(Optimizer own) implements Optimizer {
        @Override
        public double learningRate() {
            return own.learningRate();
        }

        @Override
        public Expr next(Expr value, Expr gradient, Update.State state) {
            return own.next(value, gradient, state);
        }

        @Override
        public List<Update> updates(List<Expr> parameters, List<Expr> gradients) {
            return own.updates(parameters, gradients.stream().map(g -> g.mul(2)).toList());
        }
    }

    @Test
    void whateverAnOptimizerDoesIsMaximised() {
        Optimizer once = sgd(0.25).maximise();
        assertThat(once.maximise()).isEqualTo(once);
        try (Model model = Model.of(linear(3, 2), 3).threads(1);
                Model other = Model.of(linear(3, 2), 3).threads(1)) {
            Batch batch = new Batch(Tensor.full(0.5f, 2, 3), Tensor.full(1, 2, 2));
            float before =
                    model.training(mse(), new Doubling(sgd(0.25)).maximise()).step(batch);
            other.training(mse(), sgd(0.5).maximise()).step(batch);
            assertThat(model.parameters().values()).isEqualTo(other.parameters().values());
            assertThat(model.training(mse(), sgd(0)).step(batch)).isGreaterThan(before);
        }
    }

    private static void refused(ThrowingCallable call, String message) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
    }

    @Test
    void theyPrintAsWritten() {
        assertThat(ALL)
                .hasToString(
                        "adamW(0.001).group(\"head\", 0.01).group(\"0\", sgd(0.05).momentum(0.9)).noDecay(\"*.bias\")"
                                + ".gradientNoise(0.001).clipValue(0.5).clipNorm(0.7).average(0.9).accumulate(2)");
        assertThat(sgd(1).clipNorm(2).maximise()).hasToString("sgd(1).maximise().clipNorm(2.0)");
    }
}
