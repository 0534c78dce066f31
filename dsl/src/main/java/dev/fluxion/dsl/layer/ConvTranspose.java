package dev.fluxion.dsl.layer;

import dev.fluxion.Initializer;
import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Contraction;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import dev.fluxion.ir.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A transposed convolution, the gradient of a convolution with respect to its input, of images N×in×H×W to N×out×H'×W', where H' =
 * (H − 1)·stride − 2·pad + dilation·(kernel − 1) + outputPad + 1 and W' alike, or of sequences N×in×L to N×out×L'. Parameters:
 * {@code weight} of shape in×out/groups×KH×KW, or ×K, and {@code bias} of shape out.
 *
 * @param axes how many axes the kernel moves along: 1 of sequences, where heights are those that change nothing, 2 of images
 * @param in the number of input channels; 0 to infer it
 * @param out the number of output channels
 * @param kernel the extent of the kernel
 * @param stride steps between what two neighbouring inputs add to
 * @param pad how much is cut off on both sides of each axis
 * @param outputPad how much less is cut off behind; below the stride or the dilation
 * @param dilation steps between the taps of the kernel
 * @param groups how many equal groups the channels form; a group's outputs see only its inputs
 * @param bias whether the layer adds a number per output channel
 * @param weightInit the first values of the weight
 * @param biasInit the first values of the bias; null for uniform in ±1/√(out/groups·KH·KW)
 * @param named the name that replaces the position in parameter names, empty for none
 * @param callSite the file and line that made it
 */
