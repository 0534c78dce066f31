package dev.fluxion.dsl.layer;

import static dev.fluxion.dsl.layer.Layers.as;
import static dev.fluxion.dsl.layer.Layers.gelu;
import static dev.fluxion.dsl.layer.Layers.input;
import static dev.fluxion.dsl.layer.Layers.multiHeadAttention;
import static dev.fluxion.dsl.layer.Layers.positionalEncoding;
import static dev.fluxion.dsl.layer.Layers.relu;
import static dev.fluxion.dsl.layer.Layers.transformerDecoderLayer;
import static dev.fluxion.dsl.layer.Layers.transformerEncoderLayer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Layer;
import dev.fluxion.Scope;
import dev.fluxion.dsl.Numeric;
import dev.fluxion.dsl.train.Model;
import dev.fluxion.ir.Attention;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Gradients;
import dev.fluxion.ir.Graph;
import dev.fluxion.ir.Interpreter;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import dev.fluxion.ir.Value;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Attention and the layers of transformers are PyTorch's, as recorded by {@code record_attention.py}. */
class AttentionTest {
    @TestFactory
    Stream<DynamicTest> valuesAndGradientsAreThoseOfPyTorch() {
        List<Recorded> all = new ArrayList<>();
        for (String kind : List.of("attention", "encoder", "decoder")) {
            all.addAll(Recorded.read(kind + ".txt"));
        }
        return all.stream()
                .map(r -> DynamicTest.dynamicTest(r.text("kind") + ", " + r.name(), () -> {
                    interpret(r);
                    r.compile(layer(r), isSaturated(r) ? 1e-3 : 4e-6);
                }));
    }

    @TestFactory
    Stream<DynamicTest> randomConfigurationsAreThoseOfPyTorch() throws IOException {
        return Recorded.more("fluxion.recorded")
                .map(r -> DynamicTest.dynamicTest(r.name(), () -> {
                    interpret(r);
                    new Replay(r, layer(r)).check();
                }));
    }

    private static void interpret(Recorded r) {
        r.interpret(layer(r), isSaturated(r) ? 1e-9 : 1e-11);
    }

    private static boolean isSaturated(Recorded r) {
        return Double.parseDouble(r.text("scale")) > 1;
    }

    private static Layer layer(Recorded r) {
        int width = r.number("width");
        int heads = r.number("heads");
        Layer activation = r.is("gelu") ? gelu() : relu();
        return switch (r.text("kind")) {
            case "attention" -> masked(r, multiHeadAttention(width, heads));
            case "encoder" -> {
                TransformerEncoderLayer layer = transformerEncoderLayer(width, heads)
                        .feedForward(r.number("hidden"))
                        .activation(activation)
                        .eps(r.real("eps"))
                        .bias(r.is("bias"))
                        .dropout(0)
                        .attention(a -> masked(r, a));
                yield r.is("first") ? layer.normFirst() : layer;
            }
            default -> {
                TransformerDecoderLayer layer = transformerDecoderLayer(width, heads)
                        .feedForward(r.number("hidden"))
                        .activation(activation)
                        .eps(r.real("eps"))
                        .bias(r.is("bias"))
                        .memoryAttention(a -> seeing(r, a))
                        .dropout(0)
                        .attention(a -> masked(r, a));
                layer = r.is("memoryPadding") ? layer.memoryKeyPaddingMask("unseen") : layer;
                yield r.is("first") ? layer.normFirst() : layer;
            }
        };
    }

    private static MultiHeadAttention seeing(Recorded r, MultiHeadAttention memory) {
        return switch (r.text("memoryMask")) {
            case "samples" -> memory.mask("memoryMask");
            case "causal" -> memory.causal();
            default -> memory;
        };
    }

    private static MultiHeadAttention masked(Recorded r, MultiHeadAttention plain) {
        boolean isAlone = r.text("kind").equals("attention");
        MultiHeadAttention layer = plain.keyHeads(r.number("keyHeads"));
        layer = r.is("rotary") ? layer.rotary() : layer;
        layer = isAlone ? layer.bias(r.is("bias")) : layer;
        layer = isAlone && r.is("memory")
                ? layer.memory("memory", r.is("values") ? "values" : "memory")
                        .memoryWidth(r.number("keyWidth"), r.number("valueWidth"))
                : layer;
        layer = r.is("weights") ? layer.weights("map") : layer;
        layer = r.text("padding").isEmpty() ? layer : layer.keyPaddingMask("padding");
        layer = r.text("mask").isEmpty() ? layer : layer.mask("mask");
        return r.is("causal") ? layer.causal() : layer;
    }

