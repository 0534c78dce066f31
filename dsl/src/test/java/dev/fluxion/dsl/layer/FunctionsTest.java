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
import static dev.fluxion.dsl.layer.Layers.inline;
import static dev.fluxion.dsl.layer.Layers.input;
import static dev.fluxion.dsl.layer.Layers.layerNorm;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.localResponseNorm;
import static dev.fluxion.dsl.layer.Layers.logSigmoid;
import static dev.fluxion.dsl.layer.Layers.mish;
import static dev.fluxion.dsl.layer.Layers.pairwiseDistance;
import static dev.fluxion.dsl.layer.Layers.permute;
import static dev.fluxion.dsl.layer.Layers.positionalEncoding;
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
import static dev.fluxion.dsl.layer.Layers.tanh;
import static dev.fluxion.dsl.layer.Layers.tanhShrink;
import static dev.fluxion.dsl.layer.Layers.threshold;
import static dev.fluxion.dsl.layer.Layers.transformerDecoderLayer;
import static dev.fluxion.dsl.layer.Layers.transformerEncoderLayer;
import static dev.fluxion.dsl.layer.Layers.unflatten;

import dev.fluxion.Layer;
import dev.fluxion.Scope;
import dev.fluxion.ir.fn.Selection;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Activations and other layers are PyTorch's, as recorded by {@code record_functions.py}: also where they bend, and of infinities and NaN.
 * The property {@code fluxion.functions} names a file with more cases.
 */
class FunctionsTest {
    @TestFactory
    Stream<DynamicTest> valuesAndGradientsAreThoseOfPyTorch() {
        return Recorded.read("functions.txt").stream()
                .map(r -> DynamicTest.dynamicTest(r.name(), () -> {
                    r.interpret(layer(r), share(r));
                    if (!r.name().endsWith("NaN")) { // no input may be one
                        r.compile(layer(r), 1e-5);
                    }
                }));
    }

    @TestFactory
    Stream<DynamicTest> randomConfigurationsAreThoseOfPyTorch() throws IOException {
        return Recorded.more("fluxion.functions")
                .map(r -> DynamicTest.dynamicTest(r.name(), () -> {
                    r.interpret(layer(r), share(r));
                    new Replay(r, layer(r)).check();
                }));
    }

    private static double share(Recorded r) {
        return isSixth(r) ? 1e-7 : 1e-11;
    }

    /** The derivative of PyTorch's hardsigmoid is a float32. */
    private static boolean isSixth(Recorded r) {
        return r.text("layer").equals("hardSigmoid")
                || r.settings().getOrDefault("hard", "").equals("true");
    }

    private static Layer layer(Recorded r) {
        return switch (r.text("layer")) {
            case "relu6" -> relu6();
            case "hardTanh" -> hardTanh(r.real("a"), r.real("b"));
            case "hardSigmoid" -> hardSigmoid();
            case "hardSwish" -> hardSwish();
            case "mish" -> mish();
            case "prelu" -> prelu(r.number("a"));
            case "selu" -> selu();
            case "celu" -> celu(r.real("a"));
            case "softsign" -> softsign();
            case "softShrink" -> softShrink(r.real("a"));
            case "hardShrink" -> hardShrink(r.real("a"));
            case "tanhShrink" -> tanhShrink();
            case "threshold" -> threshold(r.real("a"), r.real("b"));
            case "logSigmoid" -> logSigmoid();
            case "glu" -> glu(r.number("a"));
            case "softplus" -> softplus(r.real("a"), r.real("b"));
            case "gelu" -> gelu(Gelu.TANH);
            case "localResponseNorm" ->
                localResponseNorm(r.number("a"))
                        .alpha(r.real("alpha"))
                        .beta(r.real("beta"))
                        .k(r.real("k"));
            case "unflatten" -> unflatten(r.number("a"), r.numbers("b"));
            case "permute" -> permute(r.numbers("a"));
            case "cosineSimilarity" ->
                cosineSimilarity("memory").axis(r.number("a")).eps(r.real("eps"));
            case "bilinear" ->
                bilinear(r.number("a"), r.number("b"), r.number("c"))
                        .bias(r.is("bias"))
                        .with("memory");
            case "softmin" -> softmin(r.number("a"));
            case "channelShuffle" -> channelShuffle(r.number("a"));
            case "rRelu" -> (scope, x) -> rRelu(r.real("a"), r.real("b")).apply(Scope.root(false), x);
            case "softmax2d" -> softmax();
            case "pairwiseDistance" ->
                pairwiseDistance("memory").p(r.real("a")).eps(r.real("eps")).keepDim(r.is("keep"));
            case "transformer" -> transformer(r);
            case "positions" ->
                r.number("a") == 0 ? positionalEncoding() : positionalEncoding().learned(r.number("a"));
            case "product" -> product(r);
            case "shared" -> shared(r);
            default ->
                squeezeExcite(r.number("a"), r.number("b"))
                        .activation(r.is("silu") ? silu() : relu())
                        .scale(r.is("hard") ? hardSigmoid() : sigmoid());
        };
    }

    private static Layer product(Recorded r) {
        int width = r.number("width");
        int to = r.number("b");
        Layer[] branches = {Seq.of(linear(width, to), silu()), linear(width, to).bias(false), linear(width, to)};
        return Layers.product(Arrays.copyOf(branches, r.number("a")));
    }

    /** A tower as often as the setting says, with the same weights. */
    private static Layer shared(Recorded r) {
        int width = r.number("width");
        Layer tower = Layers.shared(
                switch (r.text("b")) {
                    case "linear" -> linear(width, width);
                    case "norm" -> Seq.of(linear(width, width), layerNorm(width));
                    case "product" -> Layers.product(linear(width, width), tanh());
                    default -> transformerEncoderLayer(width, 1).feedForward(5).dropout(0);
                });
        return repeat(r.number("a"), Seq.of(inline(tower), tanh()));
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
}
