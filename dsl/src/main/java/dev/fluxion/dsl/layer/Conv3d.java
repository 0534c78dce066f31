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
 * @param dilation steps between the taps of the kernel
 * @param groups how many equal groups the channels form; a group's outputs see only its inputs
 * @param bias whether the layer adds a number per output channel
 * @param weightInit the first values of the weight; those of the bias are uniform in ±1/√(in/groups·KD·KH·KW)
 * @param named the name that replaces the position in parameter names, empty for none
 * @param callSite the file and line that made it
 */
public record Conv3d(
        int in,
        int out,
        Volume kernel,
        Volume stride,
        Volume pad,
        Volume dilation,
        int groups,
        boolean bias,
        Initializer weightInit,
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
    }

    static Conv3d of(int in, int out, int kernel, CallSite callSite) {
        return new Conv3d(in, out, Volume.of(kernel), ONE, NONE, ONE, 1, true, Initializers.fanIn(), "", callSite);
    }

    /** This layer with a kernel of a depth, a height and a width. */
    public Conv3d kernel(int d, int h, int w) {
        return with(new Volume(d, h, w), stride, pad, dilation);
    }

    /** This layer with another stride. */
    public Conv3d stride(int all) {
        return with(kernel, Volume.of(all), pad, dilation);
    }

    /** This layer with strides along the depth, the height and the width. */
    public Conv3d stride(int d, int h, int w) {
        return with(kernel, new Volume(d, h, w), pad, dilation);
    }

    /** This layer with zeros added on all sides. */
    public Conv3d pad(int all) {
        return with(kernel, stride, Volume.of(all), dilation);
    }

    /** This layer with zeros added on both sides of the depth, of the height and of the width. */
    public Conv3d pad(int d, int h, int w) {
        return with(kernel, stride, new Volume(d, h, w), dilation);
    }

    /** This layer with another dilation of its kernel. */
    public Conv3d dilation(int all) {
        return with(kernel, stride, pad, Volume.of(all));
    }

    /** This layer with dilations of its kernel along the depth, the height and the width. */
    public Conv3d dilation(int d, int h, int w) {
        return with(kernel, stride, pad, new Volume(d, h, w));
    }

    /** This layer with its channels in equal groups. */
    public Conv3d groups(int count) {
        return new Conv3d(in, out, kernel, stride, pad, dilation, count, bias, weightInit, named, callSite);
    }

    /** This layer with or without a bias. */
    public Conv3d bias(boolean withBias) {
        return new Conv3d(in, out, kernel, stride, pad, dilation, groups, withBias, weightInit, named, callSite);
    }

    /** This layer with other first values of its weight. */
    public Conv3d weightInit(Initializer initializer) {
        return new Conv3d(in, out, kernel, stride, pad, dilation, groups, bias, initializer, named, callSite);
    }

    /** This layer with a name that replaces its position in parameter names. */
    public Conv3d named(String name) {
        String own = Arguments.requireName(this, callSite, name);
        return new Conv3d(in, out, kernel, stride, pad, dilation, groups, bias, weightInit, own, callSite);
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
        int slices = slices(shape);
        Shape weightShape = Shape.of(out, each, kernel.d(), kernel.h(), kernel.w());
        Expr weight = scope.parameter("weight", weightShape, weightInit)
                .reshape(out, each * kernel.d(), kernel.h(), kernel.w());
        Expr y = sliced(x, slices).conv(weight, new ConvSpec(stride.plane(), pad.plane(), dilation.plane(), groups));
        if (bias) {
            y = y.add(scope.parameter("bias", Shape.of(out), Initializers.fanIn(weightShape))
                    .reshape(1, out, 1, 1));
        }
        return y.reshape(shape.dim(0), slices, out, y.shape().dim(2), y.shape().dim(3))
                .transpose(0, 2, 1, 3, 4);
    }

    private int slices(Shape shape) {
        long room = shape.dim(2) + 2L * pad.d() - (long) dilation.d() * (kernel.d() - 1) - 1;
        if (room < 0) {
            throw new ShapeException(Errors.kernelTooDeep(kernel, dilation, pad, shape));
        }
        return Places.count(room / stride.d() + 1, 2, shape);
    }

    /** Images, one for each slice of the result, whose channels are those of the slices that the kernel sees. */
    private Expr sliced(Expr x, int slices) {
        Shape s = x.shape();
        Places.count((long) slices * kernel.d(), 2, s);
        Expr padded = x.pad(2, pad.d(), pad.d(), 0);
        return Places.along(padded, 2, 0, TableRule.WINDOWS, kernel.d(), stride.d(), dilation.d(), slices)
                .reshape(s.dim(0), s.dim(1), slices, kernel.d(), s.dim(3), s.dim(4))
                .transpose(0, 2, 1, 3, 4, 5)
                .reshape(s.dim(0) * slices, s.dim(1) * kernel.d(), s.dim(3), s.dim(4));
    }

    private Conv3d with(Volume newKernel, Volume newStride, Volume newPad, Volume newDilation) {
        return new Conv3d(
                in, out, newKernel, newStride, newPad, newDilation, groups, bias, weightInit, named, callSite);
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
                + pad.option("pad", NONE)
                + dilation.option("dilation", ONE)
                + Text.option("groups", groups, 1)
                + (bias ? "" : ".bias(false)")
                + Text.option("weightInit", weightInit, Initializers.fanIn())
                + Text.named(named);
    }
}
