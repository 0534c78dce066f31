package dev.fluxion.dsl.layer;

import static dev.fluxion.dsl.layer.Layers.multiHeadAttention;
import static dev.fluxion.dsl.layer.Layers.transformerDecoderLayer;
import static dev.fluxion.dsl.layer.Layers.transformerEncoderLayer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.fluxion.Input;
import dev.fluxion.Layer;
import dev.fluxion.Scope;
import dev.fluxion.Tensor;
import dev.fluxion.Tensors;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import dev.fluxion.ir.ValueException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What hides keys from queries, and memories: what does not fit is told, and a query that sees nothing is refused. */
class MasksTest {
    private static final float HIDES = Float.NEGATIVE_INFINITY;
    private static final Input X = Input.floats("x", 3, 4);

    @Test
    void aSampleWithoutKeysIsRefused() {
        try (Model model = Model.of(multiHeadAttention(4, 2).keyPaddingMask("padding"), X, Input.ints("padding", 3))) {
            Tensor hidden = Tensor.of(new int[] {1, 0, 1, 1, 1, 1}, Shape.of(2, 3));
            assertThatThrownBy(() -> model.predict(given("padding", hidden)))
                    .isInstanceOf(ValueException.class)
                    .hasMessageContaining("multiHeadAttention(4, 2).keyPaddingMask(\"padding\")")
                    .hasMessageContaining(
                            "'padding' must leave each query a key that it sees "
                                    + "(counted by samples, then heads and queries where there are several), but element [1] is -Infinity");
            Tensor seen = Tensor.of(new int[] {1, 0, 1, 1, 1, 0}, Shape.of(2, 3));
            assertThatCode(() -> model.predict(given("padding", seen))).doesNotThrowAnyException();
        }
    }

    /** The first position sees itself alone: a batch that is padded on the left hides all from it. */
    @Test
    void aCausalQueryWithoutKeysIsRefused() {
        Input mask = Input.floats("mask", 3).infinite(true);
        try (Model model = Model.of(transformerEncoderLayer(4, 2).causal().keyPaddingMask("mask"), X, mask)) {
            Tensor left = Tensor.of(new float[] {0, 0, HIDES, HIDES, 0, 0}, Shape.of(2, 3));
            assertThatThrownBy(() -> model.predict(given("mask", left)))
                    .isInstanceOf(ValueException.class)
                    .hasMessageContaining(
                            "'mask' must leave each query a key that it sees, none behind it "
                                    + "(counted by samples, then heads and queries where there are several), but element [1] is -Infinity");
        }
        Input square = Input.floats("mask", 3, 3).infinite(true);
        try (Model model = Model.of(transformerEncoderLayer(4, 2).causal().mask("mask"), X, square)) {
            float[] some = new float[18];
            some[9 + 3] = HIDES;
            assertThatCode(() -> model.predict(given("mask", Tensor.of(some, Shape.of(2, 3, 3)))))
                    .doesNotThrowAnyException();
            some[9 + 4] = HIDES;
            assertThatThrownBy(() -> model.predict(given("mask", Tensor.of(some, Shape.of(2, 3, 3)))))
                    .isInstanceOf(ValueException.class)
                    .hasMessageContaining("but element [1, 1] is -Infinity");
        }
    }

    /** Positions of a memory are hidden as those of the input are: query i sees keys 0 to i. */
    @Test
    void aCausalQueryThatSeesNoneOfAMemoryIsRefused() {
        Input memory = Input.floats("memory", 2, 6);
        Layer layer = multiHeadAttention(4, 2)
                .memory("memory")
                .memoryWidth(6)
                .causal()
                .keyPaddingMask("padding");
        try (Model model = Model.of(layer, X, memory, Input.ints("padding", 2))) {
            Tensors given = given("padding", Tensor.of(new int[] {0, 1, 1, 0}, Shape.of(2, 2)))
                    .with("memory", Tensor.zeros(2, 2, 6));
            assertThatThrownBy(() -> model.predict(given))
                    .isInstanceOf(ValueException.class)
                    .hasMessageContaining("'padding' must leave each query a key that it sees, none behind it")
                    .hasMessageContaining("but element [1] is -Infinity");
        }
    }

    /** One +∞ would make all that its query takes NaN. */
    @Test
    void infiniteLogitsAreRefused() {
        for (int rank = 1; rank <= 2; rank++) {
            Shape sample = rank == 1 ? Shape.of(3) : Shape.of(3, 3);
            Input mask = Input.floats("mask", sample.dims()).infinite(true);
            Layer layer = rank == 1
                    ? multiHeadAttention(4, 2).causal().keyPaddingMask("mask")
                    : multiHeadAttention(4, 2).mask("mask");
            try (Model model = Model.of(layer, X, mask)) {
                float[] some = new float[sample.size()];
                some[1] = Float.POSITIVE_INFINITY;
                Tensor given = Tensor.of(some, sample.size() == 3 ? Shape.of(1, 3) : Shape.of(1, 3, 3));
                assertThatThrownBy(() -> model.predict(given("mask", given)))
                        .isInstanceOf(ValueException.class)
                        .hasMessageContaining("'mask', which is added to logits, must be below +∞, but element ")
                        .hasMessageEndingWith(" is Infinity");
            }
        }
    }

