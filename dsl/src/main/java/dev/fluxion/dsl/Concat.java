package dev.fluxion.dsl;

import dev.fluxion.Layer;
import dev.fluxion.Scope;
import dev.fluxion.ir.Expr;
import java.util.ArrayList;
import java.util.List;

/**
 * Several layers applied to the same input, their outputs one after the other along the channels, axis 1. Parameters of
 * the branches are named by position or by the branches' own names, as in a {@link Seq}.
 *
 * @param branches the layers
 * @param named the name that replaces the position in parameter names, empty for none
 * @param source where it was written
 */
public record Concat(List<Layer> branches, String named, Source source) implements Named {
    /** Copies the list and checks that it is not empty, that no branch is null and that the names in it differ. */
    public Concat {
        branches = Parts.layers("concat", source, "branch", branches);
        Arguments.requireAtLeast("concat", source, "the number of branches", 1, branches.size());
        Parts.requireDifferentNames("concat", source, branches, Integer::toString);
    }

    /** This layer with a name that replaces its position in parameter names. */
    public Concat named(String name) {
        return new Concat(branches, Arguments.requireName(this, source, name), source);
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        Scope own = Applying.scope(this, scope);
        List<Expr> parts = new ArrayList<>();
        for (int i = 0; i < branches.size(); i++) {
            parts.add(Applying.part(branches.get(i), Integer.toString(i), source, own, x));
        }
        return Applying.layer(this, source, own, x, input -> join(parts));
    }

    private static Expr join(List<Expr> parts) {
        Parts.requireJoinable(parts.stream().map(Expr::shape).toList());
        return Expr.concat(1, parts);
    }

    /** The layer in short, as {@code concat(3 branches)}. */
    @Override
    public String toString() {
        return "concat(" + branches.size() + (branches.size() == 1 ? " branch)" : " branches)") + Text.named(named);
    }
}
