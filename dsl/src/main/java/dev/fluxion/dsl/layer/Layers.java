package dev.fluxion.dsl.layer;

import dev.fluxion.Layer;
import dev.fluxion.Scope;
import dev.fluxion.Tensor;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Checks;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.dsl.layer.Pool.Kind;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.RecurrentCell;
import dev.fluxion.ir.Size;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * The layers, to be imported statically. Inputs have the batch along their first axis; images are N×C×H×W.
 *
 * <pre>{@code
 * Seq.of(conv(3, 32, 5).pad(2), maxPool(2), flatten(), linear(64), relu(), linear(64, 10))
 * }</pre>
 *
 * <p>Sizes of inputs may be left out: {@code conv(32, 5)} and {@code linear(64)} infer them. An invalid argument is
 * an {@link IllegalArgumentException} here, and an input that does not fit is a {@link dev.fluxion.ir.ShapeException}
 * when the model is built; both name the layer and its source line.
 *
 * <p>Parameters are named by the position of their layer in the enclosing layer, or by the layer's own name: those of
 * {@code linear(64, 10).named("head")} are {@code head.weight} and {@code head.bias}. Two parts of one layer with the
 * same name are an {@link IllegalArgumentException}, which names both.
 */
public final class Layers {
    /** λ of shrinking activations. */
    private static final double HALF = 0.5;

    /** Where the slopes of an rRelu begin and end. */
    private static final double RRELU_LOWER = 1.0 / 8;

    private static final double RRELU_UPPER = 1.0 / 3;

    private Layers() {}

    /**
     * A convolution with a square kernel, stride 1 and no padding.
     *
     * @param in the number of input channels
     * @param out the number of output channels
     * @param kernel the height and width of the kernel
     */
    public static Conv conv(int in, int out, int kernel) {
        return conv(in, out, kernel, kernel);
    }

    /** A convolution with a kernel of a height and a width, stride 1 and no padding. */
    public static Conv conv(int in, int out, int kernelHeight, int kernelWidth) {
        CallSite callSite = CallSite.caller();
        Arguments.requireAtLeast(Text.call("conv", in, out, kernelHeight), callSite, "in", 1, in);
        return Conv.of(Spatial.IMAGES, in, out, Size.of(kernelHeight, kernelWidth), callSite);
    }

    /** A convolution that infers the number of its input channels. */
    public static Conv conv(int out, int kernel) {
        return Conv.of(Spatial.IMAGES, Conv.INFERRED, out, Size.of(kernel), CallSite.caller());
    }

    /** A convolution of sequences N×in×L, with stride 1 and no padding. */
    public static Conv conv1d(int in, int out, int kernel) {
        CallSite callSite = CallSite.caller();
        Arguments.requireAtLeast(Text.call("conv1d", in, out, kernel), callSite, "in", 1, in);
        return Conv.of(Spatial.SEQUENCES, in, out, Size.of(1, kernel), callSite);
    }

    /** A convolution of sequences that infers the number of its input channels. */
    public static Conv conv1d(int out, int kernel) {
        return Conv.of(Spatial.SEQUENCES, Conv.INFERRED, out, Size.of(1, kernel), CallSite.caller());
    }

    /** A convolution of volumes N×in×D×H×W with a cube as its kernel, stride 1 and no padding. */
    public static Conv3d conv3d(int in, int out, int kernel) {
        CallSite callSite = CallSite.caller();
        Arguments.requireAtLeast(Text.call("conv3d", in, out, kernel), callSite, "in", 1, in);
        return Conv3d.of(in, out, kernel, callSite);
    }

    /** A convolution of volumes that infers the number of its input channels. */
    public static Conv3d conv3d(int out, int kernel) {
        return Conv3d.of(Conv.INFERRED, out, kernel, CallSite.caller());
    }

    /** A convolution of each channel by itself, with a square kernel: one with as many groups as channels. */
    public static Conv depthwise(int channels, int kernel) {
        CallSite callSite = CallSite.caller();
        Arguments.requireAtLeast(
                Text.call("depthwise", channels, kernel), callSite, "the number of channels", 1, channels);
        return Conv.of(Spatial.IMAGES, channels, channels, Size.of(kernel), callSite)
                .groups(channels);
    }

    /** A convolution of each channel by itself, with a square kernel, and one with a kernel of 1 over all channels. */
    public static Separable separable(int in, int out, int kernel) {
        CallSite callSite = CallSite.caller();
        Arguments.requireAtLeast(Text.call("separable", in, out, kernel), callSite, "in", 1, in);
        Conv each = Conv.of(Spatial.IMAGES, in, in, Size.of(kernel), callSite).groups(in);
        return new Separable(each, Conv.of(Spatial.IMAGES, in, out, Size.of(1), callSite), "", callSite);
    }

    /** A transposed convolution with a square kernel, stride 1, and nothing cut off. */
    public static ConvTranspose convTranspose(int in, int out, int kernel) {
        return convTranspose(in, out, kernel, kernel);
    }

    /** A transposed convolution with a kernel of a height and a width, stride 1, and nothing cut off. */
    public static ConvTranspose convTranspose(int in, int out, int kernelHeight, int kernelWidth) {
        CallSite callSite = CallSite.caller();
        Arguments.requireAtLeast(Text.call("convTranspose", in, out, kernelHeight), callSite, "in", 1, in);
        return ConvTranspose.of(Spatial.IMAGES, in, out, Size.of(kernelHeight, kernelWidth), callSite);
    }

