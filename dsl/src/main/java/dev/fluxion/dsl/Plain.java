package dev.fluxion.dsl;

import dev.fluxion.Layer;
import dev.fluxion.Scope;
import dev.fluxion.ir.Expr;

/**
 * A layer that is a function with a text: an activation, a change of shape, a user's lambda with a name.
 *
 * @param text the layer as the user wrote it
 * @param body the function
 * @param named the name that replaces the position in parameter names, empty for none
 * @param source where it was written
 */
public record Plain(String text, Layer body, String named, Source source) implements Named {
    /** This layer with a name that replaces its position in parameter names. */
    public Plain named(String name) {
        return new Plain(text, body, Arguments.requireName(text, source, name), source);
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        Scope own = Applying.scope(this, scope);
        return Applying.layer(this, source, own, x, input -> body.apply(own, input));
    }

    /** The layer as the user wrote it. */
    @Override
    public String toString() {
        return text + Text.named(named);
    }
}
