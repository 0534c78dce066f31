package dev.fluxion.dsl.layer;

import static dev.fluxion.dsl.layer.Layers.embedding;
import static dev.fluxion.dsl.layer.Layers.embeddingBag;
import static dev.fluxion.dsl.layer.Layers.gru;
import static dev.fluxion.dsl.layer.Layers.lstm;
import static dev.fluxion.dsl.layer.Layers.rnn;

import dev.fluxion.Layer;
import dev.fluxion.Tensor;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Embeddings and recurrent layers are PyTorch's, as recorded by {@code record_sequences.py}: values, last states, and gradients of inputs,
 * first states and parameters. The property {@code fluxion.sequences} names a file with more cases.
 */
class SequencesTest {
    /** Where a state is saturated, 1 − h² is what is left of numbers near 1 in float32. */
    private static final Tolerance FLOATS = Tolerance.of(1e-5, 1e-6);

    private static final Tolerance DOUBLES = Tolerance.of(1e-11, Float.MIN_NORMAL);

    @TestFactory
    Stream<DynamicTest> valuesAndGradientsAreThoseOfPyTorch() {
        return Recorded.read("sequences.txt").stream()
                .map(r -> DynamicTest.dynamicTest(r.name(), () -> {
                    Replay replay = new Replay(r, layer(r));
                    replay.interpret(DOUBLES);
                    replay.compile(FLOATS);
                }));
    }

    @TestFactory
    Stream<DynamicTest> randomConfigurationsAreThoseOfPyTorch() throws IOException {
        return Recorded.more("fluxion.sequences")
                .map(r -> DynamicTest.dynamicTest(r.name(), () -> {
                    Replay replay = new Replay(r, layer(r));
                    replay.interpret(DOUBLES);
                    replay.check();
                }));
    }

    private static Layer layer(Recorded r) {
        String kind = r.text("layer");
        if (kind.startsWith("embedding")) {
            int vocabulary = r.number("vocabulary");
            String padding = r.text("padding");
            if (kind.equals("embedding")) {
                Embedding layer = r.is("given")
                        ? embedding(Tensor.of(r.tensor("weight"))).frozen(r.is("frozen"))
                        : embedding(vocabulary, r.number("width"));
                return padding.equals("none") ? layer : layer.paddingIndex(Integer.parseInt(padding));
            }
            EmbeddingBag layer = embeddingBag(vocabulary, r.number("width"));
            layer = padding.equals("none") ? layer : layer.paddingIndex(Integer.parseInt(padding));
            layer = r.text("mode").equals("sum") ? layer.sum() : layer;
            layer = r.text("mode").equals("max") ? layer.max() : layer;
            return r.is("weights") ? layer.weights("weights") : layer;
        }
        int in = r.number("in");
        int hidden = r.number("hidden");
        Recurrent layer =
                kind.equals("lstm") ? lstm(in, hidden) : kind.equals("gru") ? gru(in, hidden) : rnn(in, hidden);
        layer = r.is("relu") ? layer.relu() : layer;
        layer = layer.layers(r.number("layers")).bias(r.is("bias"));
        layer = r.is("bidirectional") ? layer.bidirectional() : layer;
        layer = r.is("lengths") ? layer.lengths("lengths") : layer;
        boolean two = kind.equals("lstm");
        layer = two ? layer.projection(r.number("projection")) : layer;
        layer = two ? layer.states("h", "c") : layer.states("h");
        if (r.is("initial")) {
            layer = two ? layer.initial("h0", "c0") : layer.initial("h0");
        }
        return layer;
    }
}
