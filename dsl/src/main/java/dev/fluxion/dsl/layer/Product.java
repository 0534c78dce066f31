package dev.fluxion.dsl.layer;

import dev.fluxion.Layer;
import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.List;

/**
 * Multiplies the outputs of several layers for the same input element by element: a gate is one of them. All have the same shape, which is
 * that of the product. Parameters are named by the positions or names of the branches, as in a {@link Seq}.
 *
 * @param branches the layers
 * @param named the name that replaces the position in parameter names, empty for none
 * @param callSite the file and line that made it
 */
public record Product(List<Layer> branches, String named, CallSite callSite) implements NamedLayer {
    /** Copies the list and checks that it is not empty, that no branch is null and that the names in it differ. */
    public Product {
        branches = Branches.checked("product", branches, named, callSite);
    }

    /** This layer with a name that replaces its position in parameter names. */
    public Product named(String name) {
        return new Product(branches, Arguments.requireName(this, callSite, name), callSite);
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        return Branches.join(this, branches, scope, x, Product::multiplied);
    }

    private static Expr multiplied(List<Expr> parts) {
        Expr all = parts.get(0);
        Shape shape = all.shape();
        for (int i = 1; i < parts.size(); i++) {
            Expr part = parts.get(i);
            if (!part.shape().equals(shape)) {
                throw new ShapeException(Errors.unlikeBranches("", shape, i, part.shape()));
            }
            all = all.mul(part);
        }
        return all;
    }

    /** The layer in short, as {@code product(2 branches)}. */
    @Override
    public String toString() {
        return Branches.text("product", branches, named);
    }
}
