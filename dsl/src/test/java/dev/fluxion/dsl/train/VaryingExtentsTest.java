package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.conv;
import static dev.fluxion.dsl.layer.Layers.embedding;
import static dev.fluxion.dsl.layer.Layers.flatten;
import static dev.fluxion.dsl.layer.Layers.globalAvgPool;
import static dev.fluxion.dsl.layer.Layers.gru;
import static dev.fluxion.dsl.layer.Layers.layer;
import static dev.fluxion.dsl.layer.Layers.layerNorm;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.maxPool;
import static dev.fluxion.dsl.layer.Layers.relu;
import static dev.fluxion.dsl.layer.Layers.transformerEncoderLayer;
import static dev.fluxion.dsl.loss.Losses.crossEntropy;
import static dev.fluxion.dsl.loss.Losses.mse;
import static dev.fluxion.dsl.optim.Optimizers.adam;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import dev.fluxion.Input;
import dev.fluxion.Layer;
import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Extents of samples that differ from batch to batch. */
class VaryingExtentsTest {
    /** The mean of what the mask leaves, of each sequence. */
    private static final Layer POOL = (scope, x) -> {
        Expr kept = scope.value("mask").reshape(x.shape().with(2, 1));
        return x.mul(kept).sum(1).div(kept.sum(1));
    };

    private static final Seq NET = Seq.of(linear(3, 8), relu(), POOL, linear(8, 2));

    private static Model model(int most, boolean varies) {
        Input x = Input.floats("x", most, 3);
        Input mask = Input.floats("mask", most);
        return varies ? Model.of(NET, x.varies(0, "T"), mask.varies(0, "T")) : Model.of(NET, x, mask);
    }

