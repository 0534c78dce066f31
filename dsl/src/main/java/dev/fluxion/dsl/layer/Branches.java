package dev.fluxion.dsl.layer;

import dev.fluxion.Layer;
import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Layers side by side, for the same input; parameters are named by their positions or names. */
final class Branches {
    private Branches() {}

    /** Checks that there are some, that none is null and that their names differ, and copies the list. */
    static List<Layer> checked(String call, List<Layer> branches, String named, CallSite callSite) {
        Arguments.requireIdentity(call, named, callSite);
        List<Layer> copy = Arguments.layers(call, callSite, "branch", branches);
        Arguments.requireAtLeast(call, callSite, "the number of branches", 1, copy.size());
        Arguments.requireDifferentNames(call, callSite, copy, Integer::toString);
        return copy;
    }

    /** Makes one of what the branches make of x, in the name of the layer that holds them. */
    static Expr join(NamedLayer layer, List<Layer> branches, Scope scope, Expr x, Function<List<Expr>, Expr> joined) {
        Scope own = LayerCalls.scope(layer, scope);
        List<Expr> parts = new ArrayList<>();
        for (int i = 0; i < branches.size(); i++) {
            parts.add(LayerCalls.part(branches.get(i), Integer.toString(i), layer.callSite(), own, x));
        }
        return LayerCalls.layer(layer, layer.callSite(), own, x, input -> joined.apply(parts));
    }

    /** The layer in short, as {@code concat(3 branches)}. */
    static String text(String call, List<Layer> branches, String named) {
        return call + "(" + branches.size() + (branches.size() == 1 ? " branch)" : " branches)") + Text.named(named);
    }
}
