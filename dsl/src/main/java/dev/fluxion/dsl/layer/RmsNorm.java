package dev.fluxion.dsl.layer;

import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A root mean square normalisation (Zhang and Sennrich, 2019): each row, all that lies along the last axes, becomes
 * x / √(mean of x² + ε), times a weight for each of its elements. Inputs N×…×row, outputs the same. Parameter: {@code weight},
 * first 1, of the shape of a row.
 *
 * @param extents the extents of a row; empty to take the last axis of the input, whatever its extent
 * @param eps ε, added to the mean square
 * @param affine whether there is a weight
 * @param named the name that replaces the position in parameter names, empty for none
 * @param callSite the file and line that made it
 */
public record RmsNorm(List<Integer> extents, double eps, boolean affine, String named, CallSite callSite)
        implements NamedLayer {
    /** The distance from 1 to the next float, as in PyTorch. */
    static final double EPS = 0x1p-23;

    private static final String NAME = "rmsNorm";

    /** Checks the numbers. */
    public RmsNorm {
        Arguments.requireIdentity(NAME, named, callSite);
        extents = RowExtents.checked(NAME, extents, callSite);
        Numbers.requireNotNegative(Text.place(RowExtents.call(NAME, extents), callSite), "eps", eps);
    }

    /** This layer with another ε. */
    public RmsNorm eps(double added) {
        return new RmsNorm(extents, added, affine, named, callSite);
    }

    /** This layer with or without a weight. */
    public RmsNorm affine(boolean with) {
        return new RmsNorm(extents, eps, with, named, callSite);
    }

    /** This layer with a name that replaces its position in parameter names. */
    public RmsNorm named(String name) {
        return new RmsNorm(extents, eps, affine, Arguments.requireName(this, callSite, name), callSite);
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        Scope own = LayerCalls.scope(this, scope);
        return LayerCalls.layer(this, callSite, own, x, input -> make(own, input), this::hint);
    }

    private Expr make(Scope scope, Expr x) {
        Shape row = RowExtents.row(extents, x.shape());
        int rank = x.shape().rank();
        int[] last = IntStream.range(rank - row.rank(), rank).toArray();
        Expr mean = x.square().sumKeepDims(last).div(row.size());
        Expr y = x.mul(Moments.inverse(mean, eps));
        return affine ? y.mul(scope.parameter("weight", row, Initializers.ones())) : y;
    }

    private String hint(Shape input) {
        return RowExtents.fitting(extents, input)
                .map(last -> Errors.didYouMean(new RmsNorm(last, eps, affine, named, callSite)))
                .orElse("");
    }

    /** The layer as the user wrote it. */
    @Override
    public String toString() {
        return RowExtents.call(NAME, extents)
                + Text.option("eps", eps, EPS)
                + (affine ? "" : ".affine(false)")
                + Text.named(named);
    }
}
