package dev.fluxion.dsl.layer;

import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Size;

/**
 * The windows of images N×C×H×W as columns, N×(C·KH·KW)×L: a column has the channels of a window one after the other, each with its
 * rows; the L windows are in row-major order.
 *
 * @param kernel the extent of a window
 * @param stride steps between windows
 * @param pad zeros on both sides of each axis
 * @param dilation steps between the elements of a window
 * @param named the name that replaces the position in parameter names, empty for none
 * @param callSite the file and line that made it
 */
public record Unfold(Size kernel, Size stride, Size pad, Size dilation, String named, CallSite callSite)
        implements NamedLayer {
    /** Checks the numbers. */
    public Unfold {
        Arguments.requireIdentity("unfold", named, callSite);
        Arguments.requireSizes("unfold", callSite, kernel, stride, pad, dilation);
        new Patches(kernel, stride, pad, dilation).require(Text.size("unfold", kernel), callSite);
    }

    static Unfold of(Size kernel, CallSite callSite) {
        return new Unfold(kernel, Size.of(1), Size.of(0), Size.of(1), "", callSite);
    }

    /** This layer with another stride. */
    public Unfold stride(int both) {
        return stride(both, both);
    }

    /** This layer with strides along the height and the width. */
    public Unfold stride(int h, int w) {
        return new Unfold(kernel, Size.of(h, w), pad, dilation, named, callSite);
    }

    /** This layer with zeros on all sides. */
    public Unfold pad(int all) {
        return pad(all, all);
    }

    /** This layer with zeros on both sides of the height and of the width. */
    public Unfold pad(int h, int w) {
        return new Unfold(kernel, stride, Size.of(h, w), dilation, named, callSite);
    }

    /** This layer with the elements of a window so many steps apart. */
    public Unfold dilation(int both) {
        return dilation(both, both);
    }

    /** This layer with the elements of a window so many rows and columns apart. */
    public Unfold dilation(int h, int w) {
        return new Unfold(kernel, stride, pad, Size.of(h, w), named, callSite);
    }

    /** This layer with a name that replaces its position in parameter names. */
    public Unfold named(String name) {
        return new Unfold(kernel, stride, pad, dilation, Arguments.requireName(this, callSite, name), callSite);
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        return LayerCalls.layer(
                this,
                callSite,
                LayerCalls.scope(this, scope),
                x,
                this::make,
                input -> Spatial.smallHint(Spatial.IMAGES, input));
    }

    private Expr make(Expr x) {
        Arguments.requireImages(x.shape());
        return new Patches(kernel, stride, pad, dilation).columns(x);
    }

    /** The layer as the user wrote it. */
    @Override
    public String toString() {
        return Text.size("unfold", kernel) + options(stride, pad, dilation) + Text.named(named);
    }

    /** The options that differ from those of a new layer. */
    static String options(Size stride, Size pad, Size dilation) {
        return Text.option("stride", stride, Size.of(1))
                + Text.option("pad", pad, Size.of(0))
                + Text.option("dilation", dilation, Size.of(1));
    }
}