    private static Tensor normal(long seed, int... dims) {
        Tensor t = Tensor.zeros(dims);
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < t.size(); i++) {
            t.floats()[i] = (float) random.nextGaussian();
        }
        return t;
    }

    private static Tensors sequences(int batch, int length) {
        return Tensors.of("x", normal(length, batch, length, 3)).with("mask", Tensor.full(1, batch, length));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 31, 512})
    void everyLengthHasTheBitsOfAModelOfThatLength(int length) {
        try (Model model = model(512, true);
                Model fixed = model(length, false)) {
            for (int batch : new int[] {1, 3, 8, 37}) {
                Tensors x = sequences(batch, length);
                assertThat(model.predict(x)).isEqualTo(fixed.predict(x));
            }
        }
    }

    /** Words behind the end of a text change nothing, and those of other texts no bit. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aTextInALongerBatchIsAsItIsAlone(boolean isRecurrent) {
        Layer first = layer("first word", (scope, x) -> x.slice(1, 0, 1).sum(1));
        Layer reader = isRecurrent
                ? gru(8).layers(2).bidirectional().lengths("hides").last()
                : Seq.of(transformerEncoderLayer(8, 2).keyPaddingMask("hides"), first);
        Input hides =
                isRecurrent ? Input.ints("hides") : Input.ints("hides", 40).varies(0, "T");
        try (Model model =
                Model.of(Seq.of(embedding(30, 8), reader), Input.ints("ids", 40).varies(0, "T"), hides)) {
            SplittableRandom random = new SplittableRandom(7);
            for (int length : new int[] {1, 5, 17}) {
                int[] text = random.ints(length, 0, 30).toArray();
                Tensor alone = model.predict(texts(1, length, text, isRecurrent, random))
                        .only();
                float[] beside = null;
                for (int i = 0; i < 3; i++) {
                    Tensor all = model.predict(texts(6, 23, text, isRecurrent, random))
                            .only();
                    float[] own = Arrays.copyOf(all.floats(), alone.size());
                    assertThat(own).containsExactly(alone.floats(), offset(1e-6f));
                    assertThat(beside == null ? own : beside).isEqualTo(own);
                    beside = own;
                }
            }
        }
    }

    /** Texts of any words, the first of which is given, and what hides the words behind their ends. */
    private static Tensors texts(int batch, int length, int[] text, boolean isRecurrent, SplittableRandom random) {
        int[] ids = random.ints((long) batch * length, 0, 30).toArray();
        System.arraycopy(text, 0, ids, 0, text.length);
        int[] lengths = random.ints(batch, 1, length + 1).toArray();
        lengths[0] = text.length;
        int[] padding = new int[ids.length];
        Arrays.setAll(padding, i -> i % length < lengths[i / length] ? 0 : 1);
        return Tensors.of("ids", Tensor.of(ids, Shape.of(batch, length)))
                .with("hides", isRecurrent ? Tensor.labels(lengths) : Tensor.of(padding, Shape.of(batch, length)));
    }

    @Test
    void imagesOfAnySizeAreTaken() {
        Seq net = Seq.of(conv(3, 4, 3).pad(1), relu(), maxPool(2), conv(4, 5, 3).pad(1), globalAvgPool(), linear(5, 2));
        try (Model model = Model.of(
                        net, Input.floats("image", 3, 40, 30).varies(1, "H").varies(2, "W"));
                Model fixed = Model.of(net, 3, 17, 22)) {
            Tensor images = normal(1, 5, 3, 17, 22);
            assertThat(model.predict(images)).isEqualTo(fixed.predict(images));
            assertThat(model.predict(normal(1, 2, 3, 40, 2)).shape()).hasToString("2×2");
            assertThatThrownBy(() -> model.predict(normal(1, 2, 3, 41, 30)))
                    .hasMessage(
                            "input 'image' takes a batch of samples N×3×H×W with N ≥ 0, 1 ≤ H ≤ 40, 1 ≤ W ≤ 30 but got"
                                    + " 2×3×41×30");
            assertThatThrownBy(() -> model.predict(normal(1, 2, 3, 1, 30)))
                    .hasMessageContaining("maxPool(2)")
                    .hasMessageContaining("2×4×1×30");
        }
    }

    @Test
    void memoryStaysFlat() {
        SplittableRandom random = new SplittableRandom(3);
        try (Model model = model(512, true)) {
            model.predict(sequences(256, 512));
            for (int i = 0; i < 120; i++) {
                int length = random.nextInt(1, 513);
                int batch = random.nextInt(1, 40);
                Tensors x = sequences(batch, length);
                assertThat(model.predict(x).get("output").shape()).hasToString(batch + "×2");
                assertThat(model.memory().programs()).isLessThanOrEqualTo(96);
            }
        }
    }

    @Test
    void aTrainingHasTheBitsOfAModelOfThatLength() {
        assertThat(trained(true, 1)).isEqualTo(trained(false, 1));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4, 8})
    void threadsChangeNothing(int threads) {
        assertThat(trained(true, threads)).isEqualTo(trained(true, 1));
    }

    private static List<Tensor> trained(boolean varies, int threads) {
        try (Model one = model(varies ? 20 : 6, varies);
                Model model = one.threads(threads);
                Training training = model.training(crossEntropy(), adam(0.01))) {
            for (int step = 0; step < 4; step++) {
                training.step(new Batch(sequences(16, 6), Tensors.of(Tensor.labels(new int[16]))));
            }
            return List.copyOf(model.parameters().values().values());
        }
    }

    @Test
    void stepByStepWorksAsWell() {
        try (Model model = model(20, true);
                Training training = model.training(mse(), adam(0.01))) {
            for (int length : new int[] {3, 9, 20, 3}) {
                Batch batch = new Batch(sequences(4, length), Tensors.of(normal(2, 4, 2)));
                training.zeroGrad();
                float before = training.forward(batch);
                training.backward();
                training.update();
                assertThat(training.forward(batch)).isLessThan(before);
                assertThat(training.graph(batch).inputs().get(0).shape()).hasToString("4×" + length + "×3");
            }
        }
    }

    @Test
    void anExtentIsTheSameInAllInputsAndWithinItsBound() {
        try (Model model = model(20, true)) {
            assertThatThrownBy(() -> model.predict(sequences(2, 21)))
                    .hasMessage("input 'x' takes a batch of samples N×T×3 with N ≥ 0, 1 ≤ T ≤ 20 but got 2×21×3");
            Tensors other = Tensors.of("x", normal(1, 2, 5, 3)).with("mask", normal(1, 2, 6));
            assertThatThrownBy(() -> model.predict(other)).hasMessage("the extent 'T' is 5 in 'x' but 6 in 'mask'");
            try (Training training = model.training(mse(), adam(0.01))) {
                assertThatThrownBy(() -> training.step(new Batch(other, Tensors.of(normal(1, 2, 2)))))
                        .hasMessage("the extent 'T' is 5 in 'x' but 6 in 'mask'");
            }
            assertThatThrownBy(() -> model.predict(sequences(2, 5).map(t -> Tensor.zeros(2, 0))))
                    .hasMessageStartingWith("input 'x' takes a batch of samples N×T×3");
        }
    }

    @Test
    void whatVariesIsDeclaredRight() {
        assertThatThrownBy(() -> Input.floats("x", 5, 3).varies(2, "T"))
                .hasMessage(
                        "input 'x': axis 2 cannot vary as 'T'; a sample is 5×3, an axis that varies is one of it, with an"
                                + " extent of at least 1 and a name");
        assertThatThrownBy(() -> Input.floats("x", 5).varies(0, " ")).hasMessageContaining("cannot vary as ' '");
        Input x = Input.floats("x", 5).varies(0, "T");
        assertThatThrownBy(() -> Model.of(linear(2), x, Input.ints("y", 6).varies(0, "T")))
                .hasMessage("Model.of: the extent 'T' is at most 5 in one input and at most 6 in another");
    }

    @Test
    void weightsThatDependOnAnExtentAreRefused() {
        assertThatThrownBy(() -> Model.of(
                        Seq.of(flatten(), linear(2)), Input.floats("x", 5, 3).varies(0, "T")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "parameter '1.weight' is 2×15 but would be 2×12 for {T=4}: weights must not depend on an extent"
                                + " that varies");
    }

    /** Such as norms over an extent that varies, which the first shorter prediction would find. */
    @ParameterizedTest
    @ValueSource(ints = {2, 5, 300})
    void netsThatTakeTheLargestExtentsAloneAreRefused(int most) {
        Input x = Input.floats("x", most, 4).varies(0, "T");
        assertThatThrownBy(() -> Model.of(Seq.of(linear(4), layerNorm(most, 4)), x))
                .isInstanceOf(ShapeException.class)
                .hasMessageStartingWith("extents vary up to {T=" + most
                        + "} but the net takes none of the smaller ones that were tried: " + "layerNorm(" + most
                        + ", 4) at VaryingExtentsTest.java:")
                .hasMessageContaining("1×" + (most - 1) + "×4");
        Model.of(Seq.of(linear(4), layerNorm(4)), x).close();
        Model.of(layerNorm(1, 4), Input.floats("x", 1, 4).varies(0, "T")).close();
    }

    /** A net that takes multiples of a number, as when positions are cut into parts, takes smaller ones. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3, 7, 16, 32, 100})
    void netsMayTakeSomeExtents(int part) {
        Layer parts = layer("parts()", (scope, x) -> x.reshape(x.shape().dim(0), -1, part, 4));
        for (int count : new int[] {2, 5, 7}) {
            Model.of(parts, Input.floats("x", count * part, 4).varies(0, "T")).close();
        }
    }
}
