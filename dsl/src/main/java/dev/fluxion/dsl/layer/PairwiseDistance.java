package dev.fluxion.dsl.layer;

import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.fn.Reductions;

/**
 * The distance between vectors along the last axis, which disappears: the norm of x − y + ε. The other value, y, is one that has a
 * name: an input of the model, or what {@link Layers#as} has named before. The two broadcast to a common shape. The derivative where
 * the distance is 0 is 0.
 *
 * @param other the name of y
 * @param p the exponent of the norm, from 1 to infinity
 * @param eps ε
 * @param keepDim whether the last axis stays, with extent 1
 * @param named the name that replaces the position in parameter names, empty for none
 * @param callSite the file and line that made it
 */
public record PairwiseDistance(String other, double p, double eps, boolean keepDim, String named, CallSite callSite)
        implements NamedLayer {
    private static final String NAME = "pairwiseDistance";
    private static final double P = 2;
    private static final double EPS = 1e-6;

    /** Checks the arguments. */
    public PairwiseDistance {
        Arguments.requireIdentity(NAME, named, callSite);
        Arguments.requireValueName(NAME, callSite, "the other value", other);
        String place = Text.place(head(other), callSite);
        Numbers.require(p >= 1, place, "p", "at least 1", p);
        Numbers.requireFinite(place, "eps", eps);
    }

    static PairwiseDistance of(String other, CallSite callSite) {
        return new PairwiseDistance(
                Given.require(Text.place(NAME, callSite), "the other value", other), P, EPS, false, "", callSite);
    }

    /** This layer with the norm of another exponent. */
    public PairwiseDistance p(double exponent) {
        return new PairwiseDistance(other, exponent, eps, keepDim, named, callSite);
    }

    /** This layer with another ε. */
    public PairwiseDistance eps(double added) {
        return new PairwiseDistance(other, p, added, keepDim, named, callSite);
    }

    /** This layer with or without the last axis in its result. */
    public PairwiseDistance keepDim(boolean whether) {
        return new PairwiseDistance(other, p, eps, whether, named, callSite);
    }

    /** This layer with a name that replaces its position in parameter names. */
    public PairwiseDistance named(String name) {
        return new PairwiseDistance(other, p, eps, keepDim, Arguments.requireName(this, callSite, name), callSite);
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        Scope own = LayerCalls.scope(this, scope);
        return LayerCalls.layer(this, callSite, own, x, input -> make(input, own.value(other)));
    }

    private Expr make(Expr x, Expr y) {
        Expr difference = x.sub(y).add(eps);
        Expr distance = Reductions.norm(difference, p, -1);
        return keepDim ? distance.reshape(difference.shape().keeping(-1)) : distance;
    }

    private static String head(String other) {
        return NAME + "(\"" + other + "\")";
    }

    /** The layer as the user wrote it. */
    @Override
    public String toString() {
        return head(other)
                + Text.option("p", p, P)
                + Text.option("eps", eps, EPS)
                + Text.option("keepDim", keepDim, false)
                + Text.named(named);
    }
}
