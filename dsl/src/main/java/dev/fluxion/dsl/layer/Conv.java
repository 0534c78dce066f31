package dev.fluxion.dsl.layer;

import dev.fluxion.Initializer;
import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.ConvSpec;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import dev.fluxion.ir.Size;
import org.jspecify.annotations.Nullable;

/**
 * A convolution (cross-correlation, as every framework's) of images N×in×H×W to N×out×H'×W', where H' = ⌊(H + 2·pad −
 * dilation·(kernel − 1) − 1)/stride⌋ + 1 and W' alike, or of sequences N×in×L to N×out×L'. Parameters: {@code weight} of shape
 * out×in/groups×KH×KW, or ×K, and {@code bias} of shape out.
 *
 * @param axes how many axes the kernel moves along: 1 of sequences, where heights are those that change nothing, 2 of images
 * @param in the number of input channels; 0 to infer it
 * @param out the number of output channels
 * @param kernel the extent of the kernel
 * @param stride steps between outputs
 * @param pad zeros added on both sides of each axis
 * @param same whether as many zeros are added instead as keep the extents; of an odd number, one more behind
 * @param dilation steps between the taps of the kernel
 * @param groups how many equal groups the channels form; a group's outputs see only its inputs
 * @param bias whether the layer adds a number per output channel
 * @param weightInit the first values of the weight
 * @param biasInit the first values of the bias; null for uniform in ±1/√(in/groups·KH·KW)
 * @param named the name that replaces the position in parameter names, empty for none
 * @param callSite the file and line that made it
 */
