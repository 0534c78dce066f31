package dev.fluxion.dsl.layer;

import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import dev.fluxion.ir.Size;
import dev.fluxion.ir.fn.Scatter;
import org.jspecify.annotations.Nullable;

/**
 * Puts elements back where a maxPool found them (Zeiler and Fergus, 2014), with zeros around them; of several at one place the last
 * stays. Images N×C×h×w become N×C×H×W, H being (h − 1)·stride − 2·pad + kernel and W alike, unless there is a size; sequences alike.
 *
 * @param indices the name of the places, by {@link Pool#indices}
 * @param axes how many axes windows have: 1 of sequences, where heights are those that change nothing, 2 of images
 * @param kernel the extent of a window
 * @param stride steps between windows
 * @param pad the padding on all sides
 * @param size the extents of the result; null for those that follow from the others
 * @param named the name that replaces the position in parameter names, empty for none
 * @param callSite the file and line that made it
 */
public record MaxUnpool(
        String indices,
        int axes,
        Size kernel,
        Size stride,
        Size pad,
        @Nullable Size size,
        String named,
        CallSite callSite)
        implements NamedLayer {
    private static final String NAME = "maxUnpool";

    /** Checks the arguments. */
    public MaxUnpool {
        Arguments.requireIdentity(NAME, named, callSite);
        Spatial.requireAxes(NAME, callSite, axes);
        Arguments.requireValueName(NAME, callSite, "the name of the indices", indices);
        Arguments.requireSizes(NAME, callSite, kernel, stride, pad);
        String text = head(indices, axes, kernel);
        Spatial.requireAtLeast(axes, text, callSite, "kernel", 1, kernel);
        Spatial.requireAtLeast(axes, text, callSite, "stride", 1, stride);
        Spatial.requireAtLeast(axes, text, callSite, "pad", 0, pad);
        if (size != null) {
            Spatial.requireAtLeast(axes, text, callSite, "size", 1, size);
        }
    }

    static MaxUnpool of(String indices, int axes, int kernel, CallSite callSite) {
        Size windows = Spatial.size(axes, kernel, 1);
        return new MaxUnpool(
                Given.require(Text.place(NAME, callSite), "the name of the indices", indices),
                axes,
                windows,
                windows,
                Size.of(0),
                null,
                "",
                callSite);
    }

    /** This layer with windows of a height and a width. */
    public MaxUnpool kernel(int h, int w) {
        return with(size("kernel", h, w), stride, pad, size);
    }

    /** This layer with another stride. */
    public MaxUnpool stride(int both) {
        return with(kernel, Spatial.size(axes, both, 1), pad, size);
    }

    /** This layer with strides along the height and the width. */
    public MaxUnpool stride(int h, int w) {
        return with(kernel, size("stride", h, w), pad, size);
    }

    /** This layer with padding on all sides. */
    public MaxUnpool pad(int all) {
        return with(kernel, stride, Spatial.size(axes, all, 0), size);
    }

    /** This layer with padding on both sides of the height and of the width. */
    public MaxUnpool pad(int h, int w) {
        return with(kernel, stride, size("pad", h, w), size);
    }

    /** This layer for sequences of this length. */
    public MaxUnpool size(int length) {
        return with(kernel, stride, pad, Spatial.size(axes, length, 1));
    }

    /** This layer for images of this height and width. */
    public MaxUnpool size(int h, int w) {
        return with(kernel, stride, pad, size("size", h, w));
    }

    /** This layer with a name that replaces its position in parameter names. */
    public MaxUnpool named(String name) {
        String own = Arguments.requireName(this, callSite, name);
        return new MaxUnpool(indices, axes, kernel, stride, pad, size, own, callSite);
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        Scope own = LayerCalls.scope(this, scope);
        return LayerCalls.layer(this, callSite, own, x, input -> make(input, own.value(indices)), this::hint);
    }

    private Expr make(Expr x, Expr places) {
        Spatial.require(axes, x.shape());
        if (places.dtype() != DType.INT || !places.shape().equals(x.shape())) {
            throw new ShapeException(Errors.indices(indices, x.shape(), places));
        }
        Shape shape = Spatial.images(axes, x).shape();
        int h = size != null ? size.h() : extent(shape, 2, kernel.h(), stride.h(), pad.h());
        int w = size != null ? size.w() : extent(shape, 3, kernel.w(), stride.w(), pad.w());
        Shape from = Shape.of(shape.dim(0), shape.dim(1), shape.dim(2) * shape.dim(3));
        Expr none = Expr.constant(0).broadcastTo(from.with(2, h * w));
        Expr put = Scatter.replace(none, 2, places.reshape(from), x.reshape(from));
        return Spatial.back(axes, put.reshape(shape.with(2, h).with(3, w)));
    }

    private static int extent(Shape input, int axis, int kernel, int stride, int pad) {
        long extent = (input.dim(axis) - 1L) * stride - 2L * pad + kernel;
        if (extent < 1 || extent > Integer.MAX_VALUE) {
            throw new ShapeException(Errors.madeExtent(extent, axis, input));
        }
        return (int) extent;
    }

    private String hint(Shape input) {
        return Spatial.hint(axes, input);
    }

    private Size size(String argument, int h, int w) {
        return Spatial.size(head(indices, axes, kernel), callSite, axes, argument, h, w);
    }

    private MaxUnpool with(Size newKernel, Size newStride, Size newPad, @Nullable Size newSize) {
        return new MaxUnpool(indices, axes, newKernel, newStride, newPad, newSize, named, callSite);
    }

    private static String head(String indices, int axes, Size kernel) {
        String head = Spatial.factory(axes, NAME) + "(\"" + indices + "\", " + kernel.w() + ")";
        boolean isOneNumber = axes == Spatial.SEQUENCES || kernel.h() == kernel.w();
        return isOneNumber ? head : head + "." + Text.size("kernel", kernel);
    }

    /** The layer as the user wrote it. */
    @Override
    public String toString() {
        return head(indices, axes, kernel)
                + Spatial.option(axes, "stride", stride, kernel)
                + Spatial.option(axes, "pad", pad, Size.of(0))
                + (size == null ? "" : "." + Spatial.size(axes, "size", size))
                + Text.named(named);
    }
}
