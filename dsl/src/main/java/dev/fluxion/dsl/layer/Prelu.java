package dev.fluxion.dsl.layer;

import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;

/**
 * x where positive, and elsewhere x times a weight that is learned (He et al., "Delving deep into rectifiers", 2015). Parameter:
 * {@code weight}, one for all elements or one for each channel, axis 1.
 *
 * @param slopes the number of weights: 1, or that of the channels
 * @param init the first value of the weights
 * @param named the name that replaces the position in parameter names, empty for none
 * @param callSite the file and line that made it
 */
public record Prelu(int slopes, double init, String named, CallSite callSite) implements NamedLayer {
    private static final double INIT = 0.25;

    /** Checks the numbers. */
    public Prelu {
        Arguments.requireIdentity("prelu", named, callSite);
        Arguments.requireAtLeast(head(slopes), callSite, "the number of weights", 1, slopes);
        Arguments.requireFinite(head(slopes), callSite, "init", init);
    }

    static Prelu of(int slopes, CallSite callSite) {
        return new Prelu(slopes, INIT, "", callSite);
    }

    /** This layer with another first value of its weights. */
    public Prelu init(double value) {
        return new Prelu(slopes, value, named, callSite);
    }

    /** This layer with a name that replaces its position in parameter names. */
    public Prelu named(String name) {
        return new Prelu(slopes, init, Arguments.requireName(this, callSite, name), callSite);
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        Scope own = LayerCalls.scope(this, scope);
        return LayerCalls.layer(this, callSite, own, x, input -> make(own, input), this::hint);
    }

    private Expr make(Scope scope, Expr x) {
        if (slopes > 1) {
            Channels.require(x.shape(), slopes, 0);
        }
        Expr weight = scope.parameter("weight", Shape.of(slopes), Initializers.constant(init));
        Expr slope = slopes == 1 ? weight.reshape() : Channels.along(weight, x.shape());
        return x.relu().add(Activations.negative(x).mul(slope));
    }

    private String hint(Shape input) {
        return input.rank() < 2 || input.dim(1) == 0
                ? ""
                : Errors.didYouMean(new Prelu(input.dim(1), init, named, callSite));
    }

    private static String head(int slopes) {
        return slopes == 1 ? "prelu()" : Text.call("prelu", slopes);
    }

    /** The layer as the user wrote it. */
    @Override
    public String toString() {
        return head(slopes) + Text.option("init", init, INIT) + Text.named(named);
    }
}
