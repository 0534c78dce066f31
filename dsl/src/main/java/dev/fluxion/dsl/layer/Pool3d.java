package dev.fluxion.dsl.layer;

import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.dsl.layer.Pool.Kind;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;

/**
 * The largest element or the mean of each window of volumes N×C×D×H×W: first of each slice, then along the depth. Windows that reach
 * beyond the padded volume are dropped, unless {@code ceilMode} keeps those that do not begin there.
 *
 * @param kind largest element or mean
 * @param kernel the extents of a window
 * @param stride steps between windows
 * @param pad the padding on all sides, at most half of the kernel
 * @param ceilMode whether windows count that reach beyond the padded volume
 * @param countIncludePad whether a mean counts padding as zeros
 * @param named the name that replaces the position in parameter names, empty for none
 * @param callSite the file and line that made it
 */
public record Pool3d(
        Kind kind,
        Volume kernel,
        Volume stride,
        Volume pad,
        boolean ceilMode,
        boolean countIncludePad,
        String named,
        CallSite callSite)
        implements NamedLayer {
    /** Checks the numbers. */
    public Pool3d {
        Arguments.requireIdentity("pool3d", named, callSite);
        Given.require(Text.place("pool3d", callSite), "the kind", kind);
        Given.require(Text.place("pool3d", callSite), "the kernel", kernel);
        Given.require(Text.place("pool3d", callSite), "stride", stride);
        Given.require(Text.place("pool3d", callSite), "pad", pad);
        String text = head(kind, kernel);
        kernel.requireAtLeast(text, callSite, "kernel", 1);
        stride.requireAtLeast(text, callSite, "stride", 1);
        pad.requireAtLeast(text, callSite, "pad", 0);
        if (pad.d() > kernel.d() / 2 || pad.h() > kernel.h() / 2 || pad.w() > kernel.w() / 2) {
            throw new IllegalArgumentException(
                    Errors.argument(text, callSite, "pad", "at most half of the kernel " + kernel, pad));
        }
        if (kind == Kind.MAX && !countIncludePad) {
            throw new IllegalArgumentException(Errors.onlyFor(text, callSite, "countIncludePad", "avgPool3d"));
        }
    }

    static Pool3d of(Kind kind, int kernel, CallSite callSite) {
        return new Pool3d(kind, Volume.of(kernel), Volume.of(kernel), Volume.of(0), false, true, "", callSite);
    }

    /** This layer with windows of a depth, a height and a width, which lie side by side. */
    public Pool3d kernel(int d, int h, int w) {
        Volume windows = new Volume(d, h, w);
        return new Pool3d(kind, windows, windows, pad, ceilMode, countIncludePad, named, callSite);
    }

    /** This layer with another stride. */
    public Pool3d stride(int all) {
        return stride(all, all, all);
    }

    /** This layer with strides along the depth, the height and the width. */
    public Pool3d stride(int d, int h, int w) {
        return new Pool3d(kind, kernel, new Volume(d, h, w), pad, ceilMode, countIncludePad, named, callSite);
    }

    /** This layer with padding on all sides. */
    public Pool3d pad(int all) {
        return pad(all, all, all);
    }

    /** This layer with padding on both sides of the depth, of the height and of the width. */
    public Pool3d pad(int d, int h, int w) {
        return new Pool3d(kind, kernel, stride, new Volume(d, h, w), ceilMode, countIncludePad, named, callSite);
    }

    /** This layer with or without windows that reach beyond the padded volume, but do not begin there. */
    public Pool3d ceilMode(boolean whether) {
        return new Pool3d(kind, kernel, stride, pad, whether, countIncludePad, named, callSite);
    }

    /** This layer with means over all elements of a window, padding counted as zeros, or over those of the volume alone. */
    public Pool3d countIncludePad(boolean whether) {
        return new Pool3d(kind, kernel, stride, pad, ceilMode, whether, named, callSite);
    }

    /** This layer with a name that replaces its position in parameter names. */
    public Pool3d named(String name) {
        String own = Arguments.requireName(this, callSite, name);
        return new Pool3d(kind, kernel, stride, pad, ceilMode, countIncludePad, own, callSite);
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        return LayerCalls.layer(this, callSite, LayerCalls.scope(this, scope), x, this::make);
    }

    private Expr make(Expr x) {
        Shape s = x.shape();
        Volume.require(s);
        Volume.requireFit(kernel, Volume.of(1), pad, ceilMode, s);
        Expr slices = pooled(
                x.reshape(s.dim(0), s.dim(1) * s.dim(2), s.dim(3), s.dim(4)),
                new PoolWindows(kernel.plane(), stride.plane(), pad.plane(), Size.of(1), ceilMode));
        int h = slices.shape().dim(2);
        int w = slices.shape().dim(3);
        Expr y = pooled(
                slices.reshape(s.dim(0), s.dim(1), s.dim(2), h * w),
                new PoolWindows(kernel.along(1), stride.along(1), pad.along(0), Size.of(1), ceilMode));
        return y.reshape(s.dim(0), s.dim(1), y.shape().dim(2), h, w);
    }

    private Expr pooled(Expr images, PoolWindows windows) {
        return kind == Kind.MAX ? windows.max(images) : windows.mean(images, countIncludePad);
    }

    private static String head(Kind kind, Volume kernel) {
        return Text.call(kind == Kind.MAX ? "maxPool3d" : "avgPool3d", kernel.d()) + kernel.kernelOption();
    }

    /** The layer as the user wrote it. */
    @Override
    public String toString() {
        return head(kind, kernel)
                + stride.option("stride", kernel)
                + pad.option("pad", Volume.of(0))
                + Text.option("ceilMode", ceilMode, false)
                + Text.option("countIncludePad", countIncludePad, true)
                + Text.named(named);
    }
}
