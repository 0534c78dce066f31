package dev.fluxion.dsl.layer;

import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;

/**
 * The largest element or the mean of each window of images N×C×H×W; windows that reach beyond the padded image are
 * dropped. A mean counts padding as zeros.
 *
 * @param kind largest element or mean
 * @param kernel the extent of a window
 * @param stride steps between windows
 * @param pad the padding on all sides, at most half of the kernel
 * @param named the name that replaces the position in parameter names, empty for none
 * @param callSite the file and line that made it
 */
public record Pool(Kind kind, Size kernel, Size stride, Size pad, String named, CallSite callSite)
        implements NamedLayer {
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
        Arguments.requireSizes(kind.factory, callSite, kernel, stride, pad);
        String text = Text.size(kind.factory, kernel);
        Arguments.requireAtLeast(text, callSite, "kernel", 1, kernel);
        Arguments.requireAtLeast(text, callSite, "stride", 1, stride);
        Arguments.requireAtLeast(text, callSite, "pad", 0, pad);
        if (pad.h() > kernel.h() / 2 || pad.w() > kernel.w() / 2) {
            throw new IllegalArgumentException(
                    Errors.argument(text, callSite, "pad", "at most half of the kernel " + kernel, pad));
        }
    }

    static Pool of(Kind kind, Size kernel, CallSite callSite) {
        return new Pool(kind, kernel, kernel, Size.of(0), "", callSite);
    }

    /** This layer with another stride. */
    public Pool stride(int both) {
        return stride(both, both);
    }

    /** This layer with strides along the height and the width. */
    public Pool stride(int h, int w) {
        return new Pool(kind, kernel, Size.of(h, w), pad, named, callSite);
    }

    /** This layer with padding on all four sides. */
    public Pool pad(int all) {
        return pad(all, all);
    }

    /** This layer with padding on both sides of the height and of the width. */
    public Pool pad(int h, int w) {
        return new Pool(kind, kernel, stride, Size.of(h, w), named, callSite);
    }

    /** This layer with a name that replaces its position in parameter names. */
    public Pool named(String name) {
        return new Pool(kind, kernel, stride, pad, Arguments.requireName(this, callSite, name), callSite);
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        return LayerCalls.layer(this, callSite, LayerCalls.scope(this, scope), x, this::make, this::hint);
    }

    private Expr make(Expr x) {
        Arguments.requireImages(x.shape());
        PoolSpec spec = new PoolSpec(kernel, stride, pad);
        return switch (kind) {
            case MAX -> x.maxPool(spec);
            case AVG -> x.avgPool(spec);
        };
    }

    private String hint(Shape input) {
        return input.rank() == 4 ? Errors.imageIsSmall(input) : Errors.batchAxisHint(input);
    }

    /** The layer as the user wrote it. */
    @Override
    public String toString() {
        return Text.size(kind.factory, kernel)
                + Text.option("stride", stride, kernel)
                + Text.option("pad", pad, Size.of(0))
                + Text.named(named);
    }
}