    /** A transposed convolution that infers the number of its input channels. */
    public static ConvTranspose convTranspose(int out, int kernel) {
        return ConvTranspose.of(Spatial.IMAGES, Conv.INFERRED, out, Size.of(kernel), CallSite.caller());
    }

    /** A transposed convolution of sequences N×in×L, with stride 1 and nothing cut off. */
    public static ConvTranspose convTranspose1d(int in, int out, int kernel) {
        CallSite callSite = CallSite.caller();
        Arguments.requireAtLeast(Text.call("convTranspose1d", in, out, kernel), callSite, "in", 1, in);
        return ConvTranspose.of(Spatial.SEQUENCES, in, out, Size.of(1, kernel), callSite);
    }

    /** A transposed convolution of sequences that infers the number of its input channels. */
    public static ConvTranspose convTranspose1d(int out, int kernel) {
        return ConvTranspose.of(Spatial.SEQUENCES, Conv.INFERRED, out, Size.of(1, kernel), CallSite.caller());
    }

    /**
     * A fully connected layer along the last axis.
     *
     * @param in the number of input features
     * @param out the number of output features
     */
    public static Linear linear(int in, int out) {
        CallSite callSite = CallSite.caller();
        Arguments.requireAtLeast(Text.call("linear", in, out), callSite, "in", 1, in);
        return new Linear(in, out, true, Initializers.fanIn(), null, "", "", callSite);
    }

    /** A fully connected layer that infers the number of its input features, for inputs of rank 2 or 3. */
    public static Linear linear(int out) {
        return new Linear(Linear.INFERRED, out, true, Initializers.fanIn(), null, "", "", CallSite.caller());
    }

    /**
     * Each row, all that lies along the last axes, with mean 0 and variance 1, times a weight plus a bias.
     *
     * @param extents the extents of a row; none for the last axis of the input
     */
    public static LayerNorm layerNorm(int... extents) {
        List<Integer> row = Arrays.stream(Given.require("layerNorm", "the extents of a row", extents))
                .boxed()
                .toList();
        return new LayerNorm(row, LayerNorm.EPS, true, true, "", CallSite.caller());
    }

    /** Each channel, axis 1, with mean 0 and variance 1 over the batch in training, times a weight plus a bias. */
    public static BatchNorm batchNorm(int channels) {
        Arguments.requireAtLeast(
                Text.call("batchNorm", channels), CallSite.caller(), "the number of channels", 1, channels);
        return new BatchNorm(
                channels, BatchNorm.EPS, BatchNorm.MOMENTUM, false, true, true, true, "", CallSite.caller());
    }

    /** A batch normalisation that infers the number of channels. */
    public static BatchNorm batchNorm() {
        return new BatchNorm(
                Channels.INFERRED, BatchNorm.EPS, BatchNorm.MOMENTUM, false, true, true, true, "", CallSite.caller());
    }

    /** Each of so many groups of channels, axis 1, of each sample with mean 0 and variance 1, times a weight plus a bias. */
    public static GroupNorm groupNorm(int groups, int channels) {
        Arguments.requireAtLeast(
                Text.call("groupNorm", groups, channels), CallSite.caller(), "the number of channels", 1, channels);
        return new GroupNorm(groups, channels, GroupNorm.EPS, true, true, "", CallSite.caller());
    }

    /** A group normalisation that infers the number of channels. */
    public static GroupNorm groupNorm(int groups) {
        return new GroupNorm(groups, Channels.INFERRED, GroupNorm.EPS, true, true, "", CallSite.caller());
    }

    /** Each channel, axis 1, of each sample with mean 0 and variance 1; without weights at first. */
    public static InstanceNorm instanceNorm(int channels) {
        Arguments.requireAtLeast(
                Text.call("instanceNorm", channels), CallSite.caller(), "the number of channels", 1, channels);
        return new InstanceNorm(
                channels, InstanceNorm.EPS, InstanceNorm.MOMENTUM, false, true, false, "", CallSite.caller());
    }

    /** An instance normalisation that infers the number of channels. */
    public static InstanceNorm instanceNorm() {
        return new InstanceNorm(
                Channels.INFERRED, InstanceNorm.EPS, InstanceNorm.MOMENTUM, false, true, false, "", CallSite.caller());
    }

    /**
     * Each row, all that lies along the last axes, with mean square 1, times a weight.
     *
     * @param extents the extents of a row; none for the last axis of the input
     */
    public static RmsNorm rmsNorm(int... extents) {
        List<Integer> row = Arrays.stream(Given.require("rmsNorm", "the extents of a row", extents))
                .boxed()
                .toList();
        return new RmsNorm(row, RmsNorm.EPS, true, "", CallSite.caller());
    }

    /**
     * A vector for each id of a vocabulary: integers N×… become N×…×width.
     *
     * @param vocabulary the number of ids, from 0
     * @param width the extent of a vector
     */
    public static Embedding embedding(int vocabulary, int width) {
        return new Embedding(EmbeddingTable.of(vocabulary, width), "", CallSite.caller());
    }

    /** The given vectors vocabulary×width, copied, as the first values of an embedding. */
    public static Embedding embedding(Tensor vectors) {
        CallSite callSite = CallSite.caller();
        return new Embedding(EmbeddingTable.of("embedding", callSite, vectors), "", callSite);
    }