    @Test
    void namesAndFirstValuesAreThoseOfPyTorch() {
        try (Model model = Model.of(
                Seq.of(
                        positionalEncoding().learned(5),
                        transformerEncoderLayer(8, 2).feedForward(16),
                        as("x"),
                        multiHeadAttention(8, 4).keyHeads(2).bias(false).named("last"),
                        Layers.layer("wide", (scope, x) -> Expr.concat(2, List.of(x, x))),
                        as("wide"),
                        input("x"),
                        multiHeadAttention(8, 2)
                                .memory("wide", "x")
                                .memoryWidth(16, 8)
                                .named("cross")),
                5,
                8)) {
            assertThat(model.parameters().names())
                    .containsExactly(
                            "0.weight",
                            "1.self_attn.in_proj_weight",
                            "1.self_attn.in_proj_bias",
                            "1.self_attn.out_proj.weight",
                            "1.self_attn.out_proj.bias",
                            "1.norm1.weight",
                            "1.norm1.bias",
                            "1.linear1.weight",
                            "1.linear1.bias",
                            "1.linear2.weight",
                            "1.linear2.bias",
                            "1.norm2.weight",
                            "1.norm2.bias",
                            "last.in_proj_weight",
                            "last.out_proj.weight",
                            "cross.q_proj_weight",
                            "cross.k_proj_weight",
                            "cross.v_proj_weight",
                            "cross.in_proj_bias",
                            "cross.out_proj.weight",
                            "cross.out_proj.bias");
            assertThat(model.parameters().shape("cross.k_proj_weight")).isEqualTo(Shape.of(8, 16));
            bounded(model, "cross.q_proj_weight", Math.sqrt(6.0 / (8 + 8)));
            bounded(model, "cross.k_proj_weight", Math.sqrt(6.0 / (8 + 16)));
            assertThat(model.parameters().shape("last.in_proj_weight")).isEqualTo(Shape.of(16, 8));
            for (String bias : List.of("1.self_attn.in_proj_bias", "1.self_attn.out_proj.bias", "cross.in_proj_bias")) {
                assertThat(model.parameters().get(bias).floats()).as(bias).containsOnly(0);
            }
            bounded(model, "1.self_attn.in_proj_weight", Math.sqrt(6.0 / (24 + 8)));
            bounded(model, "1.self_attn.out_proj.weight", Math.sqrt(1.0 / 8));
            assertThat(model.summary().toString())
                    .contains(
                            "transformerEncoderLayer(8, 2).feedForward(16)",
                            "multiHeadAttention(8, 4).keyHeads(2).bias(false)");
        }
    }

    @Test
    void optionsOfTransformersAreWritten() {
        assertThat(transformerEncoderLayer(8, 2).eps(0.25).bias(false).causal())
                .hasToString("transformerEncoderLayer(8, 2).eps(0.25).bias(false).causal()");
        assertThat(transformerEncoderLayer(8, 2).attention(a -> a.bias(false).rotary()))
                .hasToString("transformerEncoderLayer(8, 2).rotary().attention(a -> a.bias(false))");
        assertThat(transformerDecoderLayer(8, 2).memory("m").memoryKeyPaddingMask("p"))
                .hasToString("transformerDecoderLayer(8, 2).memory(\"m\").memoryKeyPaddingMask(\"p\")");
        assertThat(transformerDecoderLayer(8, 2).memoryAttention(a -> a.causal().memoryWidth(6, 3)))
                .hasToString("transformerDecoderLayer(8, 2)"
                        + ".memoryAttention(a -> a.causal().memory(\"memory\").memoryWidth(6, 3))");
    }

    /** Uniform within a bound: the largest of many is close to it. */
    private static void bounded(Model model, String name, double bound) {
        double largest = 0;
        for (float value : model.parameters().get(name).floats()) {
            largest = Math.max(largest, Math.abs(value));
        }
        assertThat(largest).as(name).isBetween(0.8 * bound, bound);
    }

    /** What is computed in training, dropout and gradients included, has no weight for each query and key. */
    @Test
    void dropoutNeedsNoMoreMemoryThanPositions() {
        int steps = 100;
        Expr x = Expr.input("x", Shape.of(2, steps, 8));
        Layer layer = transformerEncoderLayer(8, 2).feedForward(8).dropout(0.1);
        Expr y = layer.apply(Scope.root(true), x);
        List<Expr> all = Graph.topological(Gradients.of(y.sum(), List.of(x)));
        assertThat(all).anyMatch(e -> e.op() instanceof Attention.Gradient op && op.dropout() == 0.1);
        assertThat(all).allMatch(e -> e.shape().size() < steps * steps);
    }

    @Test
    void sinesAndCosinesTellPositions() {
        Value y = Numeric.run(positionalEncoding(), false, new Value(Shape.of(2, 7, 5), new double[70]));
        for (int i = 0; i < 70; i++) {
            double angle = i / 5 % 7 * Math.pow(10_000, -(i % 5 / 2 * 2) / 5.0);
            assertThat(y.data()[i])
                    .as("element %d", i)
                    .isCloseTo(i % 5 % 2 == 0 ? Math.sin(angle) : Math.cos(angle), within(1e-7));
        }
    }