public record Conv(
        int axes,
        int in,
        int out,
        Size kernel,
        Size stride,
        Size pad,
        boolean same,
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
        Spatial.requireAxes("conv", callSite, axes);
        Arguments.requireSizes(Spatial.factory(axes, "conv"), callSite, kernel, stride, pad, dilation);
        String text = head(axes, "conv", in, out, kernel);
        Arguments.requireAtLeast(text, callSite, "in", 0, in);
        Arguments.requireAtLeast(text, callSite, "out", 1, out);
        Spatial.requireAtLeast(axes, text, callSite, "kernel", 1, kernel);
        Spatial.requireAtLeast(axes, text, callSite, "stride", 1, stride);
        Spatial.requireAtLeast(axes, text, callSite, "pad", 0, pad);
        Spatial.requireAtLeast(axes, text, callSite, "dilation", 1, dilation);
        Arguments.requireAtLeast(text, callSite, "groups", 1, groups);
        Arguments.requireDivisor(text, callSite, "groups", groups, "input channels", in);
        Arguments.requireDivisor(text, callSite, "groups", groups, "output channels", out);
        Arguments.requireInit(text, callSite, "weightInit", weightInit);
        if (same) {
            long most = Math.max(zeros(kernel.h(), dilation.h()), zeros(kernel.w(), dilation.w()));
            requireSame(text, callSite, stride.equals(ONE), stride, most);
        }
    }

    /** Requires that an image can keep its extents, along which there are so many zeros at most. */
    static void requireSame(String text, CallSite callSite, boolean isOne, Object stride, long most) {
        if (!isOne) {
            throw new IllegalArgumentException(
                    Errors.argument(text, callSite, "stride", "1 with pad(\"same\")", stride));
        }
        if (most > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    Errors.argument(text, callSite, "the padding of pad(\"same\")", "at most 2147483647", most));
        }
    }

    static Conv of(int axes, int in, int out, Size kernel, CallSite callSite) {
        return new Conv(
                axes, in, out, kernel, ONE, Size.of(0), false, ONE, 1, true, Initializers.fanIn(), null, "", callSite);
    }

    /** This layer with a square kernel. */
    public Conv kernel(int both) {
        return with(Spatial.size(axes, both, 1), stride, pad, dilation, groups);
    }

    /** This layer with a kernel of a height and a width. */
    public Conv kernel(int h, int w) {
        return with(size("kernel", h, w), stride, pad, dilation, groups);
    }

    /** This layer with another stride. */
    public Conv stride(int both) {
        return with(kernel, Spatial.size(axes, both, 1), pad, dilation, groups);
    }

    /** This layer with strides along the height and the width. */
    public Conv stride(int h, int w) {
        return with(kernel, size("stride", h, w), pad, dilation, groups);
    }

    /** This layer with zeros added on all sides. */
    public Conv pad(int all) {
        return with(Spatial.size(axes, all, 0), false);
    }

    /** This layer with zeros added on both sides of the height and of the width. */
    public Conv pad(int h, int w) {
        return with(size("pad", h, w), false);
    }

    /**
     * This layer with zeros added as PyTorch's names say: "same" for as many as keep height and width, with stride 1, one more
     * behind than before if their number is odd; "valid" for none.
     */
    public Conv pad(String kind) {
        return with(Size.of(0), isSame(this, callSite, kind));
    }

    /** Whether it is "same", and not "valid". */
    static boolean isSame(Object layer, CallSite callSite, String kind) {
        Given.require(Text.place(layer, callSite), "pad", kind);
        if (!kind.equals("same") && !kind.equals("valid")) {
            throw new IllegalArgumentException(
                    Errors.argument(layer, callSite, "pad", "a number, \"same\" or \"valid\"", "\"" + kind + "\""));
        }
        return kind.equals("same");
    }

    /** This layer with another dilation of its kernel. */
    public Conv dilation(int both) {
        return with(kernel, stride, pad, Spatial.size(axes, both, 1), groups);
    }

    /** This layer with dilations of its kernel along the height and the width. */
    public Conv dilation(int h, int w) {
        return with(kernel, stride, pad, size("dilation", h, w), groups);
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
        Spatial.require(axes, x.shape());
        int actual = x.shape().dim(1);
        if (in != INFERRED && in != actual) {
            throw new ShapeException(Errors.channels(in, x.shape()));
        }
        if (actual % groups != 0) {
            throw new ShapeException(Errors.ungroupable(groups, x.shape()));
        }
        if (!same) {
            Spatial.requireFit(axes, kernel, dilation, pad, x.shape());
        }
        Shape weightShape = Spatial.weight(axes, out, actual / groups, kernel);
        Expr weight = Spatial.images(axes, scope.parameter("weight", weightShape, weightInit));
        Expr y = padded(Spatial.images(axes, x)).conv(weight, new ConvSpec(stride, before(), dilation, groups));
        if (!bias) {
            return Spatial.back(axes, y);
        }
        Initializer first = biasInit != null ? biasInit : Initializers.fanIn(weightShape);
        return Spatial.back(
                axes, y.add(scope.parameter("bias", Shape.of(out), first).reshape(1, out, 1, 1)));
    }

    /** The zeros that are added on both sides. */
    private Size before() {
        return same
                ? Size.of((int) zeros(kernel.h(), dilation.h()) / 2, (int) zeros(kernel.w(), dilation.w()) / 2)
                : pad;
    }

    /** Images with the zeros that are added behind alone. */
    private Expr padded(Expr images) {
        return same
                ? images.pad(2, 0, (int) zeros(kernel.h(), dilation.h()) % 2, 0)
                        .pad(3, 0, (int) zeros(kernel.w(), dilation.w()) % 2, 0)
                : images;
    }

    /** How many zeros along an axis keep its extent. */
    static long zeros(int kernel, int dilation) {
        return (long) dilation * (kernel - 1);
    }

    private String hint(Shape input) {
        if (input.rank() != 2 + axes) {
            return Spatial.hint(axes, input);
        }
        if (in != INFERRED && in != input.dim(1)) {
            return in == input.dim(-1) ? Errors.channelsAreLast(axes) : withInput(input.dim(1));
        }
        long h = axes == Spatial.IMAGES ? enough(input.dim(2), kernel.h(), pad.h(), dilation.h()) : 0;
        long w = enough(input.dim(-1), kernel.w(), pad.w(), dilation.w());
        boolean fits = h == pad.h() && w == pad.w();
        return fits || Math.max(h, w) > MOST_PAD ? "" : Errors.didYouMean(with(Size.of((int) h, (int) w), false));
    }

    /** Proposes this layer with another number of input channels; a depthwise layer stays depthwise. */
    private String withInput(int channels) {
        int count = groups > 1 && groups == in ? channels : groups;
        return channels == 0 || channels % count != 0 || out % count != 0
                ? ""
                : Errors.didYouMean(new Conv(
                        axes,
                        channels,
                        out,
                        kernel,
                        stride,
                        pad,
                        same,
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

    private Size size(String argument, int h, int w) {
        return Spatial.size(head(axes, "conv", in, out, kernel), callSite, axes, argument, h, w);
    }

    private Conv with(Size newKernel, Size newStride, Size newPad, Size newDilation, int newGroups) {
        return new Conv(
                axes,
                in,
                out,
                newKernel,
                newStride,
                newPad,
                same,
                newDilation,
                newGroups,
                bias,
                weightInit,
                biasInit,
                named,
                callSite);
    }

    private Conv with(Size newPad, boolean isSame) {
        return new Conv(
                axes,
                in,
                out,
                kernel,
                stride,
                newPad,
                isSame,
                dilation,
                groups,
                bias,
                weightInit,
                biasInit,
                named,
                callSite);
    }

    private Conv with(boolean newBias, Initializer weights, @Nullable Initializer biases, String name) {
        return new Conv(
                axes, in, out, kernel, stride, pad, same, dilation, groups, newBias, weights, biases, name, callSite);
    }

    /** The call of a factory. */
    static String head(int axes, String layer, int in, int out, Size kernel) {
        String factory = Spatial.factory(axes, layer);
        boolean isOneNumber = axes == Spatial.SEQUENCES || kernel.h() == kernel.w();
        if (in != INFERRED) {
            return isOneNumber
                    ? Text.call(factory, in, out, kernel.w())
                    : Text.call(factory, in, out, kernel.h(), kernel.w());
        }
        String inferred = Text.call(factory, out, isOneNumber ? kernel.w() : kernel.h());
        return isOneNumber ? inferred : inferred + "." + Text.size("kernel", kernel);
    }

    /** The layer as the user wrote it. */
    @Override
    public String toString() {
        return head(axes, "conv", in, out, kernel)
                + Spatial.option(axes, "stride", stride, ONE)
                + (same ? Text.quoted("pad", "same") : Spatial.option(axes, "pad", pad, Size.of(0)))
                + Spatial.option(axes, "dilation", dilation, ONE)
                + Text.option("groups", groups, 1)
                + (bias ? "" : ".bias(false)")
                + Text.option("weightInit", weightInit, Initializers.fanIn())
                + (biasInit == null ? "" : ".biasInit(" + Text.of(biasInit) + ")")
                + Text.named(named);
    }
}
