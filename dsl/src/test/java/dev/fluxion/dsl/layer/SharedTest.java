package dev.fluxion.dsl.layer;

import static dev.fluxion.dsl.layer.Layers.conv;
import static dev.fluxion.dsl.layer.Layers.dropout;
import static dev.fluxion.dsl.layer.Layers.input;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.output;
import static dev.fluxion.dsl.layer.Layers.relu;
import static dev.fluxion.dsl.layer.Layers.residual;
import static dev.fluxion.dsl.layer.Layers.shared;
import static dev.fluxion.dsl.layer.Layers.tanh;
import static dev.fluxion.dsl.loss.Losses.contrastive;
import static dev.fluxion.dsl.loss.Losses.crossEntropy;
import static dev.fluxion.dsl.loss.Losses.mse;
import static dev.fluxion.dsl.loss.Losses.tripletMargin;
import static dev.fluxion.dsl.optim.Optimizers.sgd;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Input;
import dev.fluxion.Layer;
import dev.fluxion.MultiLoss;
import dev.fluxion.Scope;
import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.check.GradCheck;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.Training;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SharedTest {
    private static final int BATCH = 8;
    private static final String[] TOWERS = {"first", "second", "third"};

    private static Seq siamese(Layer tower, String... names) {
        List<Layer> layers = new ArrayList<>();
        for (int i = 0; i < names.length; i++) {
            layers.add(input(TOWERS[i]));
            layers.add(tower);
            layers.add(output(names[i]));
        }
        return Seq.of(layers.toArray(Layer[]::new));
    }

    private static Model model(Layer net) {
        return Model.of(net, Input.floats("first", 6), Input.floats("second", 6), Input.floats("third", 6));
    }

    private static Layer tower() {
        return shared(Seq.of(linear(12), tanh(), linear(4)));
    }

    @Test
    void oneSetOfWeightsHasTheNamesOfTheFirstPlace() {
        try (Model model = model(siamese(tower(), "a", "b", "c"))) {
            assertThat(model.parameters().names()).containsExactly("1.0.weight", "1.0.bias", "1.2.weight", "1.2.bias");
            assertThat(model.summary().parameters()).isEqualTo(6 * 12 + 12 + 12 * 4 + 4);
            Tensors x = draw(new SplitMix(3), 3);
            Tensors y = model.predict(Tensors.of("first", x.get("first"))
                    .with("second", x.get("first"))
                    .with("third", x.get("third")));
            assertThat(y.get("a")).isEqualTo(y.get("b")).isNotEqualTo(y.get("c"));
        }
    }

    @Test
    void equalLayersAreNotOneAndTheSame() {
        Seq two = Seq.of(shared(linear(3, 3)), shared(linear(3, 3)));
        try (Model model = Model.of(two, 3)) {
            assertThat(model.parameters().names()).containsExactly("0.weight", "0.bias", "1.weight", "1.bias");
        }
    }

    @Test
    void itMayBeAnyLayerAnywhere() {
        Layer gain = shared((scope, x) -> x.mul(scope.parameter("gain", Shape.scalar(), Initializers.ones())));
        Layer named = shared(linear(3, 3).named("same"));
        Seq net = Seq.of(named, gain, residual(Seq.of(relu(), named, gain)), named);
        try (Model one = Model.of(net, 3);
                Model two = Model.of(net, 3)) {
            assertThat(one.parameters().names()).containsExactly("same.weight", "same.bias", "1.gain");
            assertThat(two.predict(Tensor.full(1, 2, 3))).isEqualTo(one.predict(Tensor.full(1, 2, 3)));
            assertThat(one.summary().toString()).contains("1         lambda                      1×3              1");
        }
        GradCheck.of(net, Shape.of(2, 3)).run().orThrow();
    }

    @Test
    void dropoutDrawsOtherNumbersInEachPlace() {
        Layer drop = shared(dropout(0.5));
        Scope scope = Scope.root(true);
        Expr x = Expr.input("x", Shape.of(2, 3));
        Expr twice = Seq.of(drop, drop).apply(scope, x);
        assertThat(Graph.topological(List.of(twice)).stream()
                        .filter(e -> e.op().toString().startsWith("uniform"))
                        .map(Expr::op)
                        .distinct())
                .hasSize(2);
    }

    /** As in PyTorch, where a module that is called twice changes its buffers twice. */
    @Test
    void aBufferGoesOnFromWhatTheCallBeforeMadeOfIt() {
        Layer running = shared((scope, x) -> {
            Expr mean = scope.buffer("mean", Shape.scalar(), Initializers.zeros());
            if (scope.training()) {
                scope.update(mean, mean.mul(0.5).add(x.mean().mul(0.5)));
            }
            return x.mul(scope.parameter("gain", Shape.scalar(), Initializers.ones()));
        });
        Layer twice = (scope, x) -> x.mul(2);
        try (Model model = Model.of(Seq.of(running, twice, running), 3);
                Training training = model.training(mse(), sgd(0))) {
            training.step(new Batch(Tensor.full(1, 2, 3), Tensor.zeros(2, 3)));
            assertThat(model.parameters().get("0.mean").item()).isEqualTo(0.5f * 0.5f + 0.5f * 2);
        }
        assertThatThrownBy(() -> Seq.of((scope, x) -> {
                            Expr own = scope.buffer("own", Shape.scalar(), Initializers.zeros());
                            scope.update(own, own);
                            scope.update(own, own.add(1));
                            return x;
                        })
                        .apply(Scope.root(true), Expr.input("x", Shape.of(1, 2))))
                .hasMessageContaining("is updated twice in one step");
    }

    @Test
    void anInputOfAnotherSizeIsRefused() {
        Layer inferred = shared(linear(5));
        assertThatThrownBy(() -> Model.of(Seq.of(inferred, inferred), 3))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining(
                        "parameter '0.weight' is shared: it has the shape 5×3 by linear(5) where it is used"
                                + " first, and would have 5×5 by linear(5) here");
    }

    @Test
    void twoLayersOfOneNameAreStillRefused() {
        assertThatThrownBy(() -> Seq.of(
                        shared(linear(3, 3).named("a")), shared(linear(3, 3).named("a"))))
                .hasMessageContaining("are both called 'a'");
    }

    @Test
    void contrastiveLossTrainsTwoTowersAsPyTorchDoes() throws IOException {
        follow("contrastive", contrastive(), siamese(tower(), "first", "second"), random -> {
            Tensors inputs = draw(random, 3);
            float[] same = new float[BATCH];
            for (int i = 0; i < BATCH; i++) {
                same[i] = (float) Math.floor(random.next() * 2);
            }
            return new Batch(inputs, Tensors.of(Tensor.vector(same)));
        });
    }

    @Test
    void tripletLossTrainsThreeTowersAsPyTorchDoes() throws IOException {
        follow("triplet", tripletMargin(), siamese(tower(), "anchor", "positive", "negative"), random -> {
            Tensors inputs = draw(random, 3);
            random.skip(BATCH);
            return new Batch(inputs, Tensors.none());
        });
    }

    private static void follow(String name, MultiLoss loss, Layer net, Function<SplitMix, Batch> draw)
            throws IOException {
        SplitMix random = new SplitMix(11);
        try (Model model = model(net)) {
            give(model, random);
            follow(name, model.training(loss, sgd(0.1).momentum(0.9)), () -> draw.apply(random));
        }
    }

    private interface Batches {
        Batch next();
    }

    /** Near PyTorch in double precision, where the smallest difference grows from step to step. */
    private static void follow(String name, Training training, Batches batches) throws IOException {
        int step = 0;
        for (String line : lines("shared-" + name + ".txt")) {
            double expected = Double.parseDouble(line.split(" ", -1)[1]);
            assertThat((double) training.step(batches.next()))
                    .as("step %d", step++)
                    .isCloseTo(expected, within(1e-5));
        }
        assertThat(step).isEqualTo(30);
    }

    @Test
    void aTiedWeightTrainsAsInPyTorch() throws IOException {
        Seq net = Seq.of(
                linear(5, 7).bias(false).named("table"),
                tanh(),
                linear(7, 5),
                tanh(),
                linear(5, 7).bias(false).weight("table.weight"));
        SplitMix random = new SplitMix(13);
        try (Model model = Model.of(net, 5)) {
            assertThat(model.parameters().names()).containsExactly("table.weight", "2.weight", "2.bias");
            give(model, random);
            follow("tied", model.training(crossEntropy(), sgd(0.1).momentum(0.9)), () -> {
                Tensor x = draw(random, BATCH, 5);
                int[] labels = new int[BATCH];
                for (int i = 0; i < BATCH; i++) {
                    labels[i] = (int) (random.next() * 7);
                }
                return new Batch(x, Tensor.labels(labels));
            });
        }
    }

    @Test
    void aWeightIsTiedToOneThatIsThereAndFits() {
        assertThatThrownBy(() -> linear(4, 3).weight(""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("the name of the weight must be a name but is \"\"");
        assertThatThrownBy(() -> Model.of(Seq.of(linear(3, 4), linear(4, 3).weight("table.weight")), 3))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("linear(4, 3).weight(\"table.weight\") at SharedTest.java:")
                .hasMessageContaining("no layer before has the parameter 'table.weight'; there are [0.weight, 0.bias]")
                .message()
                .doesNotContain("did you mean"); // what would fit is what was written
        assertThatThrownBy(() ->
                        Model.of(Seq.of(conv(1, 2, 1).named("c"), linear(3, 3).weight("c.weight")), 1, 2, 3))
                .hasMessageContaining("expected the weight 'c.weight' to be out×in, 3×3, but it is 2×1×1×1");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8})
    void threadsChangeNothing(int threads) {
        assertThat(trained(threads)).isEqualTo(trained(1));
    }

    private static List<Tensor> trained(int threads) {
        SplitMix random = new SplitMix(5);
        try (Model one = model(siamese(tower(), "anchor", "positive", "negative"));
                Model model = one.threads(threads);
                Training training = model.training(tripletMargin(), sgd(0.1).momentum(0.9))) {
            for (int i = 0; i < 5; i++) {
                training.step(new Batch(draw(random, 3), Tensors.none()));
            }
            return List.copyOf(model.parameters().values().values());
        }
    }

    private static void give(Model model, SplitMix random) {
        for (String name : model.parameters().names()) {
            Tensor value = draw(random, model.parameters().shape(name).dims());
            for (int i = 0; i < value.size(); i++) {
                value.floats()[i] -= 0.5f;
            }
            model.parameters().set(name, value);
        }
    }

    private static Tensors draw(SplitMix random, int inputs) {
        Tensors all = Tensors.none();
        for (int i = 0; i < inputs; i++) {
            all = all.with(TOWERS[i], draw(random, BATCH, 6));
        }
        return all;
    }

    private static Tensor draw(SplitMix random, int... dims) {
        Tensor x = Tensor.zeros(dims);
        for (int i = 0; i < x.size(); i++) {
            x.floats()[i] = (float) random.next();
        }
        return x;
    }

    private static List<String> lines(String file) throws IOException {
        try (InputStream in = Objects.requireNonNull(SharedTest.class.getResourceAsStream(file))) {
            return new String(in.readAllBytes(), UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .toList();
        }
    }
}