    /** The mean of the vectors of some ids, or their sum or maximum: integers N×L become N×width. */
    public static EmbeddingBag embeddingBag(int vocabulary, int width) {
        EmbeddingTable table = EmbeddingTable.of(vocabulary, width);
        return new EmbeddingBag(table, EmbeddingBag.Mode.MEAN, "", "", CallSite.caller());
    }

    /** A recurrent layer, tanh(W·x + b + V·h + c), over sequences N×T×in; it infers in. */
    public static Recurrent rnn(int hidden) {
        return Recurrent.of(RecurrentCell.TANH, Recurrent.INFERRED, hidden, CallSite.caller());
    }

    /** A recurrent layer, tanh(W·x + b + V·h + c), over sequences N×T×in. */
    public static Recurrent rnn(int in, int hidden) {
        return recurrent("rnn", RecurrentCell.TANH, in, hidden, CallSite.caller());
    }

    /** Long short-term memory over sequences N×T×in; it infers in. */
    public static Recurrent lstm(int hidden) {
        return Recurrent.of(RecurrentCell.LSTM, Recurrent.INFERRED, hidden, CallSite.caller());
    }

    /** Long short-term memory over sequences N×T×in. */
    public static Recurrent lstm(int in, int hidden) {
        return recurrent("lstm", RecurrentCell.LSTM, in, hidden, CallSite.caller());
    }

    /** Gated recurrent units over sequences N×T×in; it infers in. */
    public static Recurrent gru(int hidden) {
        return Recurrent.of(RecurrentCell.GRU, Recurrent.INFERRED, hidden, CallSite.caller());
    }

    /** Gated recurrent units over sequences N×T×in. */
    public static Recurrent gru(int in, int hidden) {
        return recurrent("gru", RecurrentCell.GRU, in, hidden, CallSite.caller());
    }

    private static Recurrent recurrent(String name, RecurrentCell cell, int in, int hidden, CallSite callSite) {
        Arguments.requireAtLeast(Text.call(name, in, hidden), callSite, "in", 1, in);
        return Recurrent.of(cell, in, hidden, callSite);
    }

    /** The largest element of each square window; windows lie side by side. */
    public static Pool maxPool(int kernel) {
        return Pool.of(Kind.MAX, Spatial.IMAGES, Size.of(kernel), CallSite.caller());
    }

    /** The largest element of each window of a height and a width; windows lie side by side. */
    public static Pool maxPool(int kernelHeight, int kernelWidth) {
        return Pool.of(Kind.MAX, Spatial.IMAGES, Size.of(kernelHeight, kernelWidth), CallSite.caller());
    }

    /** The mean of each square window; windows lie side by side. */
    public static Pool avgPool(int kernel) {
        return Pool.of(Kind.AVG, Spatial.IMAGES, Size.of(kernel), CallSite.caller());
    }

    /** The mean of each window of a height and a width; windows lie side by side. */
    public static Pool avgPool(int kernelHeight, int kernelWidth) {
        return Pool.of(Kind.AVG, Spatial.IMAGES, Size.of(kernelHeight, kernelWidth), CallSite.caller());
    }

    /** The mean of each channel of images N×C×H×W: N×C. A flatten() after it changes nothing. */
    public static FunctionLayer globalAvgPool() {
        return plain("globalAvgPool()", x -> {
            Arguments.requireImages(x.shape());
            return x.mean(2, 3);
        });
    }

    /** The largest element of each channel of images N×C×H×W: N×C. A flatten() after it changes nothing. */
    public static FunctionLayer globalMaxPool() {
        return plain("globalMaxPool()", x -> {
            Arguments.requireImages(x.shape());
            Places.requirePlaces(x.shape());
            return x.maxPool(PoolSpec.of(Size.of(x.shape().dim(2), x.shape().dim(3))))
                    .reshape(x.shape().dim(0), x.shape().dim(1));
        });
    }

    /** The largest element of each window of sequences N×C×L; windows lie side by side. */
    public static Pool maxPool1d(int kernel) {
        return Pool.of(Kind.MAX, Spatial.SEQUENCES, Size.of(1, kernel), CallSite.caller());
    }

    /** The largest element of each cube of volumes N×C×D×H×W; windows lie side by side. */
    public static Pool3d maxPool3d(int kernel) {
        return Pool3d.of(Kind.MAX, kernel, CallSite.caller());
    }

    /** The mean of each cube of volumes N×C×D×H×W; windows lie side by side. */
    public static Pool3d avgPool3d(int kernel) {
        return Pool3d.of(Kind.AVG, kernel, CallSite.caller());
    }

    /** The mean of each window of sequences N×C×L; windows lie side by side. */
    public static Pool avgPool1d(int kernel) {
        return Pool.of(Kind.AVG, Spatial.SEQUENCES, Size.of(1, kernel), CallSite.caller());
    }

    /**
     * Elements back where a maxPool found them, with zeros around them; windows lie side by side.
     *
     * @param indices the name of the places, by {@link Pool#indices}
     * @param kernel the height and width of the windows
     */
    public static MaxUnpool maxUnpool(String indices, int kernel) {
        return MaxUnpool.of(indices, Spatial.IMAGES, kernel, CallSite.caller());
    }

