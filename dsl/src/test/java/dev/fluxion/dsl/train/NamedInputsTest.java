package dev.fluxion.dsl.train;

import static dev.fluxion.dsl.layer.Layers.as;
import static dev.fluxion.dsl.layer.Layers.input;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.output;
import static dev.fluxion.dsl.layer.Layers.relu;
import static dev.fluxion.dsl.layer.Layers.shared;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import dev.fluxion.Input;
import dev.fluxion.Layer;
import dev.fluxion.Scope;
import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.check.GradCheck;
import dev.fluxion.dsl.layer.Initializers;
import dev.fluxion.dsl.layer.Seq;
import dev.fluxion.engine.Program;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Printer;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ValueException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models of several inputs and outputs: scores of positions with a mask added, and the features before. */
class NamedInputsTest {
    private static final int LENGTH = 6;
    private static final Layer MASKED = (scope, x) -> x.add(scope.value("mask")).softmax(1);
    private static final Layer CLASSES = (scope, x) -> x.add(
            Expr.iota(9).eq(scope.value("kind").reshape(x.shape().dim(0), 1)).matmul(weights(scope)));
    private static final Seq NET = Seq.of(
            linear(LENGTH),
            relu(),
            CLASSES,
            as("hidden"),
            output("features"),
            input("x"),
            linear(LENGTH),
            (scope, x) -> x.mul(scope.value("hidden")),
            MASKED);
    private static final Model MODEL = Model.of(
            NET,
            Input.floats("x", 4),
            Input.ints("kind"),
            Input.floats("mask", LENGTH).infinite(true));

    private static Expr weights(Scope scope) {
        return scope.parameter("weight", Shape.of(9, LENGTH), Initializers.normal(0, 1));
    }

    @AfterAll
    static void close() {
        MODEL.close();
    }

