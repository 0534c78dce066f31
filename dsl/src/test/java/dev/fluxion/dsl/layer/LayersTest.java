package dev.fluxion.dsl.layer;

import static dev.fluxion.dsl.layer.Layers.adaptiveAvgPool;
import static dev.fluxion.dsl.layer.Layers.adaptiveAvgPool1d;
import static dev.fluxion.dsl.layer.Layers.adaptiveMaxPool;
import static dev.fluxion.dsl.layer.Layers.adaptiveMaxPool1d;
import static dev.fluxion.dsl.layer.Layers.alphaDropout;
import static dev.fluxion.dsl.layer.Layers.as;
import static dev.fluxion.dsl.layer.Layers.avgPool;
import static dev.fluxion.dsl.layer.Layers.avgPool1d;
import static dev.fluxion.dsl.layer.Layers.avgPool3d;
import static dev.fluxion.dsl.layer.Layers.batchNorm;
import static dev.fluxion.dsl.layer.Layers.bilinear;
import static dev.fluxion.dsl.layer.Layers.celu;
import static dev.fluxion.dsl.layer.Layers.channelShuffle;
import static dev.fluxion.dsl.layer.Layers.concat;
import static dev.fluxion.dsl.layer.Layers.conv;
import static dev.fluxion.dsl.layer.Layers.conv1d;
import static dev.fluxion.dsl.layer.Layers.conv3d;
import static dev.fluxion.dsl.layer.Layers.convTranspose;
import static dev.fluxion.dsl.layer.Layers.convTranspose1d;
import static dev.fluxion.dsl.layer.Layers.cosineSimilarity;
import static dev.fluxion.dsl.layer.Layers.depthwise;
import static dev.fluxion.dsl.layer.Layers.dropout;
import static dev.fluxion.dsl.layer.Layers.dropout2d;
import static dev.fluxion.dsl.layer.Layers.elu;
import static dev.fluxion.dsl.layer.Layers.embedding;
import static dev.fluxion.dsl.layer.Layers.embeddingBag;
import static dev.fluxion.dsl.layer.Layers.featureAlphaDropout;
import static dev.fluxion.dsl.layer.Layers.flatten;
import static dev.fluxion.dsl.layer.Layers.fold;
import static dev.fluxion.dsl.layer.Layers.gelu;
import static dev.fluxion.dsl.layer.Layers.globalAvgPool;
import static dev.fluxion.dsl.layer.Layers.globalMaxPool;
import static dev.fluxion.dsl.layer.Layers.glu;
import static dev.fluxion.dsl.layer.Layers.groupNorm;
import static dev.fluxion.dsl.layer.Layers.gru;
import static dev.fluxion.dsl.layer.Layers.hardShrink;
import static dev.fluxion.dsl.layer.Layers.hardSigmoid;
import static dev.fluxion.dsl.layer.Layers.hardSwish;
import static dev.fluxion.dsl.layer.Layers.hardTanh;
import static dev.fluxion.dsl.layer.Layers.identity;
import static dev.fluxion.dsl.layer.Layers.inline;
import static dev.fluxion.dsl.layer.Layers.input;
import static dev.fluxion.dsl.layer.Layers.instanceNorm;
import static dev.fluxion.dsl.layer.Layers.layer;
import static dev.fluxion.dsl.layer.Layers.layerNorm;
import static dev.fluxion.dsl.layer.Layers.leakyRelu;
import static dev.fluxion.dsl.layer.Layers.linear;
import static dev.fluxion.dsl.layer.Layers.localResponseNorm;
import static dev.fluxion.dsl.layer.Layers.logSigmoid;
import static dev.fluxion.dsl.layer.Layers.logSoftmax;
import static dev.fluxion.dsl.layer.Layers.lpPool;
import static dev.fluxion.dsl.layer.Layers.lpPool1d;
import static dev.fluxion.dsl.layer.Layers.lstm;
import static dev.fluxion.dsl.layer.Layers.maxPool;
import static dev.fluxion.dsl.layer.Layers.maxPool1d;
import static dev.fluxion.dsl.layer.Layers.maxPool3d;
import static dev.fluxion.dsl.layer.Layers.maxUnpool;
import static dev.fluxion.dsl.layer.Layers.maxUnpool1d;
import static dev.fluxion.dsl.layer.Layers.mish;
import static dev.fluxion.dsl.layer.Layers.multiHeadAttention;
import static dev.fluxion.dsl.layer.Layers.output;
import static dev.fluxion.dsl.layer.Layers.pad;
import static dev.fluxion.dsl.layer.Layers.pad1d;
import static dev.fluxion.dsl.layer.Layers.pairwiseDistance;
import static dev.fluxion.dsl.layer.Layers.permute;
import static dev.fluxion.dsl.layer.Layers.pixelShuffle;
import static dev.fluxion.dsl.layer.Layers.pixelUnshuffle;
import static dev.fluxion.dsl.layer.Layers.positionalEncoding;
import static dev.fluxion.dsl.layer.Layers.prelu;
import static dev.fluxion.dsl.layer.Layers.rRelu;
import static dev.fluxion.dsl.layer.Layers.relu;
import static dev.fluxion.dsl.layer.Layers.relu6;
import static dev.fluxion.dsl.layer.Layers.repeat;
import static dev.fluxion.dsl.layer.Layers.reshape;
import static dev.fluxion.dsl.layer.Layers.residual;
import static dev.fluxion.dsl.layer.Layers.resize;
import static dev.fluxion.dsl.layer.Layers.rmsNorm;
import static dev.fluxion.dsl.layer.Layers.rnn;
import static dev.fluxion.dsl.layer.Layers.selu;
import static dev.fluxion.dsl.layer.Layers.separable;
import static dev.fluxion.dsl.layer.Layers.shared;
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
import static dev.fluxion.dsl.layer.Layers.unfold;
import static dev.fluxion.dsl.layer.Layers.upsample;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fluxion.Initializer;
import dev.fluxion.Layer;
import dev.fluxion.Scope;
import dev.fluxion.Tensor;
import dev.fluxion.dsl.Factories;
import dev.fluxion.dsl.Numeric;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Value;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LayersTest {
    private static final Shape IMAGES = Shape.of(2, 4, 6, 5);
    private static final Shape ROWS = Shape.of(3, 6);
    private static final Shape SEQUENCES = Shape.of(2, 3, 4);

    /** A layer, and the factory that makes it. */
    private record Row(String factory, Layer layer) {}

    static Stream<Row> onImages() {
        return Stream.of(
                new Row("conv(int, int, int)", conv(4, 3, 3)),
                new Row(
                        "conv(int, int, int, int)",
                        conv(4, 6, 3, 2).stride(2, 1).pad(1, 0).groups(2)),
                new Row("conv(int, int)", conv(3, 2).dilation(2).bias(false)),
                new Row("maxPool(int)", maxPool(2)),
                new Row("maxPool(int, int)", maxPool(3, 2).stride(1).pad(1)),
                new Row("avgPool(int, int)", avgPool(2, 3).stride(2)),
                new Row("avgPool(int)", avgPool(3).pad(1)),
                new Row("globalAvgPool()", globalAvgPool()),
                new Row("conv(int, int)", conv(3, 4).kernel(4, 3).pad("same").dilation(2, 1)),
                new Row("depthwise(int, int)", depthwise(4, 3).pad(1)),
                new Row("separable(int, int, int)", separable(4, 3, 3).stride(2).pad(1)),
                new Row("convTranspose(int, int, int)", convTranspose(4, 3, 3).stride(2)),
                new Row(
                        "convTranspose(int, int, int, int)",
                        convTranspose(4, 2, 3, 2)
                                .stride(2, 1)
                                .pad(1, 0)
                                .outputPad(1, 1)
                                .dilation(1, 2)
                                .groups(2)),
                new Row("convTranspose(int, int)", convTranspose(3, 2).bias(false)),
                new Row("maxPool(int)", maxPool(3).dilation(2).stride(1).pad(1)),
                new Row("maxPool(int, int)", maxPool(4, 2).stride(3).ceilMode(true)),
                new Row("avgPool(int)", avgPool(3).stride(2).pad(1).ceilMode(true)),
                new Row("avgPool(int, int)", avgPool(3, 2).pad(1, 1).countIncludePad(false)),
                new Row("avgPool(int)", avgPool(2).divisor(3)),
                new Row("lpPool(double, int)", lpPool(2, 2).ceilMode(true)),
                new Row("lpPool(double, int, int)", lpPool(4, 3, 2).stride(1, 2)),
                new Row("adaptiveAvgPool(int)", adaptiveAvgPool(2)),
                new Row("adaptiveAvgPool(int, int)", adaptiveAvgPool(4, 7)),
                new Row("adaptiveMaxPool(int)", adaptiveMaxPool(4)),
                new Row("adaptiveMaxPool(int, int)", adaptiveMaxPool(3, 5)),
                new Row("globalMaxPool()", globalMaxPool()),
                new Row("pad(int)", pad(1).value(2)),
                new Row("pad(int)", pad(2).reflect()),
                new Row("pad(int, int, int, int)", pad(1, 2, -1, 3).replicate()),
                new Row("pad(int, int, int, int)", pad(5, 1, 0, 6).circular()),
                new Row("upsample(double)", upsample(2)),
                new Row("upsample(double)", upsample(1.5).bilinear()),
                new Row("resize(int, int)", resize(4, 7).exact()),
                new Row("resize(int, int)", resize(9, 3).bilinear().alignCorners()),
                new Row("resize(int, int)", resize(9, 3).bicubic()),
                new Row("upsample(double)", upsample(1.3).bicubic().alignCorners()),
                new Row("unfold(int)", unfold(3).pad(1).stride(2)),
                new Row("unfold(int, int)", unfold(2, 3).dilation(2, 1)),
                new Row("fold(int, int, int)", Seq.of(unfold(2), fold(4, 3, 2).pad(1))),
                new Row(
                        "maxUnpool(String, int)",
                        Seq.of(maxPool(2).indices("at"), maxUnpool("at", 2).size(6, 5))),
                new Row(
                        "maxUnpool(String, int)",
                        Seq.of(
                                maxPool(2, 3).stride(2, 2).pad(1).indices("at"),
                                maxUnpool("at", 2)
                                        .kernel(2, 3)
                                        .stride(2, 2)
                                        .pad(1)
                                        .size(6, 5))),
                new Row(
                        "conv3d(int, int, int)",
                        Seq.of(volumes(), conv3d(2, 3, 2).stride(1, 2, 1).pad(1).dilation(2, 1, 1))),
                new Row(
                        "conv3d(int, int)",
                        Seq.of(volumes(), conv3d(4, 3).kernel(1, 3, 2).groups(2).bias(false))),
                new Row(
                        "maxPool3d(int)",
                        Seq.of(volumes(), maxPool3d(2).stride(1).pad(1).ceilMode(true))),
                new Row(
                        "avgPool3d(int)",
                        Seq.of(volumes(), avgPool3d(2).kernel(2, 3, 1).countIncludePad(false))),
                new Row("channelShuffle(int)", channelShuffle(2)),
                new Row("featureAlphaDropout(double)", featureAlphaDropout(0.4)),
                new Row("pixelShuffle(int)", pixelShuffle(2)),
                new Row("pixelUnshuffle(int)", Seq.of(pad(0, 1, 0, 0), pixelUnshuffle(2))),
                new Row("flatten()", flatten()),
                new Row("flatten(int)", flatten(2)),
                new Row("layerNorm(int[])", layerNorm()),
                new Row("layerNorm(int[])", layerNorm(6, 5).eps(0.1)),
                new Row("batchNorm(int)", batchNorm(4)),
                new Row("batchNorm()", batchNorm().affine(false).eps(0.1)),
                new Row("groupNorm(int, int)", groupNorm(2, 4)),
                new Row("groupNorm(int)", groupNorm(1).affine(false)),
                new Row("instanceNorm(int)", instanceNorm(4).affine(true)),
                new Row("instanceNorm()", instanceNorm().trackRunningStats(true)),
                new Row("rmsNorm(int[])", rmsNorm(6, 5)),
                new Row("reshape(int[])", reshape(10, -1)),
                new Row("unflatten(int, int[])", unflatten(-2, 3, -1)),
                new Row("permute(int[])", permute(0, 2, -1, 1)),
                new Row("dropout2d(double)", dropout2d(0.4)),
                new Row("localResponseNorm(int)", localResponseNorm(3).alpha(0.5)),
                new Row("localResponseNorm(int)", localResponseNorm(20).beta(-1).k(2)),
                new Row("prelu(int)", prelu(4)),
                new Row("squeezeExcite(int, int)", squeezeExcite(4, 2)),
                new Row(
                        "squeezeExcite(int)",
                        squeezeExcite(3).activation(silu()).scale(hardSigmoid())),
                new Row("softmax()", softmax()),
                new Row("logSoftmax()", logSoftmax()),
                new Row("residual(Layer)", residual(conv(4, 4, 3).pad(1))),
                new Row(
                        "residual(Layer)",
                        residual(conv(4, 2, 3).pad(1).stride(2))
                                .shortcut(conv(4, 2, 1).stride(2))),
                new Row(
                        "concat(Layer[])",
                        concat(conv(4, 2, 1), identity(), conv(4, 1, 3).pad(1))),
                new Row(
                        "product(Layer[])",
                        Layers.product(
                                Seq.of(conv(4, 3, 1), silu()), conv(4, 3, 3).pad(1))),
                new Row(
                        "linear(int)",
                        Seq.of(conv(4, 3).pad(1), gelu(), maxPool(2), flatten(), linear(5), tanh(), linear(5, 2))));
    }

    static Stream<Row> onRows() {
        return Stream.of(
                new Row("linear(int, int)", linear(6, 4)),
                new Row("linear(int)", linear(4).bias(false)),
                new Row("relu()", relu()),
                new Row("leakyRelu()", leakyRelu()),
                new Row("leakyRelu(double)", leakyRelu(0.2)),
                new Row("rRelu()", rRelu()),
                new Row("rRelu(double, double)", rRelu(-0.5, 0.5)),
                new Row("elu()", elu()),
                new Row("elu(double)", elu(0.5)),
                new Row("sigmoid()", sigmoid()),
                new Row("tanh()", tanh()),
                new Row("gelu()", gelu()),
                new Row("silu()", silu()),
                new Row("softplus()", softplus()),
                new Row("gelu(Gelu)", gelu(Gelu.TANH)),
                new Row("softplus(double)", softplus(3)),
                new Row("softplus(double, double)", softplus(-2, 1)),
                new Row("relu6()", Seq.of(times(5), relu6())),
                new Row("hardTanh()", hardTanh()),
                new Row("hardTanh(double, double)", hardTanh(-1.2, 0.3)),
                new Row("hardSigmoid()", Seq.of(times(3), hardSigmoid())),
                new Row("hardSwish()", Seq.of(times(3), hardSwish())),
                new Row("mish()", mish()),
                new Row("prelu()", prelu().init(-0.3)),
                new Row("selu()", selu()),
                new Row("celu()", celu()),
                new Row("celu(double)", celu(0.5)),
                new Row("softsign()", softsign()),
                new Row("softShrink()", softShrink()),
                new Row("softShrink(double)", softShrink(0.9)),
                new Row("hardShrink()", hardShrink()),
                new Row("hardShrink(double)", hardShrink(0.9)),
                new Row("tanhShrink()", tanhShrink()),
                new Row("threshold(double, double)", threshold(0.4, -7)),
                new Row("logSigmoid()", logSigmoid()),
                new Row("glu()", glu()),
                new Row("glu(int)", glu(1)),
                new Row("alphaDropout(double)", alphaDropout(0.4)),
                new Row(
                        "cosineSimilarity(String)",
                        Seq.of(as("x"), linear(4), as("y"), input("x"), linear(4), cosineSimilarity("y"))),
                new Row(
                        "bilinear(int, int, int)",
                        Seq.of(as("x"), linear(4), as("other"), input("x"), bilinear(6, 4, 3))),
                new Row(
                        "pairwiseDistance(String)",
                        Seq.of(as("x"), linear(4), as("y"), input("x"), linear(4), pairwiseDistance("y"))),
                new Row(
                        "pairwiseDistance(String)",
                        Seq.of(
                                as("x"),
                                linear(4),
                                as("y"),
                                input("x"),
                                linear(4),
                                pairwiseDistance("y").p(3).keepDim(true))),
                new Row("softmax(int)", softmax(-1)),
                new Row("softmin(int)", softmin(-1)),
                new Row("repeat(int, Layer)", repeat(2, linear(6, 6))),
                new Row("logSoftmax(int)", logSoftmax(1)),
                new Row("dropout(double)", dropout(0.4)),
                new Row("layerNorm(int[])", layerNorm(6).bias(false)),
                new Row("layerNorm(int[])", layerNorm(6).affine(false)),
                new Row("identity()", identity()),
                new Row("layer(String, Layer)", layer("swish()", (scope, x) -> x.mul(x.sigmoid()))),
                new Row("as(String)", as("x")),
                new Row(
                        "input(String)",
                        Seq.of(as("x"), linear(4), tanh(), as("y"), input("x"), linear(4), product("y"))),
                new Row("output(String)", output("x")),
                new Row("inline(Layer)", inline(linear(6, 6))),
                new Row("shared(Layer)", shared(linear(6, 6))),
                new Row("residual(Layer)", residual(linear(6, 6))));
    }

    static Stream<Row> onSteps() {
        return Stream.of(
                new Row("rnn(int)", rnn(2).relu()),
                new Row("rnn(int, int)", rnn(3, 2).bidirectional()),
                new Row("lstm(int)", lstm(2).layers(2).bias(false)),
                new Row("lstm(int, int)", lstm(3, 2).bidirectional().layers(2).dropout(0.5)),
                new Row(
                        "lstm(int, int)",
                        lstm(3, 3).projection(2).bidirectional().layers(2)),
                new Row("gru(int)", gru(2).last()),
                new Row("gru(int, int)", gru(3, 2).bidirectional().last()),
                new Row("embedding(int, int)", ids(embedding(4, 3))),
                new Row("embedding(int, int)", ids(embedding(5, 2).paddingIndex(-1))),
                new Row("embedding(Tensor)", ids(embedding(Tensor.full(0.5f, 4, 2)))),
                new Row("embeddingBag(int, int)", ids(embeddingBag(4, 3).paddingIndex(1))),
                new Row("embeddingBag(int, int)", ids(embeddingBag(4, 3).max())));
    }

    /** A layer of ids, whose outputs are multiplied with the input. */
    private static Layer ids(Layer layer) {
        Expr ids = Expr.constant(Tensor.labels(0, 3, 1, 1, 2, 1).reshape(2, 3));
        return (scope, x) -> layer.apply(scope, ids).mul(x.sum());
    }

    /** Images N×4×H×W as volumes N×2×2×H×W. */
    private static Layer volumes() {
        return unflatten(1, 2, 2);
    }

    private static Layer times(double factor) {
        return (scope, x) -> x.mul(factor);
    }

    /** On sequences N×C×L. */
    static Stream<Row> onChannels() {
        return Stream.of(
                new Row("conv1d(int, int, int)", conv1d(3, 2, 3).stride(2).pad(1)),
                new Row("conv1d(int, int)", conv1d(3, 2).pad("same").groups(3)),
                new Row(
                        "convTranspose1d(int, int, int)",
                        convTranspose1d(3, 2, 3).stride(2).outputPad(1)),
                new Row("convTranspose1d(int, int)", convTranspose1d(2, 2).dilation(2)),
                new Row("maxPool1d(int)", maxPool1d(2).stride(3).ceilMode(true)),
                new Row(
                        "maxUnpool1d(String, int)",
                        Seq.of(
                                maxPool1d(2).stride(3).indices("at"),
                                maxUnpool1d("at", 2).stride(3).size(7))),
                new Row("avgPool1d(int)", avgPool1d(3).pad(1).countIncludePad(false)),
                new Row("lpPool1d(double, int)", lpPool1d(2, 3)),
                new Row("adaptiveAvgPool1d(int)", adaptiveAvgPool1d(3)),
                new Row("adaptiveMaxPool1d(int)", adaptiveMaxPool1d(4)),
                new Row("pad1d(int)", pad1d(2).reflect()),
                new Row("pad1d(int, int)", pad1d(-1, 3).circular()));
    }

    private static Layer product(String other) {
        return (scope, x) -> x.mul(scope.value(other));
    }

    static Stream<Row> onSequences() {
        return Stream.of(
                new Row("multiHeadAttention(int, int)", multiHeadAttention(4, 2).dropout(0.3)),
                new Row(
                        "multiHeadAttention(int, int)",
                        multiHeadAttention(4, 2).keyHeads(1).causal().rotary()),
                new Row(
                        "transformerEncoderLayer(int, int)",
                        transformerEncoderLayer(4, 2).feedForward(6)),
                new Row(
                        "transformerEncoderLayer(int, int)",
                        transformerEncoderLayer(4, 1)
                                .feedForward(5)
                                .activation(gelu())
                                .normFirst()
                                .causal()),
                new Row(
                        "transformerDecoderLayer(int, int)",
                        Seq.of(as("memory"), transformerDecoderLayer(4, 2).feedForward(6))),
                new Row("positionalEncoding()", positionalEncoding()),
                new Row("positionalEncoding()", positionalEncoding().learned(7)));
    }

    @Test
    void everyLayerHasARow() {
        Factories.requireRows(
                Layers.class,
                Stream.of(onImages(), onRows(), onSequences(), onSteps(), onChannels())
                        .flatMap(rows -> rows)
                        .map(Row::factory)
                        .toList());
    }

    @ParameterizedTest
    @MethodSource("onImages")
    void gradientsOnImagesAreSlopes(Row row) {
        Numeric.checkGradient(row.layer, true, Numeric.normal(IMAGES, 1));
    }

    @ParameterizedTest
    @MethodSource("onRows")
    void gradientsOnRowsAreSlopes(Row row) {
        Numeric.checkGradient(row.layer, true, Numeric.normal(ROWS, 1));
    }

    @ParameterizedTest
    @MethodSource("onSequences")
    void gradientsOnSequencesAreSlopes(Row row) {
        Numeric.checkGradient(row.layer, true, Numeric.normal(SEQUENCES, 1));
        assertThat(shape(row.layer, SEQUENCES)).isEqualTo(SEQUENCES);
    }

    @ParameterizedTest
    @MethodSource("onSteps")
    void gradientsOnStepsAreSlopes(Row row) {
        Numeric.checkGradient(row.layer, true, Numeric.normal(Shape.of(2, 3, 3), 1));
    }

    @ParameterizedTest
    @MethodSource("onChannels")
    void gradientsOnChannelsAreSlopes(Row row) {
        Numeric.checkGradient(row.layer, true, Numeric.normal(Shape.of(2, 3, 7), 1));
    }

    @Property(tries = 200)
    void convolutionsFollowTheShapeLaw(
            @ForAll @IntRange(min = 1, max = 9) int h,
            @ForAll @IntRange(min = 1, max = 9) int w,
            @ForAll @IntRange(min = 1, max = 3) int kh,
            @ForAll @IntRange(min = 1, max = 3) int kw,
            @ForAll @IntRange(min = 1, max = 3) int stride,
            @ForAll @IntRange(min = 0, max = 2) int pad,
            @ForAll @IntRange(min = 1, max = 2) int dilation,
            @ForAll @IntRange(min = 1, max = 2) int groups) {
        int oh = extent(h, kh, stride, pad, dilation);
        int ow = extent(w, kw, stride, pad, dilation);
        if (oh > 0 && ow > 0) {
            Layer layer = conv(2, 4, kh, kw)
                    .stride(stride)
                    .pad(pad)
                    .dilation(dilation)
                    .groups(groups);
            assertThat(shape(layer, Shape.of(2, 2, h, w))).isEqualTo(Shape.of(2, 4, oh, ow));
            assertThat(Numeric.run(layer, false, Numeric.normal(Shape.of(1, 2, h, w), 1))
                            .shape())
                    .isEqualTo(Shape.of(1, 4, oh, ow));
        }
    }

    @Property(tries = 200)
    void poolingsFollowTheShapeLaw(
            @ForAll @IntRange(min = 4, max = 9) int h,
            @ForAll @IntRange(min = 4, max = 9) int w,
            @ForAll @IntRange(min = 2, max = 4) int kernel,
            @ForAll @IntRange(min = 1, max = 3) int stride,
            @ForAll @IntRange(min = 0, max = 1) int pad) {
        Shape expected = Shape.of(2, 3, extent(h, kernel, stride, pad, 1), extent(w, kernel, stride, pad, 1));
        Shape input = Shape.of(2, 3, h, w);
        assertThat(shape(maxPool(kernel).stride(stride).pad(pad), input)).isEqualTo(expected);
        assertThat(shape(avgPool(kernel).stride(stride).pad(pad), input)).isEqualTo(expected);
    }

    @Property(tries = 100)
    void linearKeepsAllAxesButTheLast(
            @ForAll @IntRange(min = 1, max = 4) int n,
            @ForAll @IntRange(min = 1, max = 4) int t,
            @ForAll @IntRange(min = 1, max = 5) int in,
            @ForAll @IntRange(min = 1, max = 5) int out) {
        assertThat(shape(linear(in, out), Shape.of(n, in))).isEqualTo(Shape.of(n, out));
        assertThat(shape(linear(out), Shape.of(n, t, in))).isEqualTo(Shape.of(n, t, out));
        assertThat(shape(linear(in, out), Shape.of(n, t, 2, in))).isEqualTo(Shape.of(n, t, 2, out));
        assertThat(shape(flatten(), Shape.of(n, t, in))).isEqualTo(Shape.of(n, t * in));
        assertThat(shape(reshape(in, t), Shape.of(n, t, in))).isEqualTo(Shape.of(n, in, t));
    }

    @Test
    void linearMultipliesByTheTransposedWeightAndAddsTheBias() {
        Layer layer = linear(2, 3).weightInit(counting()).biasInit(Initializers.constant(10));
        Value y = Numeric.run(layer, false, Numeric.value(Shape.of(1, 2), 1, 2));
        assertThat(y.data()).containsExactly(10 + 2, 10 + 2 + 6, 10 + 4 + 10);
        Value deep = Numeric.run(layer, false, Numeric.value(Shape.of(1, 2, 2), 1, 2, 0, 1));
        assertThat(deep.data()).containsExactly(12, 18, 24, 11, 13, 15);
    }

    @Test
    void anInferredSizeIsTheGivenOne() {
        Value x = Numeric.normal(IMAGES, 4);
        assertThat(Numeric.run(conv(5, 3).kernel(3, 2), false, x)).isEqualTo(Numeric.run(conv(4, 5, 3, 2), false, x));
    }

    @Test
    void dropoutDropsInTrainingOnlyAndKeepsTheMean() {
        double[] ones = new double[20_000];
        Arrays.fill(ones, 1);
        Value x = Numeric.vector(ones);
        assertThat(Numeric.run(dropout(0.3), false, x)).isEqualTo(x);
        assertThat(Numeric.run(dropout(0), true, x)).isEqualTo(x);
        double[] dropped = Numeric.run(dropout(0.3), true, x).data();
        assertThat(Arrays.stream(dropped).distinct().sorted().toArray()).containsExactly(0, 1 / 0.7);
        assertThat(Arrays.stream(dropped).average().orElse(0)).isCloseTo(1, within(0.02));
    }

    /** As PyTorch has it: all elements are 0, and what is none stays none. */
    @Test
    void dropoutOfEverything() {
        Value x = Numeric.value(Shape.of(1, 2, 1), 3, Double.NaN);
        for (Layer layer : List.of(dropout(1), dropout2d(1), alphaDropout(1), featureAlphaDropout(1))) {
            assertThat(Numeric.run(layer, true, x).data()).containsExactly(0, Double.NaN);
            assertThat(Numeric.run(layer, false, x)).isEqualTo(x);
        }
    }

    @Test
    void dropout2dDropsWholeChannels() {
        double[] ones = new double[2 * 500 * 6];
        Arrays.fill(ones, 1);
        double[] dropped = Numeric.run(dropout2d(0.3), true, Numeric.value(Shape.of(2, 500, 3, 2), ones))
                .data();
        for (int i = 0; i < dropped.length; i++) {
            assertThat(dropped[i]).isEqualTo(dropped[i - i % 6]).isIn(0.0, 1 / 0.7);
        }
        assertThat(Arrays.stream(dropped).average().orElse(0)).isCloseTo(1, within(0.1));
    }

    /** Mean 0 and variance 1 stay; the values are PyTorch's. */
    @Test
    void alphaDropoutKeepsMeanAndVariance() {
        double[] data =
                new Random(1).doubles(20_000, -Math.sqrt(3), Math.sqrt(3)).toArray();
        double[] dropped =
                Numeric.run(alphaDropout(0.3), true, Numeric.vector(data)).data();
        double a = 1 / Math.sqrt((1.7580993408473766 * 1.7580993408473766 * 0.3 + 1) * 0.7);
        double least = -1.7580993408473766 * a * 0.7;
        double shift = 1.7580993408473766 * a * 0.3;
        int kept = 0;
        for (int i = 0; i < data.length; i++) {
            boolean isKept = Math.abs(dropped[i] - (data[i] * a + shift)) < 1e-12;
            kept += isKept ? 1 : 0;
            assertThat(isKept || Math.abs(dropped[i] - least) < 1e-12).isTrue();
        }
        assertThat(kept / 20_000.0).isCloseTo(0.7, within(0.02));
        assertThat(Arrays.stream(dropped).average().orElse(1)).isCloseTo(0, within(0.03));
        assertThat(Arrays.stream(dropped).map(x -> x * x).average().orElse(0)).isCloseTo(1, within(0.04));
    }

    @Test
    void twoDropoutsDropDifferently() {
        double[] data = new double[64];
        Arrays.fill(data, 1);
        Scope scope = Scope.root(true);
        Expr x = Expr.input("input", Shape.of(64));
        Value[] ys = new Value[2];
        for (int i = 0; i < 2; i++) {
            ys[i] = Numeric.interpreter(scope, Numeric.vector(data))
                    .evaluate(dropout(0.5).apply(scope, x));
        }
        assertThat(ys[0]).isNotEqualTo(ys[1]);
    }

    @Test
    void activationsHaveTheirTextbookValues() {
        Value x = Numeric.value(Shape.of(1, 2), -1, 2);
        assertValues(relu(), x, 0, 2);
        assertValues(leakyRelu(), x, -0.01, 2);
        assertValues(elu(), x, Math.expm1(-1), 2);
        assertValues(sigmoid(), x, 0.2689414213699951, 0.8807970779778823);
        assertValues(tanh(), x, -0.7615941559557649, 0.9640275800758169);
        assertValues(gelu(), x, -0.15865525393145707, 1.9544997361036416);
        assertValues(silu(), x, -0.2689414213699951, 1.7615941559557646);
        assertValues(softplus(), x, 0.31326168751822286, 2.1269280110429727);
        assertValues(softmax(), x, 0.04742587317756678, 0.9525741268224334);
        assertValues(logSoftmax(), x, -3.048587351573742, -0.04858735157374196);
    }

    @Test
    void layersPrintAsWritten() {
        assertThat(conv(3, 32, 5).pad(2)).hasToString("conv(3, 32, 5).pad(2)");
        assertThat(conv(4, 8, 3, 5)
                        .stride(2, 1)
                        .dilation(2)
                        .groups(4)
                        .bias(false)
                        .weightInit(Initializers.kaimingNormal())
                        .named("stem"))
                .hasToString("conv(4, 8, 3, 5).stride(2, 1).dilation(2).groups(4).bias(false)"
                        + ".weightInit(kaimingNormal()).named(\"stem\")");
        assertThat(conv(8, 3)).hasToString("conv(8, 3)");
        assertThat(conv(8, 3).kernel(3, 1)).hasToString("conv(8, 3).kernel(3, 1)");
        assertThat(maxPool(3).stride(2).pad(1)).hasToString("maxPool(3).stride(2).pad(1)");
        assertThat(avgPool(2, 3)).hasToString("avgPool(2, 3)");
        assertThat(linear(64).biasInit(Initializers.zeros())).hasToString("linear(64).biasInit(zeros())");
        assertThat(linear(64).weightInit(counting()).biasInit(counting()))
                .hasToString("linear(64).weightInit(lambda).biasInit(lambda)");
        assertThat(conv(8, 3).weightInit(counting()).biasInit(counting()))
                .hasToString("conv(8, 3).weightInit(lambda).biasInit(lambda)");
        assertThat(dropout(0.5)).hasToString("dropout(0.5)");
        assertThat(Seq.of(flatten(), relu().named("act")).named("tail"))
                .hasToString("Seq.of(flatten(), relu().named(\"act\")).named(\"tail\")");
        assertThat(residual(linear(3)).shortcut(linear(4))).hasToString("residual(…).shortcut(linear(4))");
        assertThat(reshape(3, -1)).hasToString("reshape(3, -1)");
        assertThat(unflatten(-1, 3, 4)).hasToString("unflatten(-1, 3, 4)");
        assertThat(softplus(2, 10)).hasToString("softplus(2, 10)");
        assertThat(prelu(3).init(0.1).named("p")).hasToString("prelu(3).init(0.1).named(\"p\")");
        assertThat(localResponseNorm(5).alpha(1).beta(0.5).k(2))
                .hasToString("localResponseNorm(5).alpha(1).beta(0.5).k(2)");
        assertThat(cosineSimilarity("y").axis(-1).eps(1)).hasToString("cosineSimilarity(\"y\").axis(-1).eps(1)");
        assertThat(bilinear(2, 3, 4).bias(false).with("y")).hasToString("bilinear(2, 3, 4).bias(false).with(\"y\")");
        assertThat(squeezeExcite(8, 2).activation(silu()).scale(hardSigmoid()))
                .hasToString("squeezeExcite(8, 2).activation(silu()).scale(hardSigmoid())");
        assertThat(Stream.of(
                                conv1d(4, 8, 3).stride(2).pad(1),
                                conv1d(8, 3).named("c"),
                                conv(3, 8, 4).pad("same"),
                                depthwise(8, 3).pad(1),
                                separable(8, 16, 3).stride(2).pad(1).bias(false),
                                convTranspose(8, 4, 2, 3).stride(2, 1).pad(1).outputPad(1, 0),
                                convTranspose1d(8, 4).stride(3),
                                maxPool(3).pad(1).dilation(2).ceilMode(true),
                                avgPool1d(3).countIncludePad(false),
                                avgPool(2).divisor(3),
                                lpPool(2, 3).stride(1),
                                lpPool1d(2, 3),
                                adaptiveAvgPool(7, 5),
                                adaptiveMaxPool1d(3),
                                pad(1, 2, 3, 4).reflect(),
                                pad1d(2).value(-1),
                                upsample(2).bilinear(),
                                resize(4, 5).exact().named("r"),
                                pixelShuffle(3))
                        .map(Layer::toString))
                .containsExactly(
                        "conv1d(4, 8, 3).stride(2).pad(1)",
                        "conv1d(8, 3).named(\"c\")",
                        "conv(3, 8, 4).pad(\"same\")",
                        "conv(8, 8, 3).pad(1).groups(8)",
                        "separable(8, 16, 3).stride(2).pad(1).bias(false)",
                        "convTranspose(8, 4, 2, 3).stride(2, 1).pad(1).outputPad(1, 0)",
                        "convTranspose1d(8, 4).stride(3)",
                        "maxPool(3).pad(1).dilation(2).ceilMode(true)",
                        "avgPool1d(3).countIncludePad(false)",
                        "avgPool(2).divisor(3)",
                        "lpPool(2, 3).stride(1)",
                        "lpPool1d(2, 3)",
                        "adaptiveAvgPool(7, 5)",
                        "adaptiveMaxPool1d(3)",
                        "pad(1, 2, 3, 4).reflect()",
                        "pad1d(2).value(-1)",
                        "upsample(2).bilinear()",
                        "resize(4, 5).exact().named(\"r\")",
                        "pixelShuffle(3)");
    }

    @Test
    void equalLayersOnDifferentLinesAreEqual() {
        Layer first = conv(3, 4, 5).pad(1);
        Layer second = conv(3, 4, 5).pad(1);
        assertThat(first).isEqualTo(second).hasSameHashCodeAs(second).isNotEqualTo(conv(3, 4, 5));
    }

    private static Initializer counting() {
        return (values, shape, random) -> {
            for (int i = 0; i < values.length; i++) {
                values[i] = i;
            }
        };
    }

    private static void assertValues(Layer layer, Value x, double... expected) {
        assertThat(Numeric.run(layer, false, x).data()).containsExactly(expected, within(1e-14));
    }

    private static int extent(int in, int kernel, int stride, int pad, int dilation) {
        return Math.floorDiv(in + 2 * pad - dilation * (kernel - 1) - 1, stride) + 1;
    }

    private static Shape shape(Layer layer, Shape input) {
        return layer.apply(Scope.root(true), Expr.input("input", input)).shape();
    }
}
