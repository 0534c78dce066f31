package dev.fluxion.dsl.layer;

import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Size;

/**
 * Images N×C×H×W of columns N×(C·KH·KW)×L such as {@link Unfold} makes: each element is added where it comes from, so that places
 * which several windows see are sums.
 *
 * @param size the height and width of the images
 * @param kernel the extent of a window
 * @param stride steps between windows
 * @param pad how much of each side windows see beyond the images, which is dropped
 * @param dilation steps between the elements of a window
 * @param named the name that replaces the position in parameter names, empty for none
 * @param callSite the file and line that made it
 */
public record Fold(Size size, Size kernel, Size stride, Size pad, Size dilation, String named, CallSite callSite)
        implements NamedLayer {
    /** Checks the numbers. */
    public Fold {
        Arguments.requireIdentity("fold", named, callSite);
        Arguments.requireSizes("fold", callSite, size, kernel, stride, pad, dilation);
        Spatial.requireAtLeast(Spatial.IMAGES, head(size, kernel), callSite, "the size", 1, size);
        new Patches(kernel, stride, pad, dilation).require(head(size, kernel), callSite);
    }

    static Fold of(Size size, Size kernel, CallSite callSite) {
        return new Fold(size, kernel, Size.of(1), Size.of(0), Size.of(1), "", callSite);
    }

    /** This layer with a kernel of a height and a width. */
    public Fold kernel(int h, int w) {
        return new Fold(size, Size.of(h, w), stride, pad, dilation, named, callSite);
    }

    /** This layer with another stride. */
    public Fold stride(int both) {
        return stride(both, both);
    }

    /** This layer with strides along the height and the width. */
    public Fold stride(int h, int w) {
        return new Fold(size, kernel, Size.of(h, w), pad, dilation, named, callSite);
    }

    /** This layer with so much of all sides dropped. */
    public Fold pad(int all) {
        return pad(all, all);
    }

    /** This layer with so much of both sides of the height and of the width dropped. */
    public Fold pad(int h, int w) {
        return new Fold(size, kernel, stride, Size.of(h, w), dilation, named, callSite);
    }

    /** This layer with the elements of a window so many steps apart. */
    public Fold dilation(int both) {
        return dilation(both, both);
    }

    /** This layer with the elements of a window so many rows and columns apart. */
    public Fold dilation(int h, int w) {
        return new Fold(size, kernel, stride, pad, Size.of(h, w), named, callSite);
    }

    /** This layer with a name that replaces its position in parameter names. */
    public Fold named(String name) {
        return new Fold(size, kernel, stride, pad, dilation, Arguments.requireName(this, callSite, name), callSite);
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        return LayerCalls.layer(
                this, callSite, LayerCalls.scope(this, scope), x, columns -> new Patches(kernel, stride, pad, dilation)
                        .images(columns, size));
    }

    private static String head(Size size, Size kernel) {
        String head = Text.call("fold", size.h(), size.w(), kernel.h());
        return kernel.h() == kernel.w() ? head : head + "." + Text.size("kernel", kernel);
    }

    /** The layer as the user wrote it. */
    @Override
    public String toString() {
        return head(size, kernel) + Unfold.options(stride, pad, dilation) + Text.named(named);
    }
}
