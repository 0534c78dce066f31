package dev.fluxion.dsl.layer;

import static dev.fluxion.dsl.layer.Layers.as;
import static dev.fluxion.dsl.layer.Layers.concat;
import static dev.fluxion.dsl.layer.Layers.conv;
import static dev.fluxion.dsl.layer.Layers.embedding;
import static dev.fluxion.dsl.layer.Layers.flatten;
import static dev.fluxion.dsl.layer.Layers.gelu;
import static dev.fluxion.dsl.layer.Layers.gru;
import static dev.fluxion.dsl.layer.Layers.inline;
import static dev.fluxion.dsl.layer.Layers.input;
import static dev.fluxion.dsl.layer.Layers.layer;
import static dev.fluxion.dsl.layer.Layers.layerNorm;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.maxPool;
import static dev.fluxion.dsl.layer.Layers.output;
import static dev.fluxion.dsl.layer.Layers.positionalEncoding;
import static dev.fluxion.dsl.layer.Layers.relu;
import static dev.fluxion.dsl.layer.Layers.reshape;
import static dev.fluxion.dsl.layer.Layers.shared;
import static dev.fluxion.dsl.layer.Layers.tanh;
import static dev.fluxion.dsl.layer.Layers.transformerEncoderLayer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Input;
import dev.fluxion.Layer;
import dev.fluxion.MultiLoss;
import dev.fluxion.Optimizer;
import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.loss.Losses;
import dev.fluxion.dsl.optim.Optimizers;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.Training;
import dev.fluxion.ir.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Small nets for texts train as in PyTorch, as recorded by {@code record_nets.py}. */
class NetRunsTest {
    private static final int VOCABULARY = 30;
    private static final int WIDTH = 16;
    private static final int LENGTH = 12;
    private static final int BATCH = 8;
    private static final int CLASSES = 4;

    private static final Input IDS = Input.ints("ids", LENGTH);

    private static final Layer CHANNELS_FIRST = layer("channels first", (scope, x) -> x.transpose(0, 2, 1));

    private static Layer filter(int size) {
        return Seq.of(conv(WIDTH, 8, size, 1), relu(), maxPool(LENGTH + 1 - size, 1));
    }

    /** The largest value in time of filters of three widths. */
    @Test
    void aTextCnn() throws IOException {
        Layer net = Seq.of(
                embedding(VOCABULARY, WIDTH).named("table"),
                CHANNELS_FIRST,
                reshape(WIDTH, LENGTH, 1),
                concat(filter(2), filter(3), filter(4)).named("filters"),
                flatten(),
                linear(CLASSES).named("head"));
        Optimizer optimizer = Optimizers.sgd(0.1).momentum(0.9);
        follow("TextCnn", Model.of(net, IDS), Losses.crossEntropy(), optimizer, random -> {
            Tensor ids = ids(random, VOCABULARY, LENGTH);
            return new Batch(ids, classes(random));
        });
    }

    private static TransformerEncoderLayer block() {
        return transformerEncoderLayer(WIDTH, 4)
                .feedForward(32)
                .activation(gelu())
                .dropout(0);
    }

    /** Embeddings of tokens, positions and segments, two encoder layers with padding, and a head on the first token. */
    @Test
    void aBert() throws IOException {
        TransformerEncoderLayer block = block().keyPaddingMask("padding");
        Layer net = Seq.of(
                embedding(VOCABULARY, WIDTH).named("tokens"),
                positionalEncoding().learned(LENGTH).named("positions"),
                as("placed"),
                input("segments"),
                embedding(2, WIDTH).named("segments"),
                layer("plus placed", (scope, x) -> x.add(scope.value("placed"))),
                layerNorm().named("norm"),
                Seq.of(block, block).named("layers"),
                layer("first", (scope, x) -> x.slice(1, 0, 1)),
                flatten(),
                linear(WIDTH).named("pooler"),
                tanh(),
                linear(CLASSES).named("head"));
        Model model = Model.of(net, IDS, Input.ints("segments", LENGTH), Input.ints("padding", LENGTH));
        Optimizer optimizer = Optimizers.adamW(2e-3).weightDecay(0.01);
        follow("Bert", model, Losses.crossEntropy(), optimizer, random -> {
            Tensors inputs =
                    Tensors.of("ids", ids(random, VOCABULARY, LENGTH)).with("segments", ids(random, 2, LENGTH));
            return new Batch(inputs.with("padding", padding(random)), Tensors.of(classes(random)));
        });
    }

