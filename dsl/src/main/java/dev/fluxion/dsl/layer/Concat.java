package dev.fluxion.dsl.layer;

import dev.fluxion.Layer;
import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.ir.Expr;
import java.util.List;

/**
 * Concatenates the outputs of several layers for the same input along the channels, axis 1. Parameters are named by
 * the positions or names of the branches, as in a {@link Seq}.
 *
 * @param branches the layers
 * @param named the name that replaces the position in parameter names, empty for none
 * @param callSite the file and line that made it
 */
public record Concat(List<Layer> branches, String named, CallSite callSite) implements NamedLayer {
    /** Copies the list and checks that it is not empty, that no branch is null and that the names in it differ. */
    public Concat {
        branches = Branches.checked("concat", branches, named, callSite);
    }

    /** This layer with a name that replaces its position in parameter names. */
    public Concat named(String name) {
        return new Concat(branches, Arguments.requireName(this, callSite, name), callSite);
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        return Branches.join(this, branches, scope, x, Concat::joined);
    }

    private static Expr joined(List<Expr> parts) {
        Arguments.requireJoinable(parts.stream().map(Expr::shape).toList());
        return Expr.concat(1, parts);
    }

    /** The layer in short, as {@code concat(3 branches)}. */
    @Override
    public String toString() {
        return Branches.text("concat", branches, named);
    }
}
