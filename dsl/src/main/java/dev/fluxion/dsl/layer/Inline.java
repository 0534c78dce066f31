package dev.fluxion.dsl.layer;

import dev.fluxion.Layer;
import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;

/**
 * A part of a layer without a place in the names of parameters: see {@link Layers#inline}.
 *
 * @param layer the part
 * @param callSite the file and line that made it
 */
public record Inline(Layer layer, CallSite callSite) implements NamedLayer {
    /** Checks that nothing is null. */
    public Inline {
        Given.require("inline", "the call site", callSite);
        Given.require(Text.place("inline", callSite), "the layer", layer);
    }

    @Override
    public String named() {
        return layer instanceof NamedLayer own ? own.named() : "";
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        return LayerCalls.whole(layer, callSite, scope, x);
    }

    /** The layer as the user wrote it. */
    @Override
    public String toString() {
        return "inline(" + Text.of(layer) + ")";
    }
}