    /** Elements of sequences back where a maxPool1d found them, with zeros around them; windows lie side by side. */
    public static MaxUnpool maxUnpool1d(String indices, int kernel) {
        return MaxUnpool.of(indices, Spatial.SEQUENCES, kernel, CallSite.caller());
    }

    /** The square windows of images N×C×H×W as columns, N×(C·kernel²)×L, with stride 1 and no padding. */
    public static Unfold unfold(int kernel) {
        return Unfold.of(Size.of(kernel), CallSite.caller());
    }

    /** The windows of a height and a width as columns, N×(C·kernelHeight·kernelWidth)×L, with stride 1 and no padding. */
    public static Unfold unfold(int kernelHeight, int kernelWidth) {
        return Unfold.of(Size.of(kernelHeight, kernelWidth), CallSite.caller());
    }

    /** Images of this height and width, of columns N×(C·kernel²)×L: the sums of square windows, with stride 1 and no padding. */
    public static Fold fold(int height, int width, int kernel) {
        return Fold.of(Size.of(height, width), Size.of(kernel), CallSite.caller());
    }

    /** (Σ xᵖ)^(1/p) of each square window; windows lie side by side. */
    public static LpPool lpPool(double norm, int kernel) {
        return LpPool.of(norm, Spatial.IMAGES, Size.of(kernel), CallSite.caller());
    }

    /** (Σ xᵖ)^(1/p) of each window of a height and a width; windows lie side by side. */
    public static LpPool lpPool(double norm, int kernelHeight, int kernelWidth) {
        return LpPool.of(norm, Spatial.IMAGES, Size.of(kernelHeight, kernelWidth), CallSite.caller());
    }

    /** (Σ xᵖ)^(1/p) of each window of sequences N×C×L; windows lie side by side. */
    public static LpPool lpPool1d(double norm, int kernel) {
        return LpPool.of(norm, Spatial.SEQUENCES, Size.of(1, kernel), CallSite.caller());
    }

    /** Means of as many windows as make images of this height and width. */
    public static AdaptivePool adaptiveAvgPool(int height, int width) {
        return new AdaptivePool(Kind.AVG, Spatial.IMAGES, Size.of(height, width), "", CallSite.caller());
    }

    /** Means of as many windows as make square images. */
    public static AdaptivePool adaptiveAvgPool(int size) {
        return new AdaptivePool(Kind.AVG, Spatial.IMAGES, Size.of(size), "", CallSite.caller());
    }

    /** Means of as many windows as make sequences of this length. */
    public static AdaptivePool adaptiveAvgPool1d(int length) {
        return new AdaptivePool(Kind.AVG, Spatial.SEQUENCES, Size.of(1, length), "", CallSite.caller());
    }

    /** Largest elements of as many windows as make images of this height and width. */
    public static AdaptivePool adaptiveMaxPool(int height, int width) {
        return new AdaptivePool(Kind.MAX, Spatial.IMAGES, Size.of(height, width), "", CallSite.caller());
    }

    /** Largest elements of as many windows as make square images. */
    public static AdaptivePool adaptiveMaxPool(int size) {
        return new AdaptivePool(Kind.MAX, Spatial.IMAGES, Size.of(size), "", CallSite.caller());
    }

    /** Largest elements of as many windows as make sequences of this length. */
    public static AdaptivePool adaptiveMaxPool1d(int length) {
        return new AdaptivePool(Kind.MAX, Spatial.SEQUENCES, Size.of(1, length), "", CallSite.caller());
    }

    /** Adds rows and columns of zeros on all four sides of images. */
    public static Pad pad(int all) {
        return Pad.of(Spatial.IMAGES, all, all, all, all, CallSite.caller());
    }

    /** Adds columns and rows of zeros around images; negative numbers cut off. */
    public static Pad pad(int left, int right, int top, int bottom) {
        return Pad.of(Spatial.IMAGES, left, right, top, bottom, CallSite.caller());
    }

    /** Adds zeros at both ends of sequences N×C×L. */
    public static Pad pad1d(int both) {
        return Pad.of(Spatial.SEQUENCES, both, both, 0, 0, CallSite.caller());
    }

    /** Adds zeros at the ends of sequences N×C×L; negative numbers cut off. */
    public static Pad pad1d(int left, int right) {
        return Pad.of(Spatial.SEQUENCES, left, right, 0, 0, CallSite.caller());
    }

    /** Images so many times as high and as wide, rounded down, by the nearest elements at first. */
    public static Resize upsample(double scale) {
        return new Resize(Resize.Mode.NEAREST, null, scale, "", CallSite.caller());
    }

    /** Images of this height and width, by the nearest elements at first. */
    public static Resize resize(int height, int width) {
        return new Resize(Resize.Mode.NEAREST, Size.of(height, width), 1, "", CallSite.caller());
    }

    /** Images N×(C·r²)×H×W as N×C×(H·r)×(W·r): channels become the places of a square (Shi et al., 2016). */
    public static FunctionLayer pixelShuffle(int factor) {
        return Shuffle.shuffle(factor, CallSite.caller());
    }

    /** Images N×C×(H·r)×(W·r) as N×(C·r²)×H×W: the opposite of {@link #pixelShuffle}. */
    public static FunctionLayer pixelUnshuffle(int factor) {
        return Shuffle.unshuffle(factor, CallSite.caller());
    }

    /** Channels, axis 1, in equal groups, and then the first of each group, the second of each and so on (Zhang et al., 2018). */
    public static FunctionLayer channelShuffle(int groups) {
        return Shuffle.channels(groups, CallSite.caller());
    }

