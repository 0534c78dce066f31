package dev.fluxion.dsl.layer;

import dev.fluxion.Initializer;
import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import dev.fluxion.ir.Size;
import org.jspecify.annotations.Nullable;

/**
 * A two-dimensional convolution (cross-correlation, as every framework's) of images N×in×H×W to N×out×H'×W', where H'
 * = ⌊(H + 2·pad − dilation·(kernel − 1) − 1)/stride⌋ + 1 and W' alike. Parameters: {@code weight} of shape
 * out×in/groups×KH×KW and {@code bias} of shape out.
 *
 * @param in the number of input channels; 0 to infer it
 * @param out the number of output channels
 * @param kernel the extent of the kernel
 * @param stride steps between outputs
 * @param pad zeros added on both sides of each axis
 * @param dilation steps between the taps of the kernel
 * @param groups how many equal groups the channels form; a group's outputs see only its inputs
 * @param bias whether the layer adds a number per output channel
 * @param weightInit the first values of the weight
 * @param biasInit the first values of the bias; null for uniform in ±1/√(in/groups·KH·KW)
 * @param named the name that replaces the position in parameter names, empty for none
 * @param callSite the file and line that made it
 */
public record Conv(
        int in,
        int out,
        Size kernel,
        Size stride,
        Size pad,
        Size dilation,
        int groups,
        boolean bias,
        Initializer weightInit,
        @Nullable Initializer biasInit,
        String named,
        CallSite callSite)
        implements NamedLayer {
    static final int INFERRED = 0;
    private static final Size ONE = Size.of(1);
    /** The largest padding that a message proposes. */
    private static final int MOST_PAD = 1 << 16;

    /** Checks the numbers. */
    public Conv {
        Arguments.requireIdentity("conv", named, callSite);
        Arguments.requireSizes("conv", callSite, kernel, stride, pad, dilation);
        String text = head(in, out, kernel);
        Arguments.requireAtLeast(text, callSite, "in", 0, in);
        Arguments.requireAtLeast(text, callSite, "out", 1, out);
        Arguments.requireAtLeast(text, callSite, "kernel", 1, kernel);
        Arguments.requireAtLeast(text, callSite, "stride", 1, stride);
        Arguments.requireAtLeast(text, callSite, "pad", 0, pad);
        Arguments.requireAtLeast(text, callSite, "dilation", 1, dilation);
        Arguments.requireAtLeast(text, callSite, "groups", 1, groups);
        Arguments.requireDivisor(text, callSite, "groups", groups, "input channels", in);
        Arguments.requireDivisor(text, callSite, "groups", groups, "output channels", out);
        Arguments.requireInit(text, callSite, "weightInit", weightInit);
    }

    static Conv of(int in, int out, Size kernel, CallSite callSite) {
        return new Conv(in, out, kernel, ONE, Size.of(0), ONE, 1, true, Initializers.fanIn(), null, "", callSite);
    }

    /** This layer with a square kernel. */
    public Conv kernel(int both) {
        return kernel(both, both);
    }

    /** This layer with a kernel of a height and a width. */
    public Conv kernel(int h, int w) {
        return with(Size.of(h, w), stride, pad, dilation, groups);
    }

    /** This layer with another stride. */
    public Conv stride(int both) {
        return stride(both, both);
    }

    /** This layer with strides along the height and the width. */
    public Conv stride(int h, int w) {
        return with(kernel, Size.of(h, w), pad, dilation, groups);
    }

    /** This layer with zeros added on all four sides. */
    public Conv pad(int all) {
        return pad(all, all);
    }

    /** This layer with zeros added on both sides of the height and of the width. */
    public Conv pad(int h, int w) {
        return with(kernel, stride, Size.of(h, w), dilation, groups);
    }

    /** This layer with another dilation of its kernel. */
    public Conv dilation(int both) {
        return dilation(both, both);
    }

    /** This layer with dilations of its kernel along the height and the width. */
    public Conv dilation(int h, int w) {
        return with(kernel, stride, pad, Size.of(h, w), groups);
    }

    /** This layer with its channels in equal groups; as many groups as input channels make it depthwise. */
    public Conv groups(int count) {
        return with(kernel, stride, pad, dilation, count);
    }

    /** This layer with or without a bias. */
    public Conv bias(boolean withBias) {
        return with(withBias, weightInit, biasInit, named);
    }

    /** This layer with other first values of its weight. */
    public Conv weightInit(Initializer initializer) {
        return with(bias, initializer, biasInit, named);
    }

    /** This layer with other first values of its bias. */
    public Conv biasInit(Initializer initializer) {
        Arguments.requireInit(this, callSite, "biasInit", initializer);
        return with(bias, weightInit, initializer, named);
    }

    /** This layer with a name that replaces its position in parameter names. */
    public Conv named(String name) {
        return with(bias, weightInit, biasInit, Arguments.requireName(this, callSite, name));
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        Scope own = LayerCalls.scope(this, scope);
        return LayerCalls.layer(this, callSite, own, x, input -> make(own, input), this::hint);
    }

    private Expr make(Scope scope, Expr x) {
        Arguments.requireImages(x.shape());
        int actual = x.shape().dim(1);
        if (in != INFERRED && in != actual) {
            throw new ShapeException(Errors.channels(in, x.shape()));
        }
        if (actual % groups != 0) {
            throw new ShapeException(Errors.ungroupable(groups, x.shape()));
        }
        Shape weightShape = Shape.of(out, actual / groups, kernel.h(), kernel.w());
        Expr weight = scope.parameter("weight", weightShape, weightInit);
        Expr y = x.conv(weight, new ConvSpec(stride, pad, dilation, groups));
        if (!bias) {
            return y;
        }
        Initializer first = biasInit != null ? biasInit : Initializers.fanIn(weightShape);
        return y.add(scope.parameter("bias", Shape.of(out), first).reshape(1, out, 1, 1));
    }

    private String hint(Shape input) {
        if (input.rank() != 4) {
            return Errors.batchAxisHint(input);
        }
        if (in != INFERRED && in != input.dim(1)) {
            return in == input.dim(3) ? Errors.channelsAreLast() : withInput(input.dim(1));
        }
        long h = enough(input.dim(2), kernel.h(), pad.h(), dilation.h());
        long w = enough(input.dim(3), kernel.w(), pad.w(), dilation.w());
        boolean fits = h == pad.h() && w == pad.w();
        return fits || Math.max(h, w) > MOST_PAD ? "" : Errors.didYouMean(pad((int) h, (int) w));
    }

    /** Proposes this layer with another number of input channels; a depthwise layer stays depthwise. */
    private String withInput(int channels) {
        int count = groups > 1 && groups == in ? channels : groups;
        return channels == 0 || channels % count != 0 || out % count != 0
                ? ""
                : Errors.didYouMean(new Conv(
                        channels,
                        out,
                        kernel,
                        stride,
                        pad,
                        dilation,
                        count,
                        bias,
                        weightInit,
                        biasInit,
                        named,
                        callSite));
    }

    /** The padding with which the kernel fits. */
    private static long enough(int extent, int kernel, int pad, int dilation) {
        return Math.max(pad, ((long) dilation * (kernel - 1) + 2 - extent) / 2);
    }

    private Conv with(Size newKernel, Size newStride, Size newPad, Size newDilation, int newGroups) {
        return new Conv(
                in,
                out,
                newKernel,
                newStride,
                newPad,
                newDilation,
                newGroups,
                bias,
                weightInit,
                biasInit,
                named,
                callSite);
    }

    private Conv with(boolean newBias, Initializer weights, @Nullable Initializer biases, String name) {
        return new Conv(in, out, kernel, stride, pad, dilation, groups, newBias, weights, biases, name, callSite);
    }

    private static String head(int in, int out, Size kernel) {
        if (in != INFERRED) {
            return kernel.h() == kernel.w()
                    ? Text.call("conv", in, out, kernel.h())
                    : Text.call("conv", in, out, kernel.h(), kernel.w());
        }
        String inferred = Text.call("conv", out, kernel.h());
        return kernel.h() == kernel.w() ? inferred : inferred + "." + Text.size("kernel", kernel);
    }

    /** The layer as the user wrote it. */
    @Override
    public String toString() {
        return head(in, out, kernel)
                + Text.option("stride", stride, ONE)
                + Text.option("pad", pad, Size.of(0))
                + Text.option("dilation", dilation, ONE)
                + Text.option("groups", groups, 1)
                + (bias ? "" : ".bias(false)")
                + Text.option("weightInit", weightInit, Initializers.fanIn())
                + (biasInit == null ? "" : ".biasInit(" + Text.of(biasInit) + ")")
                + Text.named(named);
    }
}