public record ConvTranspose(
        int axes,
        int in,
        int out,
        Size kernel,
        Size stride,
        Size pad,
        Size outputPad,
        Size dilation,
        int groups,
        boolean bias,
        Initializer weightInit,
        @Nullable Initializer biasInit,
        String named,
        CallSite callSite)
        implements NamedLayer {
    private static final Size ONE = Size.of(1);
    private static final Size NONE = Size.of(0);

    /** Checks the numbers. */
    public ConvTranspose {
        Arguments.requireIdentity("convTranspose", named, callSite);
        Spatial.requireAxes("convTranspose", callSite, axes);
        Arguments.requireSizes("convTranspose", callSite, kernel, stride, pad, outputPad, dilation);
        String text = head(axes, in, out, kernel);
        Arguments.requireAtLeast(text, callSite, "in", 0, in);
        Arguments.requireAtLeast(text, callSite, "out", 1, out);
        Spatial.requireAtLeast(axes, text, callSite, "kernel", 1, kernel);
        Spatial.requireAtLeast(axes, text, callSite, "stride", 1, stride);
        Spatial.requireAtLeast(axes, text, callSite, "pad", 0, pad);
        Spatial.requireAtLeast(axes, text, callSite, "outputPad", 0, outputPad);
        Spatial.requireAtLeast(axes, text, callSite, "dilation", 1, dilation);
        Arguments.requireAtLeast(text, callSite, "groups", 1, groups);
        Arguments.requireDivisor(text, callSite, "groups", groups, "input channels", in);
        Arguments.requireDivisor(text, callSite, "groups", groups, "output channels", out);
        Arguments.requireInit(text, callSite, "weightInit", weightInit);
    }

    static ConvTranspose of(int axes, int in, int out, Size kernel, CallSite callSite) {
        return new ConvTranspose(
                axes, in, out, kernel, ONE, NONE, NONE, ONE, 1, true, Initializers.fanIn(), null, "", callSite);
    }

    /** This layer with another kernel. */
    public ConvTranspose kernel(int both) {
        return with(Spatial.size(axes, both, 1), stride, pad, outputPad, dilation, groups);
    }

    /** This layer with a kernel of a height and a width. */
    public ConvTranspose kernel(int h, int w) {
        return with(size("kernel", h, w), stride, pad, outputPad, dilation, groups);
    }

    /** This layer with another stride. */
    public ConvTranspose stride(int both) {
        return with(kernel, Spatial.size(axes, both, 1), pad, outputPad, dilation, groups);
    }

    /** This layer with strides along the height and the width. */
    public ConvTranspose stride(int h, int w) {
        return with(kernel, size("stride", h, w), pad, outputPad, dilation, groups);
    }

    /** This layer with so much cut off on all sides. */
    public ConvTranspose pad(int all) {
        return with(kernel, stride, Spatial.size(axes, all, 0), outputPad, dilation, groups);
    }

    /** This layer with so much cut off on both sides of the height and of the width. */
    public ConvTranspose pad(int h, int w) {
        return with(kernel, stride, size("pad", h, w), outputPad, dilation, groups);
    }

    /** This layer with so much less cut off behind, of the extents that a convolution with this stride maps to the input's. */
    public ConvTranspose outputPad(int both) {
        return with(kernel, stride, pad, Spatial.size(axes, both, 0), dilation, groups);
    }

    /** This layer with so much less cut off at the bottom and on the right. */
    public ConvTranspose outputPad(int h, int w) {
        return with(kernel, stride, pad, size("outputPad", h, w), dilation, groups);
    }

    /** This layer with another dilation of its kernel. */
    public ConvTranspose dilation(int both) {
        return with(kernel, stride, pad, outputPad, Spatial.size(axes, both, 1), groups);
    }

    /** This layer with dilations of its kernel along the height and the width. */
    public ConvTranspose dilation(int h, int w) {
        return with(kernel, stride, pad, outputPad, size("dilation", h, w), groups);
    }

    /** This layer with its channels in equal groups. */
    public ConvTranspose groups(int count) {
        return with(kernel, stride, pad, outputPad, dilation, count);
    }

    /** This layer with or without a bias. */
    public ConvTranspose bias(boolean withBias) {
        return with(withBias, weightInit, biasInit, named);
    }

    /** This layer with other first values of its weight. */
    public ConvTranspose weightInit(Initializer initializer) {
        return with(bias, initializer, biasInit, named);
    }

    /** This layer with other first values of its bias. */
    public ConvTranspose biasInit(Initializer initializer) {
        Arguments.requireInit(this, callSite, "biasInit", initializer);
        return with(bias, weightInit, initializer, named);
    }

    /** This layer with a name that replaces its position in parameter names. */
    public ConvTranspose named(String name) {
        return with(bias, weightInit, biasInit, Arguments.requireName(this, callSite, name));
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        Scope own = LayerCalls.scope(this, scope);
        return LayerCalls.layer(this, callSite, own, x, input -> make(own, input), this::hint);
    }

    private Expr make(Scope scope, Expr x) {
        Spatial.require(axes, x.shape());
        requireOutputPad();
        int actual = x.shape().dim(1);
        if (in != Conv.INFERRED && in != actual) {
            throw new ShapeException(Errors.channels(in, x.shape()));
        }
        if (actual % groups != 0) {
            throw new ShapeException(Errors.ungroupable(groups, x.shape()));
        }
        Shape weightShape = Spatial.weight(axes, actual, out / groups, kernel);
        Expr weight = Spatial.images(axes, scope.parameter("weight", weightShape, weightInit));
        Expr y = transposed(Spatial.images(axes, x), weight);
        if (!bias) {
            return Spatial.back(axes, y);
        }
        Initializer first = biasInit != null ? biasInit : Initializers.fanIn(weightShape);
        return Spatial.back(
                axes, y.add(scope.parameter("bias", Shape.of(out), first).reshape(1, out, 1, 1)));
    }

    /** Checked here since stride and dilation may be given behind it. */
    private void requireOutputPad() {
        if (outputPad.h() >= Math.max(stride.h(), dilation.h())
                || outputPad.w() >= Math.max(stride.w(), dilation.w())) {
            throw new ShapeException(Errors.outputPad(
                    Spatial.option(axes, "outputPad", outputPad, NONE),
                    Spatial.size(axes, "stride", stride),
                    Spatial.size(axes, "dilation", dilation)));
        }
    }

    private Expr transposed(Expr x, Expr weight) {
        int h = extent(x, 2, kernel.h(), stride.h(), pad.h(), outputPad.h(), dilation.h());
        int w = extent(x, 3, kernel.w(), stride.w(), pad.w(), outputPad.w(), dilation.w());
        if (outputPad.h() < stride.h() && outputPad.w() < stride.w()) {
            return transposed(x, weight, pad, h, w);
        }
        Expr whole = transposed(
                x,
                weight,
                NONE,
                extent(x, 2, kernel.h(), stride.h(), 0, 0, dilation.h()),
                extent(x, 3, kernel.w(), stride.w(), 0, 0, dilation.w()));
        return cut(cut(whole, 2, pad.h(), h), 3, pad.w(), w);
    }

    private Expr transposed(Expr x, Expr weight, Size cutOff, int h, int w) {
        Shape to = Shape.of(x.shape().dim(0), out, h, w);
        ConvSpec spec = new ConvSpec(stride, cutOff, dilation, groups);
        return new Expr(new Contraction.ConvGradInput(spec, to), List.of(x, weight));
    }

    /** So many elements from {@code from} on; zeros where there are none. */
    private static Expr cut(Expr y, int axis, int from, int extent) {
        int missing = (int) Math.max(0, (long) from + extent - y.shape().dim(axis));
        return y.pad(axis, 0, missing, 0).slice(axis, from, from + extent);
    }

    private static int extent(Expr x, int axis, int kernel, int stride, int pad, int outputPad, int dilation) {
        long in = x.shape().dim(axis);
        long extent = (in - 1) * stride - 2L * pad + (long) dilation * (kernel - 1) + outputPad + 1;
        if (extent < 1 || extent > Integer.MAX_VALUE) {
            throw new ShapeException(Errors.madeExtent(extent, axis, x.shape()));
        }
        return (int) extent;
    }

    private String hint(Shape input) {
        return Spatial.hint(axes, input);
    }

    private Size size(String argument, int h, int w) {
        return Spatial.size(head(axes, in, out, kernel), callSite, axes, argument, h, w);
    }

    private ConvTranspose with(Size k, Size s, Size p, Size op, Size d, int g) {
        return new ConvTranspose(axes, in, out, k, s, p, op, d, g, bias, weightInit, biasInit, named, callSite);
    }

    private ConvTranspose with(boolean newBias, Initializer weights, @Nullable Initializer biases, String name) {
        return new ConvTranspose(
                axes, in, out, kernel, stride, pad, outputPad, dilation, groups, newBias, weights, biases, name,
                callSite);
    }

    private static String head(int axes, int in, int out, Size kernel) {
        return Conv.head(axes, "convTranspose", in, out, kernel);
    }

    /** The layer as the user wrote it. */
    @Override
    public String toString() {
        return head(axes, in, out, kernel)
                + Spatial.option(axes, "stride", stride, ONE)
                + Spatial.option(axes, "pad", pad, NONE)
                + Spatial.option(axes, "outputPad", outputPad, NONE)
                + Spatial.option(axes, "dilation", dilation, ONE)
                + Text.option("groups", groups, 1)
                + (bias ? "" : ".bias(false)")
                + Text.option("weightInit", weightInit, Initializers.fanIn())
                + (biasInit == null ? "" : ".biasInit(" + Text.of(biasInit) + ")")
                + Text.named(named);
    }
}