    /** Each of two masks leaves keys, but not both together. */
    @Test
    void masksThatHideAllTogetherAreRefused() {
        Layer layer = multiHeadAttention(4, 1).keyPaddingMask("padding").mask("mask");
        Input mask = Input.floats("mask", 3, 3).infinite(true);
        try (Model model = Model.of(layer, X, Input.ints("padding", 3), mask)) {
            float[] some = new float[9];
            some[6] = HIDES;
            some[7] = HIDES;
            Tensors all = given("padding", Tensor.of(new int[] {0, 0, 1}, Shape.of(1, 3)))
                    .with("mask", Tensor.of(some, Shape.of(1, 3, 3)));
            assertThatThrownBy(() -> model.predict(all))
                    .isInstanceOf(ValueException.class)
                    .hasMessageContaining("'padding' and 'mask' must leave each query a key that it sees")
                    .hasMessageContaining("but element [0, 2] is");
        }
    }

    private static Tensors given(String name, Tensor mask) {
        int samples = mask.shape().dim(0);
        float[] x = new float[samples * 12];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) Math.sin(i);
        }
        return Tensors.of("x", Tensor.of(x, Shape.of(samples, 3, 4))).with(name, mask);
    }

    @Test
    void whatDoesNotFitIsTold() {
        assertThat(misfit(multiHeadAttention(4, 2).memory("m"), Shape.of(3, 5, 4)))
                .startsWith("multiHeadAttention(4, 2).memory(\"m\") at MasksTest.java: "
                        + "expected the memory 'm' to be sequences 2×S×4 but it is 3×5×4 (input 2×3×4)");
        assertThat(misfit(multiHeadAttention(4, 2).keyPaddingMask("m"), Shape.of(2, 4)))
                .endsWith("expected the keyPaddingMask 'm' to be samples×keys, 2×3, but it is 2×4");
        assertThat(misfit(multiHeadAttention(4, 2).mask("m"), Shape.of(2, 4, 3)))
                .endsWith("expected the mask 'm' to be queries×keys, 3×3, or 2×3×3, or 2×2×3×3 for each head, "
                        + "but it is 2×4×3");
        assertThat(misfit(multiHeadAttention(4, 2).memory("none"), Shape.of(2, 3, 4)))
                .contains("multiHeadAttention(4, 2).memory(\"none\")", "'none'");
        assertThat(misfit(transformerDecoderLayer(4, 2), Shape.of(2, 3, 4)))
                .contains("layer multihead_attn of the model", "'memory'");
        assertThat(misfit(multiHeadAttention(4, 2).memory("m").memoryWidth(6), Shape.of(2, 5, 4)))
                .startsWith("multiHeadAttention(4, 2).memory(\"m\").memoryWidth(6) at MasksTest.java: "
                        + "expected the memory 'm' to be sequences 2×S×6 but it is 2×5×4 (input 2×3×4)");
        assertThat(misfit(multiHeadAttention(4, 2).memory("x", "m").memoryWidth(4, 6), Shape.of(2, 5, 6)))
                .startsWith("multiHeadAttention(4, 2).memory(\"x\", \"m\").memoryWidth(4, 6) at MasksTest.java: "
                        + "expected the memory of values 'm' to be 2×3×6, with as many positions as the keys, "
                        + "but it is 2×5×6");
        assertThat(misfit(multiHeadAttention(4, 2).memoryWidth(6), Shape.of(2, 3, 4)))
                .endsWith("keys and values of .memoryWidth(6) are not made of the input, 2×3×4: name them, memory(…)");
        assertThatThrownBy(() -> multiHeadAttention(4, 2).memoryWidth(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("the width of the keys' memory must be at least 1 but is 0");
        assertThatThrownBy(() -> multiHeadAttention(4, 2).mask(" "))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("the mask must be a name but is \" \"");
    }

    private static String misfit(Layer layer, Shape shape) {
        Map<String, Expr> inputs = Map.of("x", Expr.input("x", Shape.of(2, 3, 4)), "m", Expr.input("m", shape));
        Scope scope = Scope.root(true, inputs);
        ShapeException e = catchThrowableOfType(ShapeException.class, () -> layer.apply(scope, scope.value("x")));
        return e.getMessage().replaceAll("java:\\d+", "java");
    }
}
