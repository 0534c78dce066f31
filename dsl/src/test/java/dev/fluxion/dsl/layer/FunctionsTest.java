package dev.fluxion.dsl.layer;

import static dev.fluxion.dsl.layer.Layers.as;
import static dev.fluxion.dsl.layer.Layers.bilinear;
import static dev.fluxion.dsl.layer.Layers.celu;
import static dev.fluxion.dsl.layer.Layers.channelShuffle;
import static dev.fluxion.dsl.layer.Layers.cosineSimilarity;
import static dev.fluxion.dsl.layer.Layers.gelu;
import static dev.fluxion.dsl.layer.Layers.glu;
import static dev.fluxion.dsl.layer.Layers.hardShrink;
import static dev.fluxion.dsl.layer.Layers.hardSigmoid;
import static dev.fluxion.dsl.layer.Layers.hardSwish;
import static dev.fluxion.dsl.layer.Layers.hardTanh;
import static dev.fluxion.dsl.layer.Layers.input;
import static dev.fluxion.dsl.layer.Layers.layerNorm;
import static dev.fluxion.dsl.layer.Layers.localResponseNorm;
import static dev.fluxion.dsl.layer.Layers.logSigmoid;
import static dev.fluxion.dsl.layer.Layers.mish;
import static dev.fluxion.dsl.layer.Layers.pairwiseDistance;
import static dev.fluxion.dsl.layer.Layers.permute;
import static dev.fluxion.dsl.layer.Layers.prelu;
import static dev.fluxion.dsl.layer.Layers.rRelu;
import static dev.fluxion.dsl.layer.Layers.relu;
import static dev.fluxion.dsl.layer.Layers.relu6;
import static dev.fluxion.dsl.layer.Layers.repeat;
import static dev.fluxion.dsl.layer.Layers.selu;
import static dev.fluxion.dsl.layer.Layers.sigmoid;
import static dev.fluxion.dsl.layer.Layers.silu;
import static dev.fluxion.dsl.layer.Layers.softShrink;
import static dev.fluxion.dsl.layer.Layers.softmax;
import static dev.fluxion.dsl.layer.Layers.softmin;
import static dev.fluxion.dsl.layer.Layers.softplus;
import static dev.fluxion.dsl.layer.Layers.softsign;
import static dev.fluxion.dsl.layer.Layers.squeezeExcite;
import static dev.fluxion.dsl.layer.Layers.tanhShrink;
import static dev.fluxion.dsl.layer.Layers.threshold;
import static dev.fluxion.dsl.layer.Layers.transformerDecoderLayer;
import static dev.fluxion.dsl.layer.Layers.transformerEncoderLayer;
import static dev.fluxion.dsl.layer.Layers.unflatten;

import dev.fluxion.Layer;
import dev.fluxion.Scope;
import dev.fluxion.ir.fn.Selection;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Activations and other layers are PyTorch's, as recorded by {@code record_functions.py}: also where they bend, and of infinities and NaN.
 * The property {@code fluxion.functions} names a file with more cases.
 */
class FunctionsTest {
    @TestFactory
    Stream<DynamicTest> valuesAndGradientsAreThoseOfPyTorch() throws IOException {
        String more = System.getProperty("fluxion.functions");
        List<Recorded> all = more == null ? Recorded.read("functions.txt") : Recorded.read(Path.of(more));
        return all.stream()
                .map(r -> DynamicTest.dynamicTest(r.name(), () -> {
                    r.interpret(layer(r), isSixth(r) ? 1e-7 : 1e-11);
                    if (!r.name().endsWith("NaN")) { // no input may be one
                        r.compile(layer(r), 1e-5);
                    }
                }));
    }

    /** The derivative of PyTorch's hardsigmoid is a float32. */
    private static boolean isSixth(Recorded r) {
        return r.text("layer").equals("hardSigmoid")
                || r.settings().getOrDefault("hard", "").equals("true");
    }

    private static Layer layer(Recorded r) {
        return switch (r.text("layer")) {
            case "relu6" -> relu6();
            case "hardTanh" -> hardTanh(real(r, "a"), real(r, "b"));
            case "hardSigmoid" -> hardSigmoid();
            case "hardSwish" -> hardSwish();
            case "mish" -> mish();
            case "prelu" -> prelu(r.number("a"));
            case "selu" -> selu();
            case "celu" -> celu(real(r, "a"));
            case "softsign" -> softsign();
            case "softShrink" -> softShrink(real(r, "a"));
            case "hardShrink" -> hardShrink(real(r, "a"));
            case "tanhShrink" -> tanhShrink();
            case "threshold" -> threshold(real(r, "a"), real(r, "b"));
            case "logSigmoid" -> logSigmoid();
            case "glu" -> glu(r.number("a"));
            case "softplus" -> softplus(real(r, "a"), real(r, "b"));
            case "gelu" -> gelu(Gelu.TANH);
            case "localResponseNorm" ->
                localResponseNorm(r.number("a"))
                        .alpha(real(r, "alpha"))
                        .beta(real(r, "beta"))
                        .k(real(r, "k"));
            case "unflatten" -> unflatten(r.number("a"), list(r, "b"));
            case "permute" -> permute(list(r, "a"));
            case "cosineSimilarity" ->
                cosineSimilarity("memory").axis(r.number("a")).eps(real(r, "eps"));
            case "bilinear" ->
                bilinear(r.number("a"), r.number("b"), r.number("c"))
                        .bias(r.is("bias"))
                        .with("memory");
            case "softmin" -> softmin(r.number("a"));
            case "channelShuffle" -> channelShuffle(r.number("a"));
            case "rRelu" -> (scope, x) -> rRelu(real(r, "a"), real(r, "b")).apply(Scope.root(false), x);
            case "softmax2d" -> softmax();
            case "pairwiseDistance" ->
                pairwiseDistance("memory").p(real(r, "a")).eps(real(r, "eps")).keepDim(r.is("keep"));
            case "transformer" -> transformer(r);
            default ->
                squeezeExcite(r.number("a"), r.number("b"))
                        .activation(r.is("silu") ? silu() : relu())
                        .scale(r.is("hard") ? hardSigmoid() : sigmoid());
        };
    }

    /** The page's transformer, whose parameters have the names of nn.Transformer; the target is the source backwards. */
    private static Layer transformer(Recorded r) {
        Layer activation = r.text("act").equals("gelu") ? gelu() : relu();
        TransformerEncoderLayer encoder = transformerEncoderLayer(4, 2)
                .feedForward(5)
                .activation(activation)
                .dropout(0);
        TransformerDecoderLayer decoder = transformerDecoderLayer(4, 2)
                .feedForward(5)
                .activation(activation)
                .dropout(0);
        boolean first = r.is("first");
        return Seq.of(
                as("source"),
                Seq.of(
                                repeat(r.number("a"), first ? encoder.normFirst() : encoder)
                                        .named("layers"),
                                layerNorm(4).named("norm"))
                        .named("encoder"),
                as("memory"),
                input("source"),
                Layers.layer("backwards()", (scope, x) -> Selection.flip(x, 1)),
                Seq.of(
                                repeat(r.number("b"), first ? decoder.normFirst() : decoder)
                                        .named("layers"),
                                layerNorm(4).named("norm"))
                        .named("decoder"));
    }

    private static double real(Recorded r, String setting) {
        return Double.parseDouble(r.text(setting));
    }

    private static int[] list(Recorded r, String setting) {
        return Arrays.stream(r.text(setting).split(",", -1))
                .mapToInt(Integer::parseInt)
                .toArray();
    }
}