    /** Where a rotated query asks depends on distances alone: one more position before all changes nothing. */
    @Test
    void rotationsTellDistances() {
        Value all = Numeric.normal(Shape.of(1, 6, 4), 3);
        Value shifted = new Value(Shape.of(1, 5, 4), Arrays.copyOfRange(all.data(), 4, 24));
        Expr x = Expr.input("x", all.shape());
        Expr later = Positions.rotated(Scope.root(false), x.reshape(1, 6, 1, 4)).reshape(6, 4);
        Expr products = later.matmul(later.transposeLast()).slice(0, 1, 6).slice(1, 1, 6);
        Expr early = Positions.rotated(
                        Scope.root(false), Expr.input("y", shifted.shape()).reshape(1, 5, 1, 4))
                .reshape(5, 4);
        double[] expected = new Interpreter().bind("x", all).evaluate(products).data();
        double[] actual = new Interpreter()
                .bind("y", shifted)
                .evaluate(early.matmul(early.transposeLast()))
                .data();
        assertThat(actual).containsExactly(expected, within(1e-6));
    }

    @Test
    void whatDoesNotFitIsTold() {
        assertThat(misfit(multiHeadAttention(8, 2).causal(), Shape.of(2, 3, 6))).isEqualTo("""
                multiHeadAttention(8, 2).causal() at AttentionTest.java: expected sequences N×T×8 but got 2×3×6
                  did you mean multiHeadAttention(6, 2).causal()?""");
        assertThat(misfit(multiHeadAttention(8, 4), Shape.of(2, 8)))
                .isEqualTo("multiHeadAttention(8, 4) at AttentionTest.java: expected sequences N×T×8 but got 2×8");
        assertThat(misfit(transformerEncoderLayer(8, 2).dropout(0), Shape.of(2, 3, 6)))
                .isEqualTo("""
                transformerEncoderLayer(8, 2).dropout(0) at AttentionTest.java: expected sequences N×T×8 but got 2×3×6
                  did you mean transformerEncoderLayer(6, 2).dropout(0)?""");
        assertThat(misfit(positionalEncoding(), Shape.of(2, 8)))
                .isEqualTo("positionalEncoding() at AttentionTest.java: expected sequences N×T×E but got 2×8");
        assertThat(misfit(positionalEncoding().learned(4), Shape.of(2, 5, 8))).isEqualTo("""
                positionalEncoding().learned(4) at AttentionTest.java: expected sequences of at most 4 positions, as many as are learned, but got 5 (input 2×5×8)
                  did you mean positionalEncoding().learned(5)?""");
        refused(
                () -> multiHeadAttention(10, 3),
                "multiHeadAttention(10, 3)",
                "heads must be a divisor of the 10 elements of the width but is 3");
        refused(() -> multiHeadAttention(8, 0), "multiHeadAttention(8, 0)", "heads must be at least 1 but is 0");
        refused(() -> multiHeadAttention(0, 1), "multiHeadAttention(0, 1)", "the width must be at least 1 but is 0");
        refused(
                () -> multiHeadAttention(8, 4).keyHeads(3),
                "multiHeadAttention(8, 4)",
                "keyHeads must be a divisor of the 4 heads but is 3");
        refused(
                () -> multiHeadAttention(8, 4).keyHeads(0),
                "multiHeadAttention(8, 4)",
                "keyHeads must be at least 1 but is 0");
        refused(
                () -> multiHeadAttention(8, 4).dropout(2),
                "multiHeadAttention(8, 4)",
                "dropout must be in [0, 1] but is 2");
        refused(
                () -> multiHeadAttention(6, 2).rotary(),
                "multiHeadAttention(6, 2)",
                "the extent of a head, width/heads, must be even to be rotated but is 3");
        refused(
                () -> transformerEncoderLayer(10, 3),
                "transformerEncoderLayer(10, 3)",
                "heads must be a divisor of the 10 elements of the width but is 3");
        refused(
                () -> transformerEncoderLayer(8, 2).feedForward(0),
                "transformerEncoderLayer(8, 2)",
                "feedForward must be at least 1 but is 0");
        refused(
                () -> transformerEncoderLayer(8, 2).dropout(-1),
                "transformerEncoderLayer(8, 2)",
                "dropout must be in [0, 1] but is -1");
        refused(
                () -> positionalEncoding().learned(0),
                "positionalEncoding()",
                "the number of learned rows must be at least 1 but is 0");
    }

    private static void refused(ThrowingCallable call, String layer, String message) {
        IllegalArgumentException e = catchThrowableOfType(IllegalArgumentException.class, call);
        assertThat(e.getMessage().replaceAll("java:\\d+", "java"))
                .isEqualTo(layer + " at AttentionTest.java: " + message);
    }

    private static String misfit(Layer layer, Shape shape) {
        ShapeException e =
                catchThrowableOfType(ShapeException.class, () -> layer.apply(Scope.root(true), Expr.input("x", shape)));
        return e.getMessage().replaceAll("java:\\d+", "java");
    }
}
