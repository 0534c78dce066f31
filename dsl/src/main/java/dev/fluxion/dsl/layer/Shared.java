package dev.fluxion.dsl.layer;

import dev.fluxion.Layer;
import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;

/** A layer with one set of weights, wherever it is used: see {@link Layers#shared}. Each is equal to itself alone. */
final class Shared implements NamedLayer {
    private final Layer layer;
    private final CallSite callSite;

    Shared(Layer layer, CallSite callSite) {
        this.layer = Given.require(Text.place("shared", callSite), "the layer", layer);
        this.callSite = callSite;
    }

    @Override
    public String named() {
        return layer instanceof NamedLayer own ? own.named() : "";
    }

    @Override
    public CallSite callSite() {
        return callSite;
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        return LayerCalls.whole(layer, callSite, scope.shared(this), x);
    }

    /** The layer as the user wrote it. */
    @Override
    public String toString() {
        return "shared(" + Text.of(layer) + ")";
    }
}
