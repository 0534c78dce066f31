package dev.fluxion.dsl.layer;

import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;

/**
 * The cosine between vectors along an axis, which disappears: x·y / (max(|x|, ε)·max(|y|, ε)). The other value, y, is one that
 * has a name: an input of the model, or what {@link Layers#as} has named before. The two broadcast to a common shape.
 *
 * @param other the name of y
 * @param axis the axis of the vectors; negative ones count from the last
 * @param eps ε, the least length
 * @param named the name that replaces the position in parameter names, empty for none
 * @param callSite the file and line that made it
 */
public record CosineSimilarity(String other, int axis, double eps, String named, CallSite callSite)
        implements NamedLayer {
    private static final String NAME = "cosineSimilarity";
    private static final int AXIS = 1;
    private static final double EPS = 1e-8;

    /** Checks the arguments. */
    public CosineSimilarity {
        Arguments.requireIdentity(NAME, named, callSite);
        Arguments.requireValueName(NAME, callSite, "the other value", other);
        Numbers.requireNotNegative(Text.place(head(other), callSite), "eps", eps);
    }

    static CosineSimilarity of(String other, CallSite callSite) {
        return new CosineSimilarity(
                Given.require(Text.place(NAME, callSite), "the other value", other), AXIS, EPS, "", callSite);
    }

    /** This layer with vectors along another axis; negative ones count from the last. */
    public CosineSimilarity axis(int along) {
        return new CosineSimilarity(other, along, eps, named, callSite);
    }

    /** This layer with another ε. */
    public CosineSimilarity eps(double least) {
        return new CosineSimilarity(other, axis, least, named, callSite);
    }

    /** This layer with a name that replaces its position in parameter names. */
    public CosineSimilarity named(String name) {
        return new CosineSimilarity(other, axis, eps, Arguments.requireName(this, callSite, name), callSite);
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        Scope own = LayerCalls.scope(this, scope);
        return LayerCalls.layer(this, callSite, own, x, input -> make(input, own.value(other)));
    }

    private Expr make(Expr x, Expr y) {
        Shape both = Shape.broadcast(x.shape(), y.shape());
        return unit(x.broadcastTo(both)).mul(unit(y.broadcastTo(both))).sum(axis);
    }

    /** Vectors of length 1. As in PyTorch, ε hides no gradient, and a vector of length 0 has none by its length. */
    private Expr unit(Expr x) {
        Expr squares = x.square().sumKeepDims(axis);
        Expr isNone = squares.eq(0);
        Expr length = isNone.where(
                Expr.constant(0), isNone.where(Expr.constant(1), squares).sqrt());
        Expr lacking = length.max(eps).sub(length).stopGradient();
        return x.div(length.add(lacking));
    }

    private static String head(String other) {
        return NAME + "(\"" + other + "\")";
    }

    /** The layer as the user wrote it. */
    @Override
    public String toString() {
        return head(other) + Text.option("axis", axis, AXIS) + Text.option("eps", eps, EPS) + Text.named(named);
    }
}