    /** Merges all axes but the first: N×C×H×W becomes N×(C·H·W). */
    public static FunctionLayer flatten() {
        return plain("flatten()", x -> x.flatten(1));
    }

    /** Merges the axes from {@code start} on. */
    public static FunctionLayer flatten(int start) {
        return plain(Text.call("flatten", start), x -> x.flatten(start));
    }

    /**
     * Reshapes each sample, in row-major order; the batch axis stays.
     *
     * @param sample the new extents of a sample; one may be −1, which follows from the others
     */
    public static FunctionLayer reshape(int... sample) {
        int[] own = Given.require("reshape", "the extents of a sample", sample).clone();
        return plain(Text.call("reshape", own), x -> {
            int[] dims = new int[own.length + 1];
            dims[0] = x.shape().dim(0);
            System.arraycopy(own, 0, dims, 1, own.length);
            return x.reshape(dims);
        });
    }

    /**
     * Divides an axis into several, in row-major order.
     *
     * @param axis the axis; negative ones count from the last
     * @param extents the new extents in its place; one may be −1, which follows from the others
     */
    public static FunctionLayer unflatten(int axis, int... extents) {
        int[] own = Given.require("unflatten", "the extents", extents).clone();
        String text = "unflatten(" + axis + ", " + Text.call("", own).substring(1);
        return plain(text, x -> {
            int[] dims = x.shape().dims();
            int at = x.shape().axis(axis);
            IntStream front = Arrays.stream(dims, 0, at);
            IntStream behind = Arrays.stream(dims, at + 1, dims.length);
            return x.reshape(IntStream.concat(front, IntStream.concat(Arrays.stream(own), behind))
                    .toArray());
        });
    }

    /** The axes in another order, the batch's, 0, among them: axis i of the output is axis {@code order[i]} of the input. */
    public static FunctionLayer permute(int... order) {
        int[] own = Given.require("permute", "the order", order).clone();
        return plain(Text.call("permute", own), x -> x.transpose(own));
    }

    /** The input itself. */
    public static FunctionLayer identity() {
        return plain("identity()", x -> x);
    }

    /** max(x, 0); its derivative at 0 is 0. */
    public static FunctionLayer relu() {
        return plain("relu()", Expr::relu);
    }

    /** x where positive, x/100 elsewhere. */
    public static FunctionLayer leakyRelu() {
        return plain("leakyRelu()", x -> x.leakyRelu(0.01));
    }

    /** x where positive, {@code slope}·x elsewhere (Maas, Hannun and Ng, 2013). */
    public static FunctionLayer leakyRelu(double slope) {
        String text = Text.call("leakyRelu", slope);
        Arguments.requireFinite(text, CallSite.caller(), "slope", slope);
        return plain(text, x -> x.leakyRelu(slope));
    }

    /** x where positive, elsewhere x times a number drawn from ⅛ to ⅓ in training, and times their mean in inference. */
    public static FunctionLayer rRelu() {
        return new FunctionLayer(
                "rRelu()", (scope, x) -> Activations.rRelu(scope, x, RRELU_LOWER, RRELU_UPPER), "", CallSite.caller());
    }

    /**
     * x where positive, elsewhere x times a number drawn from {@code lower} to {@code upper} in training, and times their mean in
     * inference (Xu et al., 2015).
     */
    public static FunctionLayer rRelu(double lower, double upper) {
        CallSite callSite = CallSite.caller();
        String text = Text.call("rRelu", lower, upper);
        Arguments.requireFinite(text, callSite, "lower", lower);
        Arguments.requireFinite(text, callSite, "upper", upper);
        Numbers.require(upper >= lower, Text.place(text, callSite), "upper", "at least " + Text.number(lower), upper);
        return new FunctionLayer(text, (scope, x) -> Activations.rRelu(scope, x, lower, upper), "", callSite);
    }

    /** x where positive, eˣ − 1 elsewhere. */
    public static FunctionLayer elu() {
        return plain("elu()", x -> x.elu(1));
    }

    /** x where positive, α(eˣ − 1) elsewhere (Clevert, Unterthiner and Hochreiter, 2016). */
    public static FunctionLayer elu(double alpha) {
        String text = Text.call("elu", alpha);
        Arguments.requireFinite(text, CallSite.caller(), "alpha", alpha);
        return plain(text, x -> x.elu(alpha));
    }

    /** 1/(1 + e⁻ˣ). */
    public static FunctionLayer sigmoid() {
        return plain("sigmoid()", Expr::sigmoid);
    }

    /** The hyperbolic tangent. */
    public static FunctionLayer tanh() {
        return plain("tanh()", Expr::tanh);
    }

    /**
     * x·Φ(x), Φ the normal distribution function (Hendrycks and Gimpel, 2016), not the tanh form. The error of native
     * kernels is at most 4·10⁻⁷·|x|, up to 1 % of the value at −4, and that of the derivative at most 4·10⁻⁷.
     * gelu(−∞) is NaN, as in PyTorch; gelu(+∞) may be.
     */
    public static FunctionLayer gelu() {
        return plain("gelu()", Expr::gelu);
    }

    /** x·sigmoid(x), also called swish (Elfwing, Uchibe and Doya, 2018). silu(−∞) is NaN, as in PyTorch. */
    public static FunctionLayer silu() {
        return plain("silu()", Expr::silu);
    }

