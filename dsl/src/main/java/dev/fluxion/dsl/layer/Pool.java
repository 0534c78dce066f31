package dev.fluxion.dsl.layer;

import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;

/**
 * The largest element or the mean of each window of images N×C×H×W or sequences N×C×L. Windows that reach beyond the padded image
 * are dropped, unless {@code ceilMode} keeps those that do not begin there.
 *
 * @param kind largest element or mean
 * @param axes how many axes windows have: 1 of sequences, where heights are those that change nothing, 2 of images
 * @param kernel the extent of a window
 * @param stride steps between windows
 * @param pad the padding on all sides, at most half of the kernel, which a dilation stretches
 * @param dilation steps between the elements of a window, of a largest element
 * @param ceilMode whether windows count that reach beyond the padded image
 * @param countIncludePad whether a mean counts padding as zeros
 * @param divisor what a sum is divided by to be a mean; 0 for the number of elements
 * @param indices the name of where largest elements are found, as integers; empty for none
 * @param named the name that replaces the position in parameter names, empty for none
 * @param callSite the file and line that made it
 */
public record Pool(
        Kind kind,
        int axes,
        Size kernel,
        Size stride,
        Size pad,
        Size dilation,
        boolean ceilMode,
        boolean countIncludePad,
        int divisor,
        String indices,
        String named,
        CallSite callSite)
        implements NamedLayer {
    private static final Size ONE = Size.of(1);

    /** The function of a window. */
    public enum Kind {
        /** The largest element. */
        MAX("maxPool"),
        /** The mean. */
        AVG("avgPool");

        private final String factory;

        Kind(String factory) {
            this.factory = factory;
        }
    }

    /** Checks the numbers. */
    public Pool {
        Arguments.requireIdentity("pool", named, callSite);
        Given.require(Text.place("pool", callSite), "the kind", kind);
        Spatial.requireAxes(kind.factory, callSite, axes);
        Arguments.requireSizes(Spatial.factory(axes, kind.factory), callSite, kernel, stride, pad, dilation);
        String text = head(kind, axes, kernel);
        Spatial.requireAtLeast(axes, text, callSite, "kernel", 1, kernel);
        Spatial.requireAtLeast(axes, text, callSite, "stride", 1, stride);
        Spatial.requireAtLeast(axes, text, callSite, "pad", 0, pad);
        Spatial.requireAtLeast(axes, text, callSite, "dilation", 1, dilation);
        Arguments.requireAtLeast(text, callSite, "divisor", 0, divisor);
        requireFor(Kind.MAX, dilation.equals(ONE), kind, axes, text, "dilation", callSite);
        Given.require(Text.place(text, callSite), "indices", indices);
        requireFor(Kind.MAX, indices.isEmpty(), kind, axes, text, "indices", callSite);
        requireFor(Kind.AVG, countIncludePad, kind, axes, text, "countIncludePad", callSite);
        requireFor(Kind.AVG, divisor == 0, kind, axes, text, "divisor", callSite);
        if (pad.h() > half(kernel.h(), dilation.h()) || pad.w() > half(kernel.w(), dilation.w())) {
            throw new IllegalArgumentException(
                    Errors.argument(text, callSite, "pad", "at most half of the kernel " + kernel, pad));
        }
    }

    private static void requireFor(
            Kind one, boolean isDefault, Kind kind, int axes, String text, String option, CallSite callSite) {
        if (kind != one && !isDefault) {
            throw new IllegalArgumentException(
                    Errors.onlyFor(text, callSite, option, Spatial.factory(axes, one.factory)));
        }
    }

    private static long half(int kernel, int dilation) {
        return ((long) dilation * (kernel - 1) + 1) / 2;
    }

    static Pool of(Kind kind, int axes, Size kernel, CallSite callSite) {
        return new Pool(kind, axes, kernel, kernel, Size.of(0), ONE, false, true, 0, "", "", callSite);
    }

    /** This layer with another stride. */
    public Pool stride(int both) {
        return with(Spatial.size(axes, both, 1), pad, dilation);
    }

    /** This layer with strides along the height and the width. */
    public Pool stride(int h, int w) {
        return with(size("stride", h, w), pad, dilation);
    }

    /** This layer with padding on all sides. */
    public Pool pad(int all) {
        return with(stride, Spatial.size(axes, all, 0), dilation);
    }

    /** This layer with padding on both sides of the height and of the width. */
    public Pool pad(int h, int w) {
        return with(stride, size("pad", h, w), dilation);
    }

    /** This layer with the elements of a window so many steps apart, of a largest element. */
    public Pool dilation(int both) {
        return with(stride, pad, Spatial.size(axes, both, 1));
    }

    /** This layer with the elements of a window so many rows and columns apart. */
    public Pool dilation(int h, int w) {
        return with(stride, pad, size("dilation", h, w));
    }

    /** This layer with or without windows that reach beyond the padded image, but do not begin there. */
    public Pool ceilMode(boolean whether) {
        return with(whether, countIncludePad, divisor, indices, named);
    }

    /** This layer with means over all elements of a window, padding counted as zeros, or over those of the image alone. */
    public Pool countIncludePad(boolean whether) {
        return with(ceilMode, whether, divisor, indices, named);
    }

    /** This layer with sums divided by this number; 0 for the number of elements. */
    public Pool divisor(int number) {
        return with(ceilMode, countIncludePad, number, indices, named);
    }

    /**
     * This layer with a name for where it finds largest elements, the first of equals: integers in the shape of its result, counted
     * row by row in each channel's image or sequence, for {@link Layers#maxUnpool}.
     */
    public Pool indices(String name) {
        Arguments.requireValueName(Text.of(this), callSite, "indices", name);
        return with(ceilMode, countIncludePad, divisor, name, named);
    }

    /** This layer with a name that replaces its position in parameter names. */
    public Pool named(String name) {
        return with(ceilMode, countIncludePad, divisor, indices, Arguments.requireName(this, callSite, name));
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        Scope own = LayerCalls.scope(this, scope);
        return LayerCalls.layer(this, callSite, own, x, input -> make(own, input), this::hint);
    }

    private Expr make(Scope scope, Expr x) {
        Spatial.require(axes, x.shape());
        PoolWindows windows = new PoolWindows(kernel, stride, pad, dilation, ceilMode);
        if (!ceilMode) {
            Spatial.requireFit(axes, kernel, dilation, pad, x.shape());
        }
        Expr images = Spatial.images(axes, x);
        if (!indices.isEmpty()) {
            scope.define(indices, Spatial.back(axes, windows.places(images)));
        }
        return Spatial.back(
                axes,
                switch (kind) {
                    case MAX -> windows.max(images);
                    case AVG -> divisor == 0 ? windows.mean(images, countIncludePad) : windows.mean(images, divisor);
                });
    }

    private String hint(Shape input) {
        return Spatial.smallHint(axes, input);
    }

    private Size size(String argument, int h, int w) {
        return Spatial.size(head(kind, axes, kernel), callSite, axes, argument, h, w);
    }

    private Pool with(Size newStride, Size newPad, Size newDilation) {
        return new Pool(
                kind,
                axes,
                kernel,
                newStride,
                newPad,
                newDilation,
                ceilMode,
                countIncludePad,
                divisor,
                indices,
                named,
                callSite);
    }

    private Pool with(boolean isCeil, boolean withPadding, int number, String places, String name) {
        return new Pool(kind, axes, kernel, stride, pad, dilation, isCeil, withPadding, number, places, name, callSite);
    }

    private static String head(Kind kind, int axes, Size kernel) {
        return Spatial.size(axes, Spatial.factory(axes, kind.factory), kernel);
    }

    /** The layer as the user wrote it. */
    @Override
    public String toString() {
        return head(kind, axes, kernel)
                + Spatial.option(axes, "stride", stride, kernel)
                + Spatial.option(axes, "pad", pad, Size.of(0))
                + Spatial.option(axes, "dilation", dilation, ONE)
                + Text.option("ceilMode", ceilMode, false)
                + Text.option("countIncludePad", countIncludePad, true)
                + Text.option("divisor", divisor, 0)
                + Text.quoted("indices", indices)
                + Text.named(named);
    }
}