    private static Tensors inputs(int batch, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] x = new float[batch * 4];
        int[] kind = new int[batch];
        float[] mask = new float[batch * LENGTH];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) random.nextGaussian();
        }
        for (int i = 0; i < batch; i++) {
            kind[i] = random.nextInt(9);
            mask[i * LENGTH + random.nextInt(LENGTH)] = Float.NEGATIVE_INFINITY;
        }
        return Tensors.of("mask", Tensor.of(mask, batch, LENGTH))
                .with("x", Tensor.of(x, batch, 4))
                .with("kind", Tensor.labels(kind));
    }

    private static Tensors rows(Tensors all, int from, int to) {
        return all.map(t -> {
            int row = t.size() / t.shape().dim(0);
            Shape shape = t.shape().with(0, to - from);
            return t.dtype() == DType.INT
                    ? Tensor.of(Arrays.copyOfRange(t.ints(), from * row, to * row), shape)
                    : Tensor.of(Arrays.copyOfRange(t.floats(), from * row, to * row), shape);
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 37, 300})
    void aSampleHasTheSameBitsWhateverIsBesideIt(int batch) {
        Tensors all = inputs(batch, batch);
        Tensors predicted = MODEL.predict(all);
        assertThat(predicted.names()).containsExactly("output", "features");
        assertThat(predicted.get("output").shape()).isEqualTo(Shape.of(batch, LENGTH));
        for (int i = 0; i < batch; i += 1 + batch / 4) {
            Tensors row = rows(all, i, i + 1);
            assertThat(rows(MODEL.predict(beside(inputs(batch, 99), row, i)), i, i + 1))
                    .isEqualTo(rows(predicted, i, i + 1));
            assertClose(MODEL.predict(row), rows(predicted, i, i + 1));
        }
    }

    /** Samples, of which one is replaced. */
    private static Tensors beside(Tensors all, Tensors row, int at) {
        row.all().forEach((name, t) -> {
            Object from = t.dtype() == DType.INT ? t.ints() : t.floats();
            Object to = t.dtype() == DType.INT
                    ? all.get(name).ints()
                    : all.get(name).floats();
            System.arraycopy(from, 0, to, at * t.size(), t.size());
        });
        return all;
    }

    private static void assertClose(Tensors actual, Tensors expected) {
        actual.all().forEach((name, t) -> assertThat(t.floats())
                .containsExactly(expected.get(name).floats(), offset(1e-6f)));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8})
    void threadsChangeNothing(int threads) {
        Tensors all = inputs(70, 5);
        try (Model copy = MODEL.threads(threads)) {
            assertThat(copy.predict(all)).isEqualTo(MODEL.predict(all));
        }
    }

    @Test
    void whatIsMaskedHasNoProbability() {
        Tensors all = inputs(3, 1);
        float[] p = MODEL.predict(all).get("output").floats();
        float[] mask = all.get("mask").floats();
        for (int i = 0; i < p.length; i++) {
            assertThat(p[i] == 0).isEqualTo(mask[i] < 0);
        }
    }

    @Test
    void integersAreGivenBackAsIntegers() {
        Layer next = (scope, x) -> x.toFloat().add(1).toInt();
        try (Model model = Model.of(next, Input.ints("ids", 2))) {
            Tensor ids = Tensor.of(new int[] {1, 2, 3, 4, 5, 6}, Shape.of(3, 2));
            assertThat(model.predict(ids).ints()).containsExactly(2, 3, 4, 5, 6, 7);
        }
    }

    @Test
    void rowsThatFillUpABatchAreAsSoundAsTheOthers() {
        Layer twice = (scope, x) -> x.mul(2);
        try (Model model = Model.of(twice, 2);
                Program program = model.predictor(4)) {
            program.writeRows("input", 0, Tensor.vector(1, 2, 3, 4, 5, 6).reshape(3, 2), 1, 2);
            program.repeatRows("input", 2);
            program.run();
            assertThat(program.read("output").floats()).containsExactly(6, 8, 10, 12, 10, 12, 10, 12);
        }
    }

    @Test
    void gradientsAreSlopes() {
        Tensors finite = inputs(3, 2)
                .map(t -> t.shape().rank() == 2 && t.shape().dim(1) == LENGTH ? Tensor.zeros(3, LENGTH) : t);
        GradCheck.of(Seq.of(input("x"), NET), finite).run().orThrow();
    }

    @Test
    void anInputThatIsMissingUnknownOrOfAnotherKindIsTold() {
        Tensors good = inputs(2, 1);
        String takes = "the model takes 'x' N×4, 'kind' integers N, 'mask' N×6";
        assertThatThrownBy(() -> MODEL.predict(Tensors.of("x", good.get("x")).with("mask", good.get("mask"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("input 'kind' is missing: " + takes + " but got [x, mask]");
        assertThatThrownBy(() -> MODEL.predict(good.with("ids", good.get("x"))))
                .hasMessage("the model has no input 'ids': it takes 'x' N×4, 'kind' integers N, 'mask' N×6");
        assertThatThrownBy(() -> MODEL.predict(good.get("x")))
                .hasMessage(takes + "; give each by its name, as in Tensors.of(\"x\", …).with(\"kind\", …)");
        assertThatThrownBy(() -> MODEL.predict(with(good, "mask", Tensor.zeros(2, 5))))
                .hasMessage("input 'mask' takes a batch of samples N×6 with N ≥ 0 but got 2×5");
        assertThatThrownBy(() ->
                        MODEL.predict(with(good, "kind", Tensor.labels(1, 2).reshape(2, 1))))
                .hasMessage("input 'kind' takes a batch of samples N with N ≥ 0 but got 2×1");
        assertThatThrownBy(
                        () -> MODEL.predict(with(good, "kind", Tensor.labels(1).reshape())))
                .hasMessageEndingWith("N with N ≥ 0 but got scalar; a single sample is a batch of one, 1");
        assertThatThrownBy(() -> MODEL.predict(with(good, "mask", Tensor.zeros(3, 6))))
                .hasMessage("input 'x' has 2 samples but 'mask' has 3");
        assertThatThrownBy(() -> MODEL.predict(with(good, "kind", Tensor.zeros(2))))
                .hasMessage("input 'kind' takes integers but got floating-point numbers 2");
        assertThatThrownBy(() -> MODEL.predict(with(good, "x", Tensor.of(new int[8], Shape.of(2, 4)))))
                .hasMessage("input 'x' takes floating-point samples but got integers 2×4");
        assertThatThrownBy(() -> MODEL.predict(Tensors.none())).hasMessageStartingWith("input 'x' is missing");
        assertThatThrownBy(() -> MODEL.predict(good).get("logits"))
                .hasMessage("there is no tensor 'logits'; there are [output, features]");
    }

    private static Tensors with(Tensors all, String name, Tensor tensor) {
        Map<String, Tensor> other = new LinkedHashMap<>(all.all());
        other.put(name, tensor);
        return new Tensors(other);
    }

    @Test
    void infinitiesAreRefusedWhereTheyAreNotDeclared() {
        Tensors good = inputs(2, 1);
        assertThatThrownBy(() -> MODEL.predict(with(good, "x", Tensor.full(Float.POSITIVE_INFINITY, 2, 4))))
                .isInstanceOf(ValueException.class)
                .hasMessage("'x' must be finite, but element [0, 0] is Infinity");
        assertThatThrownBy(() -> MODEL.predict(with(good, "mask", Tensor.full(Float.NaN, 2, 6))))
                .isInstanceOf(ValueException.class)
                .hasMessage("'mask' may be infinite, but element [0, 0] is NaN");
    }

    @Test
    void twoInputsOfOneNameAreRefused() {
        assertThatThrownBy(() -> Model.of(linear(2), Input.floats("x", 2), Input.ints("x", 2)))
                .hasMessage("Model.of: two inputs are called 'x'");
    }

    @Test
    void whatIsNamedIsShown() {
        assertThat(MODEL.summary().toString())
                .contains(
                        "   x                   1×4\n",
                        "   kind ",
                        "   mask ",
                        "3  as(\"hidden\") ",
                        "5  input(\"x\") ");
        assertThat(Printer.text(MODEL.graph(2))).contains("input(mask) : 2×6", "main: output = ", "main: features = ");
        assertThat(MODEL.toString()).contains("for samples of x 4, kind ");
    }

    @Test
    void whatInnerLayersMakeIsGivenByTheirPaths() {
        Seq net = Seq.of(linear(4), relu(), Seq.of(linear(3), relu()), output("features"), linear(2));
        Layer twice = shared(linear(3, 3));
        try (Model model = Model.of(net, 3);
                Model shared = Model.of(Seq.of(twice, twice), 3)) {
            Tensors x = Tensors.of(Tensor.full(1, 5, 3));
            Tensors inner = model.predict(x, "2.1", "0", "output");
            assertThat(inner.names()).containsExactly("2.1", "0", "output");
            assertThat(inner.get("0").shape()).hasToString("5×4");
            Tensors all = model.predict(x);
            assertThat(inner.get("2.1")).isEqualTo(all.get("features"));
            assertThat(inner.get("output")).isEqualTo(all.get("output")).isEqualTo(model.predict(x.only()));
            assertThatThrownBy(() -> model.predict(x, "2"))
                    .hasMessage(
                            "the model has no output, value or layer '2'; outputs are [output, features], layers [0, 1, 2.0, 2.1,"
                                    + " 3, 4]");
            assertThatThrownBy(() -> model.predict(x, "0", "0"))
                    .hasMessage("predict: the output '0' is asked for twice");
            assertThatThrownBy(() -> shared.predict(x, "0"))
                    .hasMessageContaining("layer '0' is shared and called 2 times; name what it makes in one place");
        }
    }
}
