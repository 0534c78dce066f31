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
import dev.fluxion.ir.TableRule;
import org.jspecify.annotations.Nullable;

/**
 * A convolution of volumes N×in×D×H×W to N×out×D'×H'×W', each extent as that of {@link Conv}. It is computed as a convolution of
 * images: slices that the kernel sees at once lie beside each other as channels. Parameters: {@code weight} of shape
 * out×in/groups×KD×KH×KW and {@code bias} of shape out.
 *
 * @param in the number of input channels; 0 to infer it
 * @param out the number of output channels
 * @param kernel the extents of the kernel
 * @param stride steps between outputs
 * @param pad zeros added on both sides of each axis
 * @param same whether instead as many zeros are added as keep the extents, with stride 1
 * @param dilation steps between the taps of the kernel
 * @param groups how many equal groups the channels form; a group's outputs see only its inputs
 * @param bias whether the layer adds a number per output channel
 * @param weightInit the first values of the weight
 * @param biasInit the first values of the bias; null for uniform ones in ±1/√(in/groups·KD·KH·KW)
 * @param named the name that replaces the position in parameter names, empty for none
 * @param callSite the file and line that made it
 */
public record Conv3d(
        int in,
        int out,
        Volume kernel,
        Volume stride,
        Volume pad,
        boolean same,
        Volume dilation,
        int groups,
        boolean bias,
        Initializer weightInit,
        @Nullable Initializer biasInit,
        String named,
        CallSite callSite)
        implements NamedLayer {
    private static final String NAME = "conv3d";
    private static final Volume ONE = Volume.of(1);
    private static final Volume NONE = Volume.of(0);

    /** Checks the numbers. */
    public Conv3d {
        Arguments.requireIdentity(NAME, named, callSite);
        Given.require(Text.place(NAME, callSite), "the kernel", kernel);
        Given.require(Text.place(NAME, callSite), "stride", stride);
        Given.require(Text.place(NAME, callSite), "pad", pad);
        Given.require(Text.place(NAME, callSite), "dilation", dilation);
        String text = head(in, out, kernel);
        Arguments.requireAtLeast(text, callSite, "in", 0, in);
        Arguments.requireAtLeast(text, callSite, "out", 1, out);
        kernel.requireAtLeast(text, callSite, "kernel", 1);
        stride.requireAtLeast(text, callSite, "stride", 1);
        pad.requireAtLeast(text, callSite, "pad", 0);
        dilation.requireAtLeast(text, callSite, "dilation", 1);
        Arguments.requireAtLeast(text, callSite, "groups", 1, groups);
        Arguments.requireDivisor(text, callSite, "groups", groups, "input channels", in);
        Arguments.requireDivisor(text, callSite, "groups", groups, "output channels", out);
        Arguments.requireInit(text, callSite, "weightInit", weightInit);
        if (same) {
            long most = Math.max(
                    Conv.zeros(kernel.d(), dilation.d()),
                    Math.max(Conv.zeros(kernel.h(), dilation.h()), Conv.zeros(kernel.w(), dilation.w())));
            Conv.requireSame(text, callSite, stride.equals(ONE), stride, most);
        }
    }

    static Conv3d of(int in, int out, int kernel, CallSite callSite) {
        return new Conv3d(
                in, out, Volume.of(kernel), ONE, NONE, false, ONE, 1, true, Initializers.fanIn(), null, "", callSite);
    }

    /** This layer with a kernel of the same extent along each axis. */
    public Conv3d kernel(int all) {
        return with(Volume.of(all), stride, dilation);
    }

    /** This layer with a kernel of a depth, a height and a width. */
    public Conv3d kernel(int d, int h, int w) {
        return with(new Volume(d, h, w), stride, dilation);
    }

    /** This layer with another stride. */
    public Conv3d stride(int all) {
        return with(kernel, Volume.of(all), dilation);
    }

    /** This layer with strides along the depth, the height and the width. */
    public Conv3d stride(int d, int h, int w) {
        return with(kernel, new Volume(d, h, w), dilation);
    }

    /** This layer with zeros added on all sides. */
    public Conv3d pad(int all) {
        return with(Volume.of(all), false);
    }

    /** This layer with zeros added on both sides of the depth, of the height and of the width. */
    public Conv3d pad(int d, int h, int w) {
        return with(new Volume(d, h, w), false);
    }

    /**
     * This layer with zeros added as PyTorch's names say: "same" for as many as keep the extents, with stride 1, one more behind
     * than before along an axis where their number is odd; "valid" for none.
     */
    public Conv3d pad(String kind) {
        return with(NONE, Conv.isSame(this, callSite, kind));
    }

    /** This layer with another dilation of its kernel. */
    public Conv3d dilation(int all) {
        return with(kernel, stride, Volume.of(all));
    }

    /** This layer with dilations of its kernel along the depth, the height and the width. */
    public Conv3d dilation(int d, int h, int w) {
        return with(kernel, stride, new Volume(d, h, w));
    }

    /** This layer with its channels in equal groups. */
    public Conv3d groups(int count) {
        return with(count, bias, weightInit, biasInit, named);
    }

    /** This layer with or without a bias. */
    public Conv3d bias(boolean withBias) {
        return with(groups, withBias, weightInit, biasInit, named);
    }

    /** This layer with other first values of its weight. */
    public Conv3d weightInit(Initializer initializer) {
        return with(groups, bias, initializer, biasInit, named);
    }

    /** This layer with other first values of its bias. */
    public Conv3d biasInit(Initializer initializer) {
        Arguments.requireInit(this, callSite, "biasInit", initializer);
        return with(groups, bias, weightInit, initializer, named);
    }

    /** This layer with a name that replaces its position in parameter names. */
    public Conv3d named(String name) {
        return with(groups, bias, weightInit, biasInit, Arguments.requireName(this, callSite, name));
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        Scope own = LayerCalls.scope(this, scope);
        return LayerCalls.layer(this, callSite, own, x, input -> make(own, input));
    }

    private Expr make(Scope scope, Expr x) {
        Shape shape = x.shape();
        Volume.require(shape);
        if (in != Conv.INFERRED && in != shape.dim(1)) {
            throw new ShapeException(Errors.channels(in, shape));
        }
        if (shape.dim(1) % groups != 0) {
            throw new ShapeException(Errors.ungroupable(groups, shape));
        }
        int each = shape.dim(1) / groups;
        Expr padded = padded(x);
        int slices = slices(padded.shape());
        Shape weightShape = Shape.of(out, each, kernel.d(), kernel.h(), kernel.w());
        Expr weight = scope.parameter("weight", weightShape, weightInit)
                .reshape(out, each * kernel.d(), kernel.h(), kernel.w());
        Expr y = sliced(padded, slices)
                .conv(weight, new ConvSpec(stride.plane(), before().plane(), dilation.plane(), groups));
        if (bias) {
            Initializer first = biasInit != null ? biasInit : Initializers.fanIn(weightShape);
            y = y.add(scope.parameter("bias", Shape.of(out), first).reshape(1, out, 1, 1));
        }
        return y.reshape(shape.dim(0), slices, out, y.shape().dim(2), y.shape().dim(3))
                .transpose(0, 2, 1, 3, 4);
    }

    private int slices(Shape shape) {
        Volume.requireFit(kernel, dilation, before(), false, shape);
        long room = shape.dim(2) + 2L * before().d() - Conv.zeros(kernel.d(), dilation.d()) - 1;
        return Places.count(room / stride.d() + 1, 2, shape);
    }

    /** The zeros that are added on both sides. */
    private Volume before() {
        return same
                ? new Volume(
                        zeros(kernel.d(), dilation.d()) / 2,
                        zeros(kernel.h(), dilation.h()) / 2,
                        zeros(kernel.w(), dilation.w()) / 2)
                : pad;
    }

    /** Volumes with the zeros that are added behind alone. */
    private Expr padded(Expr x) {
        return same
                ? x.pad(2, 0, zeros(kernel.d(), dilation.d()) % 2, 0)
                        .pad(3, 0, zeros(kernel.h(), dilation.h()) % 2, 0)
                        .pad(4, 0, zeros(kernel.w(), dilation.w()) % 2, 0)
                : x;
    }

    private static int zeros(int kernel, int dilation) {
        return (int) Conv.zeros(kernel, dilation);
    }

    /** Images, one for each slice of the result, whose channels are those of the slices that the kernel sees. */
    private Expr sliced(Expr x, int slices) {
        Shape s = x.shape();
        Places.count((long) slices * kernel.d(), 2, s);
        Expr padded = x.pad(2, before().d(), before().d(), 0);
        return Places.along(padded, 2, 0, TableRule.WINDOWS, kernel.d(), stride.d(), dilation.d(), slices)
                .reshape(s.dim(0), s.dim(1), slices, kernel.d(), s.dim(3), s.dim(4))
                .transpose(0, 2, 1, 3, 4, 5)
                .reshape(s.dim(0) * slices, s.dim(1) * kernel.d(), s.dim(3), s.dim(4));
    }

    private Conv3d with(Volume newKernel, Volume newStride, Volume newDilation) {
        return new Conv3d(
                in,
                out,
                newKernel,
                newStride,
                pad,
                same,
                newDilation,
                groups,
                bias,
                weightInit,
                biasInit,
                named,
                callSite);
    }

    private Conv3d with(Volume newPad, boolean isSame) {
        return new Conv3d(
                in, out, kernel, stride, newPad, isSame, dilation, groups, bias, weightInit, biasInit, named, callSite);
    }

    private Conv3d with(
            int newGroups, boolean newBias, Initializer weights, @Nullable Initializer biases, String name) {
        return new Conv3d(
                in, out, kernel, stride, pad, same, dilation, newGroups, newBias, weights, biases, name, callSite);
    }

    private static String head(int in, int out, Volume kernel) {
        return (in == Conv.INFERRED ? Text.call(NAME, out, kernel.d()) : Text.call(NAME, in, out, kernel.d()))
                + kernel.kernelOption();
    }

    /** The layer as the user wrote it. */
    @Override
    public String toString() {
        return head(in, out, kernel)
                + stride.option("stride", ONE)
                + (same ? Text.quoted("pad", "same") : pad.option("pad", NONE))
                + dilation.option("dilation", ONE)
                + Text.option("groups", groups, 1)
                + (bias ? "" : ".bias(false)")
                + Text.option("weightInit", weightInit, Initializers.fanIn())
                + (biasInit == null ? "" : ".biasInit(" + Text.of(biasInit) + ")")
                + Text.named(named);
    }
}
