package dev.fluxion.dsl.layer;

import static dev.fluxion.dsl.layer.Layers.embedding;
import static dev.fluxion.dsl.layer.Layers.embeddingBag;
import static dev.fluxion.dsl.layer.Layers.flatten;
import static dev.fluxion.dsl.layer.Layers.gru;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.lstm;
import static dev.fluxion.dsl.layer.Layers.rnn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.fluxion.Input;
import dev.fluxion.Layer;
import dev.fluxion.Scope;
import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.data.Batch;
import dev.fluxion.dsl.loss.Losses;
import dev.fluxion.dsl.optim.Optimizers;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.dsl.train.Training;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import dev.fluxion.ir.ValueException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What embeddings and recurrent layers say of what they cannot compute with, and that nothing has changed then. */
class SequenceErrorsTest {
    @Test
    void idsOutsideOfTheVocabularyAreNamed() {
        try (Model model = Model.of(Seq.of(embedding(5, 3), flatten(), linear(2)), Input.ints("ids", 4))) {
            Tensor weight = model.parameters().get("0.weight");
            Training training = model.training(Losses.crossEntropy(), Optimizers.sgd(0.1));
            for (int bad : new int[] {5, -1, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
                Tensor ids = Tensor.labels(0, 1, 2, 3, 4, bad, 0, 0).reshape(2, 4);
                assertThatThrownBy(() -> model.predict(ids))
                        .isInstanceOf(ValueException.class)
                        .hasMessageContaining("each id must be in [0, 5), but element [1, 1] is " + bad)
                        .hasMessageContaining("embedding(5, 3)");
                assertThatThrownBy(() -> training.step(new Batch(ids, Tensor.labels(0, 1))))
                        .isInstanceOf(ValueException.class)
                        .hasMessageContaining("each id must be in [0, 5), but element [1, 1] is " + bad);
            }
            assertThat(model.parameters().get("0.weight")).isEqualTo(weight);
        }
    }

    @Test
    void lengthsBeyondTheSequencesAreNamed() {
        Layer net = gru(3, 2).lengths("lengths").last();
        try (Model model = Model.of(net, Input.floats("x", 4, 3), Input.ints("lengths"))) {
            for (int bad : new int[] {0, 5, -1}) {
                Tensors inputs = Tensors.of("x", Tensor.zeros(3, 4, 3)).with("lengths", Tensor.labels(1, 4, bad));
                assertThatThrownBy(() -> model.predict(inputs))
                        .isInstanceOf(ValueException.class)
                        .hasMessageContaining("each length must be in [1, 4], but element [2] is " + bad);
            }
            Tensor y = model.predict(Tensors.of("x", Tensor.zeros(3, 4, 3)).with("lengths", Tensor.labels(1, 4, 2)))
                    .only();
            assertThat(y.shape()).isEqualTo(Shape.of(3, 2));
        }
    }

    @Test
    void shapesThatDoNotFitAreTold() {
        assertThat(misfit(embedding(5, 3), Shape.of(2, 4))).isEqualTo("""
                embedding(5, 3) at SequenceErrorsTest.java: expected integers, the ids, but got floating-point numbers 2×4; \
                declare the input with Input.ints(…)""");
        assertThat(misfit(lstm(3, 2), Shape.of(2, 4, 5))).isEqualTo("""
                lstm(3, 2) at SequenceErrorsTest.java: expected 3 input features along the last axis but got 5 (input 2×4×5)
                  did you mean lstm(5, 2)?""");
        assertThat(misfit(rnn(2), Shape.of(2, 4)))
                .isEqualTo("rnn(2) at SequenceErrorsTest.java: expected sequences N×T×in but got 2×4");
        assertThat(misfit(gru(2).lengths("lengths"), Shape.of(2, 4, 3), Map.of("lengths", input(DType.FLOAT, 2))))
                .isEqualTo(
                        "gru(2).lengths(\"lengths\") at SequenceErrorsTest.java: expected 'lengths' to be integers, the "
                                + "lengths of 2 sequences, but got FLOAT 2");
        assertThat(misfit(lstm(2).initial("h", "c"), Shape.of(2, 4, 3), Map.of("h", input(DType.FLOAT, 1, 2, 2))))
                .contains("expected 'h' to be states 2×1×2 but got FLOAT 1×2×2");
        Map<String, Expr> states = Map.of("h", input(DType.FLOAT, 2, 1, 3), "c", input(DType.FLOAT, 2, 1, 3));
        assertThat(misfit(lstm(3).projection(2).initial("h", "c"), Shape.of(2, 4, 3), states))
                .contains("expected 'h' to be states 2×1×2 but got FLOAT 2×1×3");
        Scope scope = Scope.root(true, Map.of("x", input(DType.INT, 2, 3, 4)));
        assertThatThrownBy(() -> embeddingBag(4, 2).apply(scope, scope.value("x")))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("expected bags of ids N×L but got 2×3×4");
        Scope bags = Scope.root(true, Map.of("x", input(DType.INT, 2, 3), "w", input(DType.FLOAT, 2, 4)));
        assertThatThrownBy(() -> embeddingBag(4, 2).sum().weights("w").apply(bags, bags.value("x")))
                .hasMessageContaining(
                        "expected 'w' to have a floating-point weight for each id, 2×3, but got FLOAT 2×4");
    }

    @Test
    void argumentsThatMakeNoLayerAreRefused() {
        refused(() -> embedding(0, 3), "embedding(0, 3)", "vocabulary must be at least 1 but is 0");
        refused(() -> embedding(3, 0), "width must be at least 1 but is 0");
        refused(() -> embedding(3, 1).paddingIndex(3), "paddingIndex must be in [-3, 3) but is 3");
        refused(
                () -> embedding(Tensor.zeros(3)),
                "the vectors must be floating-point numbers vocabulary×width but are FLOAT 3");
        refused(
                () -> embedding(Tensor.vector(1, 2, 3, Float.NaN).reshape(2, 2)),
                "embedding(Tensor) at ",
                "the vector of id 1 must be finite but is NaN");
        refused(() -> embeddingBag(3, 1).weights("w"), "the mode must be sum, as there are weights but is MEAN");
        refused(() -> lstm(0, 3), "in must be at least 1 but is 0");
        refused(() -> lstm(0), "hidden must be at least 1 but is 0");
        refused(() -> lstm(1 << 30), "hidden must be at most 536870911 but is 1073741824");
        refused(() -> gru(2).layers(0), "layers must be at least 1 but is 0");
        refused(() -> gru(2).dropout(1.5), "dropout must be in [0, 1] but is 1.5");
        refused(() -> lstm(2).projection(2), "the projection must be less than 2, the extent of a state but is 2");
        refused(() -> lstm(2).projection(-1), "the projection must be less than 2, the extent of a state but is -1");
        refused(() -> gru(2).projection(1), "gru(2)", "the projection must be 0, as only an lstm has one but is 1");
        refused(() -> gru(2).relu(), "relu() is for an rnn");
        refused(() -> lstm(2).initial("h"), "initial takes 2 names, those of h and c, but got 1");
        refused(() -> gru(2).states("h", "c"), "states takes 1 name, that of h, but got 2");
    }

    /** Values have any names that inputs may have, unlike parameters, in whose names full stops divide parts. */
    @Test
    void valuesMayHaveFullStopsInTheirNames() {
        Layer net = Seq.of(gru(3, 2).lengths("a.n").initial("a.h0").states("a.h"), Layers.input("a.h"));
        try (Model model = Model.of(net, Input.floats("x", 4, 3), Input.ints("a.n"), Input.floats("a.h0", 1, 2))) {
            Tensors inputs = Tensors.of("x", Tensor.zeros(1, 4, 3))
                    .with("a.n", Tensor.labels(2))
                    .with("a.h0", Tensor.zeros(1, 1, 2));
            assertThat(model.predict(inputs).only().shape()).isEqualTo(Shape.of(1, 1, 2));
        }
        assertThat(embeddingBag(5, 3).sum().weights("a.w").factors()).isEqualTo("a.w");
        refused(() -> gru(2).lengths(" "), "the name of the lengths must be a name but is \" \"");
        refused(() -> gru(2).states(""), "states must be a name but is \"\"");
    }

    @Test
    void layersPrintAsWritten() {
        assertThat(embedding(5, 3).paddingIndex(-1).named("wte"))
                .hasToString("embedding(5, 3).paddingIndex(4).named(\"wte\")");
        assertThat(embeddingBag(5, 3).sum().weights("w")).hasToString("embeddingBag(5, 3).sum().weights(\"w\")");
        assertThat(lstm(3, 2).projection(1)).hasToString("lstm(3, 2).projection(1)");
        assertThat(lstm(3, 2)
                        .layers(2)
                        .bidirectional()
                        .dropout(0.5)
                        .bias(false)
                        .last()
                        .lengths("n")
                        .initial("h", "c")
                        .states("a", "b"))
                .hasToString("lstm(3, 2).layers(2).bidirectional().dropout(0.5).bias(false).last().lengths(\"n\")"
                        + ".initial(\"h\", \"c\").states(\"a\", \"b\")");
        assertThat(rnn(2).relu()).hasToString("rnn(2).relu()");
    }

    @Test
    void namesAndFirstValuesAreThoseOfPyTorch() {
        Layer net =
                Seq.of(embedding(50, 40).paddingIndex(3), lstm(40, 16).layers(2).bidirectional(), linear(2));
        try (Model model = Model.of(net, Input.ints("ids", 4))) {
            assertThat(model.parameters().names())
                    .containsExactly(
                            "0.weight",
                            "1.weight_ih_l0",
                            "1.weight_hh_l0",
                            "1.bias_ih_l0",
                            "1.bias_hh_l0",
                            "1.weight_ih_l0_reverse",
                            "1.weight_hh_l0_reverse",
                            "1.bias_ih_l0_reverse",
                            "1.bias_hh_l0_reverse",
                            "1.weight_ih_l1",
                            "1.weight_hh_l1",
                            "1.bias_ih_l1",
                            "1.bias_hh_l1",
                            "1.weight_ih_l1_reverse",
                            "1.weight_hh_l1_reverse",
                            "1.bias_ih_l1_reverse",
                            "1.bias_hh_l1_reverse",
                            "2.weight",
                            "2.bias");
            assertThat(model.parameters().shape("1.weight_ih_l1")).isEqualTo(Shape.of(64, 32));
            float[] table = model.parameters().get("0.weight").floats();
            double squares = 0;
            for (int i = 0; i < table.length; i++) {
                squares += table[i] * table[i];
                assertThat(table[i] == 0).isEqualTo(i / 40 == 3);
            }
            assertThat(squares / (49 * 40)).isBetween(0.9, 1.1);
            for (float x : model.parameters().get("1.weight_hh_l0").floats()) {
                assertThat(Math.abs(x)).isLessThanOrEqualTo(0.25f);
            }
        }
    }

    /** A frozen table is in the state dict, but no training changes it, not even by weight decay. */
    @Test
    void aFrozenTableStaysAsItIs() {
        Tensor vectors = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, Shape.of(3, 2));
        Layer net = Seq.of(embedding(vectors).frozen(true), flatten(), linear(2));
        try (Model model = Model.of(net, Input.ints("ids", 2))) {
            Training training =
                    model.training(Losses.crossEntropy(), Optimizers.sgd(0.1).weightDecay(0.5));
            training.step(new Batch(Tensor.labels(0, 1, 2, 2).reshape(2, 2), Tensor.labels(0, 1)));
            assertThat(model.parameters().values().get("0.weight")).isEqualTo(vectors);
            assertThat(model.parameters().names()).containsExactly("2.weight", "2.bias");
        }
    }