    /** x·Φ(x), exact or in the tanh form: {@code gelu(TANH)}. */
    public static FunctionLayer gelu(Gelu form) {
        Given.require("gelu", "the form", form);
        return form == Gelu.ERF ? gelu() : plain("gelu(TANH)", Expr::geluTanh);
    }

    /** log(1 + eˣ), without overflow. */
    public static FunctionLayer softplus() {
        return plain("softplus()", Expr::softplus);
    }

    /** log(1 + e^(βx))/β, and x where βx is above 20. */
    public static FunctionLayer softplus(double beta) {
        return softplus(Text.call("softplus", beta), CallSite.caller(), beta, Activations.LINEAR_FROM);
    }

    /** log(1 + e^(βx))/β, and x where βx is above a threshold. */
    public static FunctionLayer softplus(double beta, double threshold) {
        return softplus(Text.call("softplus", beta, threshold), CallSite.caller(), beta, threshold);
    }

    private static FunctionLayer softplus(String text, CallSite callSite, double beta, double threshold) {
        Arguments.requireNotZero(text, callSite, "beta", beta);
        Arguments.requireFinite(text, callSite, "threshold", threshold);
        return plain(text, x -> Activations.softplus(x, beta, threshold));
    }

    /** min(max(x, 0), 6). */
    public static FunctionLayer relu6() {
        return plain("relu6()", x -> Activations.hardTanh(x, 0, 6));
    }

    /** x between −1 and 1, and these beyond. */
    public static FunctionLayer hardTanh() {
        return plain("hardTanh()", x -> Activations.hardTanh(x, -1, 1));
    }

    /** x between two bounds, and these beyond. */
    public static FunctionLayer hardTanh(double least, double most) {
        CallSite callSite = CallSite.caller();
        String text = Text.call("hardTanh", least, most);
        Arguments.requireFinite(text, callSite, "the lower bound", least);
        Arguments.requireFinite(text, callSite, "the upper bound", most);
        Numbers.require(
                most > least, Text.place(text, callSite), "the upper bound", "above " + Text.number(least), most);
        return plain(text, x -> Activations.hardTanh(x, least, most));
    }

    /** min(max(x + 3, 0), 6)/6. */
    public static FunctionLayer hardSigmoid() {
        return plain("hardSigmoid()", Activations::hardSigmoid);
    }

    /** x·min(max(x + 3, 0), 6)/6 (Howard et al., "Searching for MobileNetV3", 2019). */
    public static FunctionLayer hardSwish() {
        return plain("hardSwish()", Expr::hardSwish);
    }

    /** x·tanh(log(1 + eˣ)) (Misra, 2019). mish(−∞) is NaN, as in PyTorch. */
    public static FunctionLayer mish() {
        return plain("mish()", Expr::mish);
    }

    /** x where positive, and elsewhere x times a weight that is learned, at first ¼. */
    public static Prelu prelu() {
        return Prelu.of(1, CallSite.caller());
    }

    /** x where positive, and elsewhere x times a weight of its channel, axis 1, that is learned, at first ¼. */
    public static Prelu prelu(int channels) {
        return Prelu.of(channels, CallSite.caller());
    }

    /** An elu that keeps mean 0 and variance 1 (Klambauer et al., "Self-normalizing neural networks", 2017). */
    public static FunctionLayer selu() {
        return plain("selu()", x -> x.elu(Activations.SELU_ALPHA).mul(Activations.SELU_SCALE));
    }

    /** x where positive, eˣ − 1 elsewhere: that of 1. */
    public static FunctionLayer celu() {
        return plain("celu()", x -> Activations.celu(x, 1));
    }

    /** x where positive, α(e^(x/α) − 1) elsewhere (Barron, 2017). */
    public static FunctionLayer celu(double alpha) {
        String text = Text.call("celu", alpha);
        Numbers.requirePositive(Text.place(text, CallSite.caller()), "alpha", alpha);
        return plain(text, x -> Activations.celu(x, alpha));
    }

    /** x/(1 + |x|). */
    public static FunctionLayer softsign() {
        return plain("softsign()", x -> x.div(x.abs().add(1)));
    }

    /** x drawn towards 0 by ½, at most to 0. */
    public static FunctionLayer softShrink() {
        return plain("softShrink()", x -> Activations.softShrink(x, HALF));
    }

    /** x drawn towards 0 by λ, at most to 0. */
    public static FunctionLayer softShrink(double lambda) {
        CallSite callSite = CallSite.caller();
        String text = Text.call("softShrink", lambda);
        Numbers.requireNotNegative(Text.place(text, callSite), "lambda", lambda);
        return plain(text, x -> Activations.softShrink(x, lambda));
    }

    /** x where |x| is above ½, 0 elsewhere. */
    public static FunctionLayer hardShrink() {
        return plain("hardShrink()", x -> Activations.hardShrink(x, HALF));
    }

    /** x where |x| is above λ, 0 elsewhere. */
    public static FunctionLayer hardShrink(double lambda) {
        String text = Text.call("hardShrink", lambda);
        Arguments.requireFinite(text, CallSite.caller(), "lambda", lambda);
        return plain(text, x -> Activations.hardShrink(x, lambda));
    }

    /** x − tanh x. */
    public static FunctionLayer tanhShrink() {
        return plain("tanhShrink()", x -> x.sub(x.tanh()));
    }

