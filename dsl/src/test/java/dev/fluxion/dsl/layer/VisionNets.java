package dev.fluxion.dsl.layer;

import static dev.fluxion.dsl.layer.Layers.as;
import static dev.fluxion.dsl.layer.Layers.batchNorm;
import static dev.fluxion.dsl.layer.Layers.conv;
import static dev.fluxion.dsl.layer.Layers.convTranspose;
import static dev.fluxion.dsl.layer.Layers.flatten;
import static dev.fluxion.dsl.layer.Layers.gelu;
import static dev.fluxion.dsl.layer.Layers.globalAvgPool;
import static dev.fluxion.dsl.layer.Layers.identity;
import static dev.fluxion.dsl.layer.Layers.inline;
import static dev.fluxion.dsl.layer.Layers.layer;
import static dev.fluxion.dsl.layer.Layers.layerNorm;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.maxPool;
import static dev.fluxion.dsl.layer.Layers.multiHeadAttention;
import static dev.fluxion.dsl.layer.Layers.relu;
import static dev.fluxion.dsl.layer.Layers.relu6;
import static dev.fluxion.dsl.layer.Layers.residual;
import static dev.fluxion.dsl.layer.Layers.silu;
import static dev.fluxion.dsl.layer.Layers.squeezeExcite;

import dev.fluxion.Layer;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Torchvision's nets, whose parameters have torchvision's names, and a U-Net. */
final class VisionNets {
    /** Expansion, channels, blocks and stride of each stage of a MobileNetV2. */
    static final int[][] MOBILE = {
        {1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}
    };
    /** Expansion, kernel, stride, channels before and behind, and blocks of each stage of an EfficientNet-B0. */
    static final int[][] EFFICIENT = {
        {1, 3, 1, 32, 16, 1},
        {6, 3, 2, 16, 24, 2},
        {6, 5, 2, 24, 40, 2},
        {6, 3, 2, 40, 80, 3},
        {6, 5, 1, 80, 112, 3},
        {6, 5, 2, 112, 192, 4},
        {6, 3, 1, 192, 320, 1}
    };

    private VisionNets() {}

    private static Seq normed(int in, int out, int kernel, int stride, int groups, Layer activation) {
        return Seq.of(
                conv(in, out, kernel)
                        .stride(stride)
                        .pad(kernel / 2)
                        .groups(groups)
                        .bias(false),
                batchNorm(out),
                activation);
    }

    private static int channels(double wanted, int divisor) {
        int near = Math.max(divisor, (int) (wanted + divisor / 2.0) / divisor * divisor);
        return near < 0.9 * wanted ? near + divisor : near;
    }

    private static Seq seq(List<Layer> layers) {
        return Seq.of(layers.toArray(Layer[]::new));
    }

    static Seq mobileNet(double width, int divisor, int[][] stages, int last, int classes) {
        List<Layer> features = new ArrayList<>();
        int in = channels(32 * width, divisor);
        features.add(normed(3, in, 3, 2, 1, relu6()));
        for (int[] stage : stages) {
            int out = channels(stage[1] * width, divisor);
            for (int i = 0; i < stage[2]; i++) {
                features.add(inverted(in, out, stage[0], i == 0 ? stage[3] : 1));
                in = out;
            }
        }
        features.add(normed(in, last, 1, 1, 1, relu6()));
        return headed(features, last, classes);
    }

    private static Layer inverted(int in, int out, int expansion, int stride) {
        int inner = in * expansion;
        List<Layer> parts = new ArrayList<>();
        if (expansion > 1) {
            parts.add(normed(in, inner, 1, 1, 1, relu6()));
        }
        parts.add(normed(inner, inner, 3, stride, inner, relu6()));
        parts.add(conv(inner, out, 1).bias(false));
        parts.add(batchNorm(out));
        Seq body = seq(parts).named("conv");
        return stride == 1 && in == out ? residual(body) : Seq.of(body);
    }

    private static Seq headed(List<Layer> features, int last, int classes) {
        return Seq.of(
                seq(features).named("features"),
                globalAvgPool(),
                Seq.of(identity(), linear(last, classes)).named("classifier"));
    }

