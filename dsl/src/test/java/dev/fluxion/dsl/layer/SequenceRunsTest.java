package dev.fluxion.dsl.layer;

import static dev.fluxion.dsl.layer.Layers.embedding;
import static dev.fluxion.dsl.layer.Layers.gru;
import static dev.fluxion.dsl.layer.Layers.layer;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.lstm;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Input;
import dev.fluxion.Layer;
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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Trainings of recurrent nets: their losses are PyTorch's in float32, and any number of threads makes the same bits. */
class SequenceRunsTest {
    private static final int VOCABULARY = 20;
    private static final int STEPS = 10;
    private static final int BATCH = 8;

    /** A class for each step. */
    private static final Layer TAGGER = Seq.of(
            embedding(VOCABULARY, 16),
            lstm(16, 24).bidirectional().lengths("lengths"),
            linear(48, 5),
            layer("classes first", (scope, x) -> x.transpose(0, 2, 1)));

    /** A class for each sequence. */
    private static final Layer CLASSIFIER =
            Seq.of(embedding(VOCABULARY, 16), gru(16, 24).lengths("lengths").last(), linear(24, 4));

    @Test
    void aTaggerLearnsAsInPyTorch() throws IOException {
        assertRun("tagger", TAGGER, 5, STEPS);
    }

    @Test
    void aClassifierLearnsAsInPyTorch() throws IOException {
        assertRun("classifier", CLASSIFIER, 4, 1);
    }

    private static void assertRun(String name, Layer net, int classes, int places) throws IOException {
        SplitMix random = new SplitMix(7);
        try (Model model = model(net, 1)) {
            Map<String, Tensor> weights = new LinkedHashMap<>();
            for (String each : model.parameters().names()) {
                Shape shape = model.parameters().shape(each);
                float[] data = new float[shape.size()];
                for (int i = 0; i < data.length; i++) {
                    data[i] = (float) (random.next() - 0.5);
                }
                weights.put(each, Tensor.of(data, shape));
            }
            model.parameters().load(weights);
            Training training =
                    model.training(Losses.crossEntropy(), Optimizers.sgd(0.1).momentum(0.9));
            int step = 0;
            for (double expected : recorded(name)) {
                assertThat((double) training.step(batch(random, BATCH, classes, places)))
                        .as("%s, step %d", name, step++)
                        .isCloseTo(expected, within(1e-4));
            }
        }
    }

    /** The losses in float32. */
    private static List<Double> recorded(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(SequenceRunsTest.class.getResourceAsStream("sequence-runs.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .filter(line -> line.startsWith(name))
                    .map(line -> Double.parseDouble(line.split(" ", -1)[2]))
                    .toList();
        }
    }

    private static Model model(Layer net, int threads) {
        return Model.of(net, Input.ints("ids", STEPS), Input.ints("lengths")).threads(threads);
    }

    private static Batch batch(SplitMix random, int size, int classes, int places) {
        Tensor ids = Tensor.of(random.ints(size * STEPS, 0, VOCABULARY), Shape.of(size, STEPS));
        Tensor lengths = Tensor.labels(random.ints(size, 1, STEPS));
        Tensor targets = Tensor.labels(random.ints(size * places, 0, classes));
        return new Batch(
                Tensors.of("ids", ids).with("lengths", lengths),
                Tensors.of(places == 1 ? targets : targets.reshape(size, places)));
    }

    /** Large enough for several strands. */
    @Test
    void threadsDoNotChangeBits() {
        Layer net = Seq.of(
                embedding(VOCABULARY, 64),
                lstm(64, 64).bidirectional().lengths("lengths").layers(2).dropout(0.3),
                gru(128, 64).lengths("lengths").last(),
                linear(64, 4));
        List<Map<String, Tensor>> results = new ArrayList<>();
        for (int threads : new int[] {1, 2, 4, 8}) {
            try (Model model = model(net, threads)) {
                Training training = model.training(Losses.crossEntropy(), Optimizers.adam(0.01));
                SplitMix random = new SplitMix(3);
                for (int i = 0; i < 2; i++) {
                    training.step(batch(random, 64, 4, 1));
                }
                results.add(model.parameters().values());
            }
        }
        results.forEach(r -> assertThat(r).isEqualTo(results.get(0)));
    }

    /** Steps of the plan do not grow with the length of the sequences, and memory no faster than it. */
    @Test
    void plansDoNotGrowWithTheLength() {
        Layer net = Seq.of(lstm(8, 16).bidirectional(), gru(16).last(), linear(2));
        long[] steps = new long[2];
        long[] bytes = new long[2];
        for (int i = 0; i < 2; i++) {
            int length = 20 * (1 + 4 * i);
            try (Model model = Model.of(net, length, 8).threads(1)) {
                Training training = model.training(Losses.crossEntropy(), Optimizers.sgd(0.1));
                training.step(new Batch(Tensor.full(0.5f, 4, length, 8), Tensor.labels(0, 1, 1, 0)));
                steps[i] = training.program(4).explain().toString().lines().count();
                bytes[i] = training.program(4).bytes();
            }
        }
        assertThat(steps[1]).isEqualTo(steps[0]);
        assertThat(bytes[1]).isLessThan(5 * bytes[0] + 100_000);
    }
}
