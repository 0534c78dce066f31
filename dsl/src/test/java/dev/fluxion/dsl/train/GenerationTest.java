package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.as;
import static dev.fluxion.dsl.layer.Layers.conv;
import static dev.fluxion.dsl.layer.Layers.embedding;
import static dev.fluxion.dsl.layer.Layers.gelu;
import static dev.fluxion.dsl.layer.Layers.gru;
import static dev.fluxion.dsl.layer.Layers.input;
import static dev.fluxion.dsl.layer.Layers.layer;
import static dev.fluxion.dsl.layer.Layers.layerNorm;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.lstm;
import static dev.fluxion.dsl.layer.Layers.multiHeadAttention;
import static dev.fluxion.dsl.layer.Layers.positionalEncoding;
import static dev.fluxion.dsl.layer.Layers.shared;
import static dev.fluxion.dsl.layer.Layers.transformerDecoderLayer;
import static dev.fluxion.dsl.layer.Layers.transformerEncoderLayer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Input;
import dev.fluxion.Layer;
import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.dsl.layer.MultiHeadAttention;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Sessions along sequences: positions one by one, or some at once, give what the whole gives. */
class GenerationTest {
    private static final int VOCABULARY = 11;
    private static final int MOST = 40;
    private static final Input IDS = Input.ints("ids", MOST).varies(0, "T");

    private static Seq gpt() {
        return Seq.of(
                embedding(VOCABULARY, 16).named("tokens"),
                positionalEncoding().learned(MOST),
                transformerEncoderLayer(16, 4)
                        .feedForward(24)
                        .activation(gelu())
                        .normFirst()
                        .causal(),
                transformerEncoderLayer(16, 4).feedForward(24).causal().attention(a -> a.keyHeads(2)
                        .rotary()),
                layerNorm(16),
                linear(16, VOCABULARY).bias(false).weight("tokens.weight"));
    }

    static Stream<Arguments> nets() {
        Layer block = shared(transformerEncoderLayer(16, 2).feedForward(24).causal());
        return Stream.of(
                Arguments.of("gpt", gpt()),
                Arguments.of("tokens alone", Seq.of(embedding(VOCABULARY, 4), linear(3))),
                Arguments.of("sines", Seq.of(embedding(VOCABULARY, 16), positionalEncoding(), linear(16, 3))),
                Arguments.of("one block thrice", Seq.of(embedding(VOCABULARY, 16), block, block, block)),
                Arguments.of(
                        "recurrences",
                        Seq.of(embedding(VOCABULARY, 16), lstm(16, 8).layers(2), gru(8, 5))),
                Arguments.of(
                        "projections",
                        Seq.of(
                                embedding(VOCABULARY, 16),
                                lstm(16, 8).projection(3).layers(2))),
                Arguments.of(
                        "both",
                        Seq.of(
                                embedding(VOCABULARY, 16),
                                gru(16, 16),
                                multiHeadAttention(16, 4).causal())));
    }

    private static Tensor ids(int samples, int length) {
        SplittableRandom random = new SplittableRandom(3);
        return Tensor.of(random.ints((long) samples * length, 0, VOCABULARY).toArray(), Shape.of(samples, length));
    }

    private static Tensor part(Tensor all, int from, int to) {
        int[] dims = all.shape().dims();
        int row = dims.length < 3 ? 1 : dims[2];
        boolean ints = all.dtype() == DType.INT;
        int[] some = new int[dims[0] * (to - from) * row];
        float[] others = new float[some.length];
        for (int n = 0; n < dims[0]; n++) {
            Object source = ints ? all.ints() : all.floats();
            System.arraycopy(
                    source, (n * dims[1] + from) * row, ints ? some : others, n * (to - from) * row, (to - from) * row);
        }
        Shape shape = all.shape().with(1, to - from);
        return ints ? Tensor.of(some, shape) : Tensor.of(others, shape);
    }