    /** x where above a threshold, another value elsewhere. */
    public static FunctionLayer threshold(double threshold, double value) {
        CallSite callSite = CallSite.caller();
        String text = Text.call("threshold", threshold, value);
        Arguments.requireFinite(text, callSite, "threshold", threshold);
        Arguments.requireFinite(text, callSite, "value", value);
        return plain(text, x -> Activations.threshold(x, threshold, value));
    }

    /** log(1/(1 + e⁻ˣ)), without overflow. */
    public static FunctionLayer logSigmoid() {
        return plain("logSigmoid()", x -> x.neg().softplus().neg());
    }

    /** a·sigmoid(b), a and b being the halves along the last axis (Dauphin et al., 2017). */
    public static FunctionLayer glu() {
        return plain("glu()", x -> Activations.glu(x, -1));
    }

    /** a·sigmoid(b), a and b being the halves along an axis; negative axes count from the last. */
    public static FunctionLayer glu(int axis) {
        return plain(Text.call("glu", axis), x -> Activations.glu(x, axis));
    }

    /**
     * Probabilities over the classes, axis 1. Leave it out to train with
     * {@link dev.fluxion.dsl.loss.Losses#crossEntropy()}, which expects logits.
     */
    public static FunctionLayer softmax() {
        return plain("softmax()", x -> x.softmax(1));
    }

    /** Probabilities over an axis; negative axes count from the last. */
    public static FunctionLayer softmax(int axis) {
        return plain(Text.call("softmax", axis), x -> x.softmax(axis));
    }

    /** Probabilities over an axis, that of the least element being the largest; negative axes count from the last. */
    public static FunctionLayer softmin(int axis) {
        return plain(Text.call("softmin", axis), x -> x.neg().softmax(axis));
    }

    /** Logarithms of probabilities over the classes, axis 1. */
    public static FunctionLayer logSoftmax() {
        return plain("logSoftmax()", x -> x.logSoftmax(1));
    }

    /** Logarithms of probabilities over an axis; negative axes count from the last. */
    public static FunctionLayer logSoftmax(int axis) {
        return plain(Text.call("logSoftmax", axis), x -> x.logSoftmax(axis));
    }

    /**
     * In training, sets each element to 0 with probability p and divides the others by 1 − p; in inference, the
     * identity (Srivastava et al., "Dropout", 2014).
     *
     * @param p a probability in [0, 1]
     */
    public static FunctionLayer dropout(double p) {
        return dropout("dropout", p, CallSite.caller(), Dropout::of);
    }

    /**
     * In training, sets each channel, axis 1, of each sample N×C×… to 0 with probability p and divides the others by 1 − p; in
     * inference, the identity (Tompson et al., 2015). Channels may have any number of axes, one, two or three among them.
     *
     * @param p a probability in [0, 1]
     */
    public static FunctionLayer dropout2d(double p) {
        return dropout("dropout2d", p, CallSite.caller(), Dropout::ofChannels);
    }

    /**
     * A dropout that keeps mean 0 and variance 1, for {@link #selu()} (Klambauer et al., 2017): in training, sets each element with
     * probability p to what selu tends to at −∞, and all elements are scaled and shifted; in inference, the identity.
     *
     * @param p a probability in [0, 1]; 1 makes all elements 0
     */
    public static FunctionLayer alphaDropout(double p) {
        return dropout("alphaDropout", p, CallSite.caller(), Dropout::alpha);
    }

    /**
     * An {@link #alphaDropout} that drops whole channels, axis 1, of each sample N×C×…; in inference, the identity.
     *
     * @param p a probability in [0, 1]; 1 makes all elements 0
     */
    public static FunctionLayer featureAlphaDropout(double p) {
        return dropout("featureAlphaDropout", p, CallSite.caller(), Dropout::alphaOfChannels);
    }

    /** How a dropout drops with a probability. */
    private interface Dropping {
        Expr of(Scope scope, Expr x, double p);
    }

    private static FunctionLayer dropout(String name, double p, CallSite callSite, Dropping dropping) {
        String text = Text.call(name, p);
        Numbers.requireProbability(Text.place(text, callSite), "p", p);
        return new FunctionLayer(text, (scope, x) -> dropping.of(scope, x, p), "", callSite);
    }

    /** Each element over a power of the mean of squares in {@code size} neighbouring channels, axis 1. */
    public static LocalResponseNorm localResponseNorm(int size) {
        return LocalResponseNorm.of(size, CallSite.caller());
    }

    /** The cosine between vectors along axis 1 and those of another value, by its name. */
    public static CosineSimilarity cosineSimilarity(String other) {
        return CosineSimilarity.of(other, CallSite.caller());
    }

    /** The distance between vectors along the last axis and those of another value, by its name. */
    public static PairwiseDistance pairwiseDistance(String other) {
        return PairwiseDistance.of(other, CallSite.caller());
    }

    /**
     * xᵀ·W·y + b along the last axis, y being the value named "other" or {@link Bilinear#with another}.
     *
     * @param in the extent of x's last axis
     * @param other the extent of y's last axis
     * @param out the extent of the output's last axis
     */
    public static Bilinear bilinear(int in, int other, int out) {
        return Bilinear.of(in, other, out, CallSite.caller());
    }

