package dev.fluxion.dsl.layer;

import dev.fluxion.Layer;
import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;

/**
 * A function with a text: an activation, a change of shape, a user's lambda.
 *
 * @param text the layer as the user wrote it
 * @param body the function
 * @param named the name that replaces the position in parameter names, empty for none
 * @param callSite the file and line that made it
 */
public record FunctionLayer(String text, Layer body, String named, CallSite callSite) implements NamedLayer {
    /** Checks that nothing is null, and that the text is not blank. */
    public FunctionLayer {
        if (Given.require("layer", "the text", text).isBlank()) {
            throw new IllegalArgumentException(Errors.noText());
        }
        Arguments.requireIdentity(text, named, callSite);
        Given.require(Text.place(text, callSite), "the body", body);
    }

    /** This layer with a name that replaces its position in parameter names. */
    public FunctionLayer named(String name) {
        return new FunctionLayer(text, body, Arguments.requireName(text, callSite, name), callSite);
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        Scope own = LayerCalls.scope(this, scope);
        return LayerCalls.layer(this, callSite, own, x, input -> body.apply(own, input));
    }

    /** The layer as the user wrote it. */
    @Override
    public String toString() {
        return text + Text.named(named);
    }
}
