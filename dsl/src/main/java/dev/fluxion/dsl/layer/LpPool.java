package dev.fluxion.dsl.layer;

import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Size;

/**
 * (Σ xᵖ)^(1/p) of each window of images N×C×H×W or sequences N×C×L; its derivative where the sum is 0 is 0. An odd p wants numbers
 * that are not negative: a sum below 0 gives NaN, as in PyTorch.
 *
 * @param norm the exponent p, not 0
 * @param axes how many axes windows have: 1 of sequences, where heights are those that change nothing, 2 of images
 * @param kernel the extent of a window
 * @param stride steps between windows
 * @param ceilMode whether windows count that reach beyond the image; what is beyond counts as their mean
 * @param named the name that replaces the position in parameter names, empty for none
 * @param callSite the file and line that made it
 */
public record LpPool(double norm, int axes, Size kernel, Size stride, boolean ceilMode, String named, CallSite callSite)
        implements NamedLayer {
    /** Checks the numbers. */
    public LpPool {
        Arguments.requireIdentity("lpPool", named, callSite);
        Spatial.requireAxes("lpPool", callSite, axes);
        Arguments.requireSizes("lpPool", callSite, kernel, stride);
        String text = head(norm, axes, kernel);
        Arguments.requireNotZero(text, callSite, "norm", norm);
        Spatial.requireAtLeast(axes, text, callSite, "kernel", 1, kernel);
        Spatial.requireAtLeast(axes, text, callSite, "stride", 1, stride);
    }

    static LpPool of(double norm, int axes, Size kernel, CallSite callSite) {
        return new LpPool(norm, axes, kernel, kernel, false, "", callSite);
    }

    /** This layer with another stride. */
    public LpPool stride(int both) {
        return with(Spatial.size(axes, both, 1));
    }

    /** This layer with strides along the height and the width. */
    public LpPool stride(int h, int w) {
        return with(Spatial.size(head(norm, axes, kernel), callSite, axes, "stride", h, w));
    }

    /** This layer with or without windows that reach beyond the image. */
    public LpPool ceilMode(boolean whether) {
        return new LpPool(norm, axes, kernel, stride, whether, named, callSite);
    }

    /** This layer with a name that replaces its position in parameter names. */
    public LpPool named(String name) {
        return new LpPool(norm, axes, kernel, stride, ceilMode, Arguments.requireName(this, callSite, name), callSite);
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        return LayerCalls.layer(
                this, callSite, LayerCalls.scope(this, scope), x, this::make, input -> Spatial.smallHint(axes, input));
    }

    private Expr make(Expr x) {
        Spatial.require(axes, x.shape());
        if (!ceilMode) {
            Spatial.requireFit(axes, kernel, Size.of(1), Size.of(0), x.shape());
        }
        PoolWindows windows = new PoolWindows(kernel, stride, Size.of(0), Size.of(1), ceilMode);
        Expr powers = Spatial.images(axes, x).pow(norm);
        Expr sums = windows.mean(powers, true).mul((double) kernel.h() * kernel.w());
        Expr none = sums.eq(0);
        Expr roots = none.where(Expr.constant(1), sums).pow(1 / norm);
        return Spatial.back(axes, none.where(Expr.constant(0).pow(1 / norm).broadcastTo(sums.shape()), roots));
    }

    LpPool with(Size newStride) {
        return new LpPool(norm, axes, kernel, newStride, ceilMode, named, callSite);
    }

    private static String head(double norm, int axes, Size kernel) {
        String factory = Spatial.factory(axes, "lpPool");
        return axes == Spatial.SEQUENCES || kernel.h() == kernel.w()
                ? Text.call(factory, norm, kernel.w())
                : Text.call(factory, norm, kernel.h(), kernel.w());
    }

    /** The layer as the user wrote it. */
    @Override
    public String toString() {
        return head(norm, axes, kernel)
                + Spatial.option(axes, "stride", stride, kernel)
                + Text.option("ceilMode", ceilMode, false)
                + Text.named(named);
    }
}