    static Seq efficientNet(double width, int[][] stages, int last, int classes) {
        List<Layer> features = new ArrayList<>();
        features.add(normed(3, channels(stages[0][3] * width, 8), 3, 2, 1, silu()));
        for (int[] stage : stages) {
            int out = channels(stage[4] * width, 8);
            List<Layer> blocks = new ArrayList<>();
            for (int i = 0; i < stage[5]; i++) {
                int in = i == 0 ? channels(stage[3] * width, 8) : out;
                blocks.add(squeezed(in, out, stage[0], stage[1], i == 0 ? stage[2] : 1));
            }
            features.add(seq(blocks));
        }
        features.add(normed(channels(stages[stages.length - 1][4] * width, 8), last, 1, 1, 1, silu()));
        return headed(features, last, classes);
    }

    private static Layer squeezed(int in, int out, int expansion, int kernel, int stride) {
        int inner = channels((double) in * expansion, 8);
        List<Layer> parts = new ArrayList<>();
        if (inner != in) {
            parts.add(normed(in, inner, 1, 1, 1, silu()));
        }
        parts.add(normed(inner, inner, kernel, stride, inner, silu()));
        parts.add(squeezeExcite(inner, Math.max(1, in / 4)).activation(silu()));
        parts.add(normed(inner, out, 1, 1, 1, identity()));
        Seq body = seq(parts).named("block");
        return stride == 1 && in == out ? residual(body) : Seq.of(body);
    }

    static Seq visionTransformer(int size, int patch, int blocks, int heads, int width, int hidden, int classes) {
        int tokens = size / patch * (size / patch);
        Layer[] all = IntStream.range(0, blocks)
                .mapToObj(i -> encoderBlock(width, heads, hidden).named("encoder_layer_" + i))
                .toArray(Layer[]::new);
        return Seq.of(
                conv(3, width, patch).stride(patch).named("conv_proj"),
                layer("tokens", (scope, x) -> x.flatten(2).transpose(0, 2, 1)),
                inline(layer("class token", (scope, x) -> {
                    Expr token = scope.parameter("class_token", Shape.of(1, 1, width), Initializers.zeros());
                    return Expr.concat(1, List.of(token.broadcastTo(x.shape().with(1, 1)), x));
                })),
                Seq.of(
                                inline(layer(
                                        "positions",
                                        (scope, x) -> x.add(scope.parameter(
                                                "pos_embedding",
                                                Shape.of(1, tokens + 1, width),
                                                Initializers.normal(0, 0.02))))),
                                Seq.of(all).named("layers"),
                                layerNorm(width).eps(1e-6).named("ln"))
                        .named("encoder"),
                layer("the class token", (scope, x) -> x.slice(1, 0, 1)),
                flatten(),
                Seq.of(linear(width, classes).named("head")).named("heads"));
    }

    private static Seq encoderBlock(int width, int heads, int hidden) {
        Seq attention = Seq.of(
                layerNorm(width).eps(1e-6).named("ln_1"),
                multiHeadAttention(width, heads).named("self_attention"));
        Seq mlp = Seq.of(
                layerNorm(width).eps(1e-6).named("ln_2"),
                Seq.of(linear(width, hidden), gelu(), identity(), linear(hidden, width))
                        .named("mlp"));
        return Seq.of(inline(residual(inline(attention))), inline(residual(inline(mlp))));
    }

    /** A U-Net of two levels (Ronneberger, Fischer and Brox, 2015): a class for each place of images. */
    static Seq unet(int width, int classes) {
        return Seq.of(
                twice(3, width).named("first"),
                as("fine"),
                maxPool(2),
                twice(width, 2 * width).named("second"),
                as("coarse"),
                maxPool(2),
                twice(2 * width, 4 * width).named("deepest"),
                convTranspose(4 * width, 2 * width, 2).stride(2).named("up2"),
                beside("coarse"),
                twice(4 * width, 2 * width).named("third"),
                convTranspose(2 * width, width, 2).stride(2).named("up1"),
                beside("fine"),
                twice(2 * width, width).named("last"),
                conv(width, classes, 1).named("head"));
    }

    private static Layer beside(String name) {
        return layer("beside " + name, (scope, x) -> Expr.concat(1, List.of(scope.value(name), x)));
    }

    private static Seq twice(int in, int out) {
        return Seq.of(
                conv(in, out, 3).pad(1).bias(false),
                batchNorm(out),
                relu(),
                conv(out, out, 3).pad(1).bias(false),
                batchNorm(out),
                relu());
    }
}
