package dev.fluxion.dsl.layer;

import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.dsl.layer.Pool.Kind;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.PoolSpec;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Size;

/**
 * The largest element or the mean of so many windows, which cover images N×C×H×W or sequences N×C×L: row i of h sees the rows from
 * ⌊i·H/h⌋ up to ⌈(i + 1)·H/h⌉.
 *
 * @param kind largest element or mean
 * @param axes how many axes windows have: 1 of sequences, whose height is 1, 2 of images
 * @param size the extents of the result
 * @param named the name that replaces the position in parameter names, empty for none
 * @param callSite the file and line that made it
 */
public record AdaptivePool(Kind kind, int axes, Size size, String named, CallSite callSite) implements NamedLayer {
    /** Checks the numbers. */
    public AdaptivePool {
        Arguments.requireIdentity("adaptivePool", named, callSite);
        Given.require(Text.place("adaptivePool", callSite), "the kind", kind);
        Spatial.requireAxes("adaptivePool", callSite, axes);
        Arguments.requireSizes("adaptivePool", callSite, size);
        Spatial.requireAtLeast(axes, head(kind, axes, size), callSite, "the size", 1, size);
    }

    /** This layer with a name that replaces its position in parameter names. */
    public AdaptivePool named(String name) {
        return new AdaptivePool(kind, axes, size, Arguments.requireName(this, callSite, name), callSite);
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        return LayerCalls.layer(
                this, callSite, LayerCalls.scope(this, scope), x, this::make, input -> Spatial.hint(axes, input));
    }

    private Expr make(Expr x) {
        Spatial.require(axes, x.shape());
        return Spatial.back(axes, pooled(Spatial.images(axes, x)));
    }

    private Expr pooled(Expr x) {
        Shape shape = x.shape();
        Places.requirePlaces(shape);
        boolean isMax = kind == Kind.MAX;
        if (shape.dim(2) % size.h() == 0 && shape.dim(3) % size.w() == 0) {
            PoolSpec spec = PoolSpec.of(Size.of(shape.dim(2) / size.h(), shape.dim(3) / size.w()));
            return isMax ? x.maxPool(spec) : x.avgPool(spec);
        }
        Bins rows = Bins.adaptive(shape, 2, size.h());
        Bins columns = Bins.adaptive(shape, 3, size.w());
        return isMax ? Bins.max(x, rows, columns) : Bins.mean(x, rows, columns);
    }

    private static String head(Kind kind, int axes, Size size) {
        String name = kind == Kind.MAX ? "adaptiveMaxPool" : "adaptiveAvgPool";
        return Spatial.size(axes, Spatial.factory(axes, name), size);
    }

    /** The layer as the user wrote it. */
    @Override
    public String toString() {
        return head(kind, axes, size) + Text.named(named);
    }
}
