package dev.fluxion.dsl.layer;

import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import java.util.List;

/**
 * A layer normalisation (Ba, Kiros and Hinton, 2016): each row, all that lies along the last axes, becomes
 * (x − mean) / √(variance + ε), the variance being the biased one, times a weight plus a bias for each of its elements. Inputs
 * N×…×row, outputs the same. Parameters: {@code weight}, first 1, and {@code bias}, first 0, of the shape of a row.
 *
 * @param extents the extents of a row; empty to take the last axis of the input, whatever its extent
 * @param eps ε, added to the variance
 * @param affine whether there are a weight and a bias
 * @param bias whether there is a bias, if there is a weight
 * @param named the name that replaces the position in parameter names, empty for none
 * @param callSite the file and line that made it
 */
public record LayerNorm(
        List<Integer> extents, double eps, boolean affine, boolean bias, String named, CallSite callSite)
        implements NamedLayer {
    static final double EPS = 1e-5;
    private static final String NAME = "layerNorm";

    /** Checks the numbers. */
    public LayerNorm {
        Arguments.requireIdentity(NAME, named, callSite);
        extents = RowExtents.checked(NAME, extents, callSite);
        Numbers.requireNotNegative(Text.place(RowExtents.call(NAME, extents), callSite), "eps", eps);
    }

    /** This layer with another ε. */
    public LayerNorm eps(double added) {
        return new LayerNorm(extents, added, affine, bias, named, callSite);
    }

    /** This layer with or without weight and bias. */
    public LayerNorm affine(boolean with) {
        return new LayerNorm(extents, eps, with, bias, named, callSite);
    }

    /** This layer with or without a bias. */
    public LayerNorm bias(boolean with) {
        return new LayerNorm(extents, eps, affine, with, named, callSite);
    }

    /** This layer with a name that replaces its position in parameter names. */
    public LayerNorm named(String name) {
        return new LayerNorm(extents, eps, affine, bias, Arguments.requireName(this, callSite, name), callSite);
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        Scope own = LayerCalls.scope(this, scope);
        return LayerCalls.layer(this, callSite, own, x, input -> make(own, input), this::hint);
    }

    private Expr make(Scope scope, Expr x) {
        Shape row = RowExtents.row(extents, x.shape());
        Expr weight = affine ? scope.parameter("weight", row, Initializers.ones()) : same(1, row);
        Expr shift = affine && bias ? scope.parameter("bias", row, Initializers.zeros()) : same(0, row);
        return x.layerNorm(weight, shift, eps);
    }

    private static Expr same(double value, Shape row) {
        return Expr.constant(value).broadcastTo(row);
    }

    private String hint(Shape input) {
        return RowExtents.fitting(extents, input)
                .map(last -> Errors.didYouMean(new LayerNorm(last, eps, affine, bias, named, callSite)))
                .orElse("");
    }

    /** The layer as the user wrote it. */
    @Override
    public String toString() {
        return RowExtents.call(NAME, extents)
                + Text.option("eps", eps, EPS)
                + (affine ? "" : ".affine(false)")
                + (bias ? "" : ".bias(false)")
                + Text.named(named);
    }
}