    /** The padding id has no gradient, and the others sum up theirs. */
    @Test
    void onlyVectorsOfIdsAreTrained() {
        Layer net = Seq.of(embedding(Tensor.full(0.5f, 5, 2)).paddingIndex(1), flatten(), linear(2));
        try (Model model = Model.of(net, Input.ints("ids", 3))) {
            Training training = model.training(Losses.crossEntropy(), Optimizers.sgd(0.1));
            training.step(new Batch(Tensor.labels(0, 1, 3, 3, 3, 1).reshape(2, 3), Tensor.labels(0, 1)));
            Tensor weight = model.parameters().get("0.weight");
            for (int id = 0; id < 5; id++) {
                boolean trained = id == 0 || id == 3;
                assertThat(weight.at(id, 0) == 0.5f).as("id %d", id).isEqualTo(!trained);
            }
        }
    }

    private static Expr input(DType type, int... dims) {
        return Expr.input("given", Shape.of(dims), type);
    }

    private static void refused(Runnable what, String... texts) {
        assertThatThrownBy(what::run)
                .isInstanceOf(IllegalArgumentException.class)
                .satisfies(e -> {
                    for (String text : texts) {
                        assertThat(e).hasMessageContaining(text).hasMessageContaining("SequenceErrorsTest.java");
                    }
                });
    }

    private static String misfit(Layer layer, Shape shape) {
        return misfit(layer, shape, Map.of());
    }

    private static String misfit(Layer layer, Shape shape, Map<String, Expr> values) {
        ShapeException e = catchThrowableOfType(
                ShapeException.class, () -> layer.apply(Scope.root(true, values), Expr.input("x", shape)));
        return String.valueOf(e.getMessage()).replaceAll("java:\\d+", "java");
    }
}