    private static void assertNear(Tensor actual, Tensor expected) {
        assertThat(actual.shape()).isEqualTo(expected.shape());
        float largest = 0;
        for (float each : expected.floats()) {
            largest = Math.max(largest, Math.abs(each));
        }
        assertThat(actual.floats()).containsExactly(expected.floats(), within(2e-6f * largest));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("nets")
    void partsAreAsTheWhole(String name, Layer net) {
        try (Model model = Model.of(net, IDS);
                Session session = model.session()) {
            Tensor all = ids(2, MOST);
            Tensor whole = model.predict(all);
            for (int[] ends : new int[][] {{7, 8, 17, 18, MOST}, {1, 2}}) {
                int from = 0;
                for (int to : ends) {
                    Tensor made =
                            session.predict(Tensors.of(part(all, from, to))).get("output");
                    assertNear(made, part(whole, from, to));
                    from = to;
                }
                session.reset();
            }
        }
    }

    /** A model without its layers goes on, too, as does one that was written from it. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("nets")
    void openedModelsGoOn(String name, Layer net, @TempDir Path folder) throws IOException {
        Path file = folder.resolve("model");
        Path again = folder.resolve("again");
        Tensor all = ids(2, MOST);
        Tensor whole;
        try (Model model = Model.of(net, IDS)) {
            whole = model.predict(all);
            model.export(file, ModelCard.of());
        }
        try (Model opened = Model.open(file);
                Session session = opened.session("T")) {
            for (int[] ends : new int[][] {{7, 8, 17, 18, MOST}, {1, 2}}) {
                int from = 0;
                for (int to : ends) {
                    assertNear(session.predict(Tensors.of(part(all, from, to))).get("output"), part(whole, from, to));
                    from = to;
                }
                session.reset();
            }
            opened.export(again, ModelCard.of());
        }
        assertThat(again).hasSameBinaryContentAs(file);
    }

    /** Hidden keys stay hidden, and the last position is that of the part. */
    @Test
    void paddingIsKept() {
        Layer last = layer(
                "last", (scope, x) -> x.slice(1, x.shape().dim(1) - 1, x.shape().dim(1)));
        Layer net = Seq.of(
                embedding(VOCABULARY, 8),
                transformerEncoderLayer(8, 2).feedForward(8).causal().keyPaddingMask("padding"),
                last);
        Input padding = Input.ints("padding", MOST).varies(0, "T");
        Tensor ids = ids(2, 6);
        Tensor hidden = Tensor.of(new int[] {0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0}, Shape.of(2, 6));
        Tensors all = Tensors.of("ids", ids).with("padding", hidden);
        try (Model model = Model.of(net, IDS, padding);
                Session session = model.session()) {
            Tensor made = ids;
            for (int to : new int[] {2, 4, 5, 6}) {
                int from = to == 2 ? 0 : to == 4 ? 2 : to - 1;
                made = session.predict(Tensors.of("ids", part(ids, from, to)).with("padding", part(hidden, from, to)))
                        .get("output");
            }
            assertNear(made, model.predict(all).get("output"));
            session.reset();
            Tensors none =
                    Tensors.of("ids", part(ids, 0, 1)).with("padding", Tensor.of(new int[] {1, 0}, Shape.of(2, 1)));
            assertThatThrownBy(() -> session.predict(none)).hasMessageContaining("padding");
        }
    }

    /** The memory is whole in each prediction; the target goes on. */
    @Test
    void aTranslatorGoesOnAlongOneExtent(@TempDir Path folder) throws IOException {
        Layer net = Seq.of(
                embedding(VOCABULARY, 8),
                positionalEncoding(),
                transformerEncoderLayer(8, 2).feedForward(8),
                as("memory"),
                input("target"),
                embedding(VOCABULARY, 8),
                positionalEncoding(),
                transformerDecoderLayer(8, 2).feedForward(8).causal());
        Input target = Input.ints("target", 12).varies(0, "U");
        Tensor source = ids(2, 7);
        Tensor all = ids(2, 9);
        try (Model model = Model.of(net, IDS, target);
                Session session = model.session("U")) {
            Tensor whole =
                    model.predict(Tensors.of("ids", source).with("target", all)).get("output");
            for (int i = 0; i < 9; i++) {
                Tensors step = Tensors.of("ids", source).with("target", part(all, i, i + 1));
                assertNear(session.predict(step).get("output"), part(whole, i, i + 1));
            }
            assertThatThrownBy(() -> model.session().predict(Tensors.none()))
                    .hasMessage(
                            "nothing goes on from one prediction of this session to the next: the extents [T, U] vary;"
                                    + " tell the one of positions, as in session(\"T\"); carry(…) carries a state");
            assertThatThrownBy(() -> model.session("T")).hasMessageContaining("make the attention causal()");
            assertThatThrownBy(() -> model.session("S"))
                    .hasMessage("session: no extent 'S' of the inputs varies; these do: [T, U]");
            model.export(folder.resolve("translator"), ModelCard.of());
            try (Model opened = Model.open(folder.resolve("translator"));
                    Session own = opened.session("U")) {
                for (int i = 0; i < 9; i++) {
                    Tensors step = Tensors.of("ids", source).with("target", part(all, i, i + 1));
                    assertNear(own.predict(step).get("output"), part(whole, i, i + 1));
                }
                assertThatThrownBy(() -> opened.session("T"))
                        .hasMessage(
                                "this model was opened from a file that does not tell how sequences go on along 'T'");
            }
        }
    }

    /** A memory is given whole, and each query sees of it what it sees in a prediction of all; keys that go on are kept. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("memories")
    void causalMemoriesGoOn(String name, Layer net, @TempDir Path folder) throws IOException {
        Tensor target = ids(2, 9);
        Tensor source = ids(2, 6);
        Tensors all = Tensors.of("target", target).with("ids", source);
        try (Model model = Model.of(net, Input.ints("target", 12).varies(0, "U"), Input.ints("ids", 6))) {
            model.export(folder.resolve("model"), ModelCard.of());
            try (Model opened = Model.open(folder.resolve("model"))) {
                for (Model each : List.of(model, opened)) {
                    Tensor whole = each.predict(all).get("output");
                    try (Session session = each.session("U")) {
                        for (int[] part : new int[][] {{0, 2}, {2, 3}, {3, 9}}) {
                            Tensors step = Tensors.of("target", part(target, part[0], part[1]))
                                    .with("ids", source);
                            assertNear(session.predict(step).get("output"), part(whole, part[0], part[1]));
                        }
                    }
                }
            }
        }
    }

    static Stream<Arguments> memories() {
        Seq source = Seq.of(input("ids"), embedding(VOCABULARY, 6), positionalEncoding(), as("source"));
        Seq begin = Seq.of(embedding(VOCABULARY, 8), positionalEncoding(), as("own"), source, input("own"));
        MultiHeadAttention cross = multiHeadAttention(8, 2).causal();
        return Stream.of(
                Arguments.of("whole", Seq.of(begin, cross.memory("source").memoryWidth(6))),
                Arguments.of("going on", Seq.of(begin, gru(8, 8), cross.memory("own"))),
                Arguments.of(
                        "two, going on",
                        Seq.of(
                                begin,
                                gru(8, 6),
                                as("wide"),
                                input("own"),
                                cross.memory("own", "wide").memoryWidth(8, 6))),
                Arguments.of(
                        "decoder",
                        Seq.of(
                                begin,
                                input("source"),
                                linear(8),
                                as("memory"),
                                input("own"),
                                transformerDecoderLayer(8, 2)
                                        .feedForward(8)
                                        .causal()
                                        .memoryAttention(MultiHeadAttention::causal))));
    }

    /** Each has its own positions, whichever thread it is used by; a change of weights is seen by all. */
    @Test
    void sessionsOfAModelDoNotMeet() {
        try (Model model = Model.of(gpt(), IDS).threads(2)) {
            Tensor whole = model.predict(ids(1, 20));
            List<Tensor> ends = IntStream.range(0, 6)
                    .parallel()
                    .mapToObj(i -> {
                        try (Session own = model.session()) {
                            own.predict(Tensors.of(part(ids(1, 20), 0, i + 1)));
                            Tensor made = whole;
                            for (int t = i + 1; t < 20; t++) {
                                made = own.predict(Tensors.of(part(ids(1, 20), t, t + 1)))
                                        .get("output");
                            }
                            return made;
                        }
                    })
                    .toList();
            ends.forEach(end -> assertNear(end, part(whole, 19, 20)));
        }
    }

    @Test
    void whatDoesNotFitIsTold() {
        Model model = Model.of(gpt(), IDS);
        Session session = model.session();
        Tensor all = ids(2, MOST);
        session.predict(Tensors.of(part(all, 0, 30)));
        assertThatThrownBy(() -> session.predict(Tensors.of(ids(2, 11))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "the session has seen 30 positions and got 11 more, but the inputs declare at most 40 along the"
                                + " extent 'T'; reset() begins anew");
        assertThatThrownBy(() -> session.predict(Tensors.of(ids(1, 1))))
                .hasMessage("the session has the states of 2 samples but got 1; reset() begins anew");
        Tensor unknown = Tensor.of(new int[] {1, VOCABULARY}, Shape.of(2, 1));
        assertThatThrownBy(() -> session.predict(Tensors.of(unknown)))
                .hasMessageContaining("each id must be in [0, 11)");
        assertNear(
                session.predict(Tensors.of(part(all, 30, 31))).get("output"),
                part(model.predict(part(all, 0, 31)), 30, 31));
        session.close();
        assertThatThrownBy(() -> session.predict(Tensors.of(ids(2, 1)))).hasMessage("the session is closed");
        Session other = model.session();
        model.close();
        assertThatThrownBy(() -> other.predict(Tensors.of(ids(2, 1)))).isInstanceOf(IllegalStateException.class);
    }

    /** What a session would get wrong is refused, and the layer told. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("mixing")
    void layersThatMixPositionsAreRefused(String message, Layer net) {
        try (Model model = Model.of(Seq.of(embedding(VOCABULARY, 8), positionalEncoding(), net), IDS)) {
            assertThatThrownBy(() -> model.session("T"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(message);
            assertThatThrownBy(() -> model.session().predict(Tensors.of(ids(1, 2))))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("nothing goes on")
                    .hasMessageContaining(message);
        }
    }

    static Stream<Arguments> mixing() {
        Layer mean = layer("mean", (scope, x) -> x.mean(1));
        Layer early = layer("early", (scope, x) -> x.slice(1, 0, 1));
        Layer along = layer("along", (scope, x) -> x.softmax(1));
        Layer images = layer(
                "images", (scope, x) -> x.transpose(0, 2, 1).reshape(x.shape().dim(0), 8, -1, 1));
        Layer shifted = layer("doubled", (scope, x) -> Expr.concat(1, List.of(x, x)));
        return Stream.of(
                Arguments.of("make the attention causal()", multiHeadAttention(8, 2)),
                Arguments.of(
                        "keys and values of .memory(\"on\", \"still\") go on if the input does, and both or neither",
                        Seq.of(
                                as("on"),
                                layer("still", (scope, x) -> Expr.constant(1).broadcastTo(x.shape())),
                                as("still"),
                                input("on"),
                                multiHeadAttention(8, 2).causal().memory("on", "still"))),
                Arguments.of(
                        "keys and values of .memory(\"on\") go on if the input does",
                        Seq.of(
                                as("on"),
                                layer("still", (scope, x) -> Expr.constant(1).broadcastTo(x.shape())),
                                multiHeadAttention(8, 2).causal().memory("on"))),
                Arguments.of("takes no bidirectional()", gru(8, 4).bidirectional()),
                Arguments.of("mean at GenerationTest.java", mean),
                Arguments.of("early at GenerationTest.java", early),
                Arguments.of("along at GenerationTest.java", along),
                Arguments.of(
                        "along axis 1, where it got 40 positions",
                        Seq.of(shifted, multiHeadAttention(8, 2).causal())),
                Arguments.of("conv(8, 3, 3, 1) at GenerationTest.java", Seq.of(images, conv(8, 3, 3, 1))));
    }
}