    private static Tensor padding(SplitMix random) {
        int[] lengths = random.ints(BATCH, 1, LENGTH);
        int[] hidden = new int[BATCH * LENGTH];
        for (int i = 0; i < hidden.length; i++) {
            hidden[i] = i % LENGTH >= lengths[i / LENGTH] ? 1 : 0;
        }
        return Tensor.of(hidden, Shape.of(BATCH, LENGTH));
    }

    /** Two causal layers, and a projection that is the table of tokens. */
    @Test
    void aGpt() throws IOException {
        TransformerEncoderLayer block = block().normFirst().causal();
        Layer net = Seq.of(
                embedding(VOCABULARY, WIDTH).named("tokens"),
                positionalEncoding().learned(LENGTH).named("positions"),
                Seq.of(block, block).named("layers"),
                layerNorm().named("norm"),
                linear(WIDTH, VOCABULARY).bias(false).weight("tokens.weight"),
                CHANNELS_FIRST);
        Optimizer optimizer = Optimizers.adamW(2e-3).betas(0.9, 0.95).weightDecay(0.1);
        follow("Gpt", Model.of(net, IDS), Losses.crossEntropy(), optimizer, random -> {
            Tensor all = ids(random, VOCABULARY, LENGTH + 1);
            return new Batch(tokens(all, 0), tokens(all, 1));
        });
    }

    /** All tokens of each text but one. */
    private static Tensor tokens(Tensor texts, int from) {
        int[] some = new int[BATCH * LENGTH];
        for (int i = 0; i < BATCH; i++) {
            System.arraycopy(texts.ints(), i * (LENGTH + 1) + from, some, i * LENGTH, LENGTH);
        }
        return Tensor.of(some, Shape.of(BATCH, LENGTH));
    }

    /** Two texts by one tower, near where they belong together. */
    @Test
    void aSiamese() throws IOException {
        Layer tower = shared(Seq.of(
                embedding(VOCABULARY, WIDTH).named("table"),
                gru(20).last().named("rnn"),
                linear(6).named("head")));
        Layer net = Seq.of(inline(tower), output("first"), input("other"), inline(tower), output("second"));
        Model model = Model.of(net, IDS, Input.ints("other", LENGTH));
        Optimizer optimizer = Optimizers.sgd(0.05).momentum(0.9);
        follow("Siamese", model, Losses.contrastive(), optimizer, random -> {
            Tensors inputs =
                    Tensors.of("ids", ids(random, VOCABULARY, LENGTH)).with("other", ids(random, VOCABULARY, LENGTH));
            return new Batch(inputs, Tensors.of(random.tensor(Shape.of(BATCH), u -> Math.floor(u * 2))));
        });
    }

    private static Tensor ids(SplitMix random, int vocabulary, int length) {
        return Tensor.of(random.ints(BATCH * length, 0, vocabulary), Shape.of(BATCH, length));
    }

    private static Tensor classes(SplitMix random) {
        return Tensor.labels(random.ints(BATCH, 0, CLASSES));
    }

    /** Requires losses within twice of what PyTorch's own runs differ by. */
    private static void follow(
            String net, Model model, MultiLoss loss, Optimizer optimizer, Function<SplitMix, Batch> draw)
            throws IOException {
        SplitMix random = new SplitMix(17);
        try (model) {
            for (String name : new TreeSet<>(model.parameters().names())) {
                Shape shape = model.parameters().shape(name);
                if (shape.rank() > 1) {
                    double bound = Math.sqrt(3.0 * shape.dim(0) / shape.size());
                    model.parameters().set(name, random.tensor(shape, u -> (u * 2 - 1) * bound));
                } else if (!name.endsWith("weight")) {
                    model.parameters().set(name, random.tensor(shape, u -> u * 0.2 - 0.1));
                }
            }
            Training training = model.training(loss, optimizer);
            int step = 0;
            for (double[] recorded : recorded(net)) {
                assertThat((double) training.step(draw.apply(random)))
                        .as("step %d", step++)
                        .isCloseTo(recorded[0], within(Math.max(1e-4, 2 * recorded[1])));
            }
            assertThat(step).isEqualTo(50);
        }
    }

    private static List<double[]> recorded(String net) throws IOException {
        try (InputStream in = Objects.requireNonNull(NetRunsTest.class.getResourceAsStream("net-runs.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .map(line -> line.split(" ", -1))
                    .filter(words -> words[0].equals(net))
                    .map(words -> new double[] {Double.parseDouble(words[1]), Double.parseDouble(words[2])})
                    .toList();
        }
    }
}