    /**
     * Images, each channel times a factor that is made of the means of all channels.
     *
     * @param channels the number of channels
     * @param squeeze the number of channels between the two convolutions that make the factors
     */
    public static SqueezeExcite squeezeExcite(int channels, int squeeze) {
        CallSite callSite = CallSite.caller();
        String text = Text.call("squeezeExcite", channels, squeeze);
        Arguments.requireAtLeast(text, callSite, "the number of channels", 1, channels);
        return SqueezeExcite.of(channels, squeeze, callSite);
    }

    /** A squeeze and excitation that infers the number of channels. */
    public static SqueezeExcite squeezeExcite(int squeeze) {
        return SqueezeExcite.of(Channels.INFERRED, squeeze, CallSite.caller());
    }

    /**
     * Attention with several heads over sequences N×T×E.
     *
     * @param width the extent E
     * @param heads the number of heads, a divisor of the width
     */
    public static MultiHeadAttention multiHeadAttention(int width, int heads) {
        return MultiHeadAttention.of("multiHeadAttention", width, heads, CallSite.caller());
    }

    /**
     * A layer of a transformer's encoder, or of a decoder without memory, over sequences N×T×E: attention and linear layers with
     * 2048 elements and relu between them, dropout 0.1, sums normalised, as PyTorch has it.
     *
     * @param width the extent E
     * @param heads the number of heads, a divisor of the width
     */
    public static TransformerEncoderLayer transformerEncoderLayer(int width, int heads) {
        return TransformerEncoderLayer.of(width, heads, CallSite.caller());
    }

    /**
     * A layer of a transformer's decoder over sequences N×T×E, which attends to a memory N×S×E, the value named "memory": attention
     * and linear layers with 2048 elements and relu between them, dropout 0.1, sums normalised, as PyTorch has it.
     *
     * @param width the extent E
     * @param heads the number of heads, a divisor of the width
     */
    public static TransformerDecoderLayer transformerDecoderLayer(int width, int heads) {
        return TransformerDecoderLayer.of(width, heads, CallSite.caller());
    }

    /** Adds to each position of sequences N×T×E sines and cosines that tell where it is. */
    public static PositionalEncoding positionalEncoding() {
        return PositionalEncoding.of(CallSite.caller());
    }

    /** x + body(x). The shapes must agree, unless there is a {@link Residual#shortcut(Layer) shortcut}. */
    public static Residual residual(Layer body) {
        return new Residual(body, null, "", CallSite.caller());
    }

    /**
     * An input of the model, or what {@link #as} has named before, in place of what the layer before it makes. A model
     * with several inputs begins with the one that is declared first.
     */
    public static FunctionLayer input(String name) {
        return naming("input", name, (scope, x) -> scope.value(name));
    }

    /** Names what the layer before it makes, for {@link #input} and for layers that take several values. */
    public static FunctionLayer as(String name) {
        return naming("as", name, (scope, x) -> scope.define(name, x));
    }

    /** Makes what the layer before it makes an output of the model, too. The model's result is the output "output". */
    public static FunctionLayer output(String name) {
        return naming("output", name, (scope, x) -> scope.output(name, x));
    }

    /**
     * A layer with one set of weights, wherever in a model this value is used, as a module of PyTorch:
     * {@code Layer tower = shared(Seq.of(…))}. They are saved once, with the names of the first place; their gradients
     * add up. Layers that draw random numbers draw others in each place.
     */
    public static Layer shared(Layer layer) {
        return new Shared(layer, CallSite.caller());
    }

    /**
     * A layer without a place in the names of parameters: what it is made of is named as parts of the layer around it.
     * {@code residual(inline(Seq.of(conv(64, 3).named("conv1"), …)))} has {@code conv1.weight} and no {@code body}.
     */
    public static Inline inline(Layer layer) {
        return new Inline(layer, CallSite.caller());
    }

    private static FunctionLayer naming(String call, String name, Layer body) {
        Given.require(call, "the name", name);
        return new FunctionLayer(call + "(\"" + name + "\")", body, "", CallSite.caller());
    }

    /**
     * So many layers like the given one, one after the other, each with weights of its own, as PyTorch's TransformerEncoder has them:
     * {@code repeat(6, transformerEncoderLayer(512, 8)).named("layers")}.
     */
    public static Seq repeat(int count, Layer layer) {
        CallSite callSite = CallSite.caller();
        Arguments.requireAtLeast("repeat", callSite, "count", 1, count);
        Given.require(Text.place("repeat", callSite), "the layer", layer);
        return new Seq(Collections.nCopies(count, layer), "", callSite);
    }

    /** Concatenates the outputs of several layers for the same input along the channels, axis 1. */
    public static Concat concat(Layer... branches) {
        return new Concat(Checks.list(branches), "", CallSite.caller());
    }

    /** Multiplies the outputs of several layers for the same input element by element, as a gate does. */
    public static Product product(Layer... branches) {
        return new Product(Checks.list(branches), "", CallSite.caller());
    }

    /**
     * A lambda with a text for plans, summaries and messages.
     *
     * @param text the text, such as {@code "swish()"}
     * @param body the layer
     */
    public static FunctionLayer layer(String text, Layer body) {
        return new FunctionLayer(text, body, "", CallSite.caller());
    }

    private static FunctionLayer plain(String text, UnaryOperator<Expr> body) {
        return new FunctionLayer(text, (scope, x) -> body.apply(x), "", CallSite.caller());
    }
}
