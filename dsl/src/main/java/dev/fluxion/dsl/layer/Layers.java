package dev.fluxion.dsl.layer;

import dev.fluxion.Layer;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Checks;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.dsl.layer.Pool.Kind;
import dev.fluxion.engine.Compiler;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Size;
import java.util.function.UnaryOperator;

/**
 * The layers, to be imported statically. Inputs have the batch along their first axis; images are N×C×H×W.
 *
 * <pre>{@code
 * Seq.of(conv(3, 32, 5).pad(2), maxPool(2), flatten(), linear(64), relu(), linear(64, 10))
 * }</pre>
 *
 * <p>Sizes of inputs may be left out: {@code conv(32, 5)} and {@code linear(64)} take them from what they are applied to.
 * A number that no layer could have is an {@link IllegalArgumentException} here, and an input that does not fit is a
 * {@link dev.fluxion.ir.ShapeException} when the model is built; both name the layer and the line where it was written.
 *
 * <p>A layer's parameters are called by its position in the layer that it is a part of, or by a name of its own, wherever it
 * is applied: those of {@code linear(64, 10).named("head")} are {@code head.weight} and {@code head.bias}. Checks of one layer
 * that are called the same are an {@link IllegalArgumentException}, which names both.
 *
 * <p>The first layer of a process begins to load the native libraries in another thread, for a model will want them soon.
 */
public final class Layers {
    static {
        Compiler.prepare();
    }

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
        return Conv.of(in, out, Size.of(kernelHeight, kernelWidth), callSite);
    }

    /** A convolution that takes the number of its input channels from its input. */
    public static Conv conv(int out, int kernel) {
        return Conv.of(Conv.INFERRED, out, Size.of(kernel), CallSite.caller());
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
        return new Linear(in, out, true, Initializers.fanIn(), null, "", callSite);
    }

    /** A fully connected layer that takes the number of its input features from its input, of rank 2 or 3. */
    public static Linear linear(int out) {
        return new Linear(Linear.INFERRED, out, true, Initializers.fanIn(), null, "", CallSite.caller());
    }

    /** The largest element of square windows side by side. */
    public static Pool maxPool(int kernel) {
        return Pool.of(Kind.MAX, Size.of(kernel), CallSite.caller());
    }

    /** The largest element of windows of a height and a width, side by side. */
    public static Pool maxPool(int kernelHeight, int kernelWidth) {
        return Pool.of(Kind.MAX, Size.of(kernelHeight, kernelWidth), CallSite.caller());
    }

    /** The mean of square windows side by side. */
    public static Pool avgPool(int kernel) {
        return Pool.of(Kind.AVG, Size.of(kernel), CallSite.caller());
    }

    /** The mean of windows of a height and a width, side by side. */
    public static Pool avgPool(int kernelHeight, int kernelWidth) {
        return Pool.of(Kind.AVG, Size.of(kernelHeight, kernelWidth), CallSite.caller());
    }

    /** The mean of each channel of images N×C×H×W: N×C. A flatten() after it changes nothing. */
    public static FunctionLayer globalAvgPool() {
        return plain("globalAvgPool()", x -> {
            Arguments.requireImages(x.shape());
            return x.mean(2, 3);
        });
    }

    /** All axes but the first made one: N×C×H×W becomes N×(C·H·W). */
    public static FunctionLayer flatten() {
        return plain("flatten()", x -> x.flatten(1));
    }

    /** The axes from {@code start} on made one. */
    public static FunctionLayer flatten(int start) {
        return plain(Text.call("flatten", start), x -> x.flatten(start));
    }

    /**
     * The elements of each sample, in order, under another shape; the first axis stays.
     *
     * @param sample the extents of a sample, of which one may be −1 and follows from the others
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

    /** What comes in. */
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
     * x·Φ(x), Φ the normal distribution function (Hendrycks and Gimpel, 2016), not the tanh form. Native kernels are off by
     * at most 4·10⁻⁷·|x|, which is up to 1 % of what it is at −4, and its derivative by 4·10⁻⁷. Of −∞ it is NaN, as in
     * PyTorch; of +∞ it may be.
     */
    public static FunctionLayer gelu() {
        return plain("gelu()", Expr::gelu);
    }

    /** x·sigmoid(x), also called swish (Elfwing, Uchibe and Doya, 2018). Of −∞ it is NaN, as in PyTorch. */
    public static FunctionLayer silu() {
        return plain("silu()", Expr::silu);
    }

    /** log(1 + eˣ), without overflow. */
    public static FunctionLayer softplus() {
        return plain("softplus()", Expr::softplus);
    }

    /**
     * Probabilities over the classes, axis 1 as {@link dev.fluxion.dsl.loss.Losses#crossEntropy()} has it. To train with that loss, leave the
     * softmax out: the loss expects logits.
     */
    public static FunctionLayer softmax() {
        return plain("softmax()", x -> x.softmax(1));
    }

    /** Probabilities over an axis; negative axes count from the last. */
    public static FunctionLayer softmax(int axis) {
        return plain(Text.call("softmax", axis), x -> x.softmax(axis));
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
     * In training, each element becomes 0 with probability p and is divided by 1 − p otherwise; in inference, nothing
     * happens (Srivastava et al., "Dropout", 2014).
     *
     * @param p a probability in [0, 1)
     */
    public static FunctionLayer dropout(double p) {
        CallSite callSite = CallSite.caller();
        String text = Text.call("dropout", p);
        Numbers.requireFraction(Text.place(text, callSite), "p", p);
        float threshold = (float) p; // as an engine in float32 compares, so that all draw the same elements
        Layer body = (scope, x) -> scope.training() && p > 0
                ? x.mul(scope.uniform(x.shape()).ge(threshold).mul(1 / (1 - p)))
                : x;
        return new FunctionLayer(text, body, "", callSite);
    }

    /** x + body(x), whose shapes must agree unless a {@link Residual#shortcut(Layer) shortcut} is given. */
    public static Residual residual(Layer body) {
        return new Residual(body, null, "", CallSite.caller());
    }

    /** The outputs of several layers for the same input, one after the other along the channels, axis 1. */
    public static Concat concat(Layer... branches) {
        return new Concat(Checks.list(branches), "", CallSite.caller());
    }

    /**
     * A lambda that plans, summaries and messages call by a text.
     *
     * @param text what to print, as {@code "swish()"}
     * @param body the layer
     */
    public static FunctionLayer layer(String text, Layer body) {
        return new FunctionLayer(text, body, "", CallSite.caller());
    }

    private static FunctionLayer plain(String text, UnaryOperator<Expr> body) {
        return new FunctionLayer(text, (scope, x) -> body.apply(x), "", CallSite.caller());
    }
}
