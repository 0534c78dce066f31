package dev.fluxion.dsl.layer;

import dev.fluxion.Layer;
import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * x + body(x), or shortcut(x) + body(x) (He et al., "Deep residual learning for image recognition", 2016). Parameters
 * of the parts are named {@code body.…} and {@code shortcut.…} unless the parts have names of their own.
 *
 * @param body the layer whose output is added
 * @param shortcut the layer whose output it is added to; null for x itself
 * @param named the name that replaces the position in parameter names, empty for none
 * @param callSite the file and line that made it
 */
public record Residual(Layer body, @Nullable Layer shortcut, String named, CallSite callSite) implements NamedLayer {
    private static final List<String> PARTS = List.of("body", "shortcut");

    /** Checks that there is a body and that the names of the parts differ. */
    public Residual {
        Arguments.requireIdentity("residual", named, callSite);
        Given.require(Text.place("residual", callSite), "the body", body);
        if (shortcut != null) {
            Arguments.requireDifferentNames("residual", callSite, List.of(body, shortcut), PARTS::get);
        }
    }

    /** This layer with a shortcut that gives x the shape of body(x), such as a convolution with kernel 1. */
    public Residual shortcut(Layer layer) {
        Given.require(Text.place("residual", callSite), "the shortcut", layer);
        return new Residual(body, layer, named, callSite);
    }

    /** This layer with a name that replaces its position in parameter names. */
    public Residual named(String name) {
        return new Residual(body, shortcut, Arguments.requireName("residual", callSite, name), callSite);
    }

    @Override
    public Expr apply(Scope scope, Expr x) {
        Scope own = LayerCalls.scope(this, scope);
        Expr change = LayerCalls.part(body, PARTS.get(0), callSite, own, x);
        Expr kept = shortcut == null ? x : LayerCalls.part(shortcut, PARTS.get(1), callSite, own, x);
        return LayerCalls.layer(
                this, callSite, own, x, input -> add(kept, change), input -> hint(input, change.shape()));
    }

    private Expr add(Expr kept, Expr change) {
        if (!kept.shape().equals(change.shape())) {
            throw new ShapeException(
                    Errors.residualShapes(shortcut == null ? "input" : "shortcut", kept.shape(), change.shape()));
        }
        return kept.add(change);
    }

    private String hint(Shape in, Shape out) {
        if (shortcut != null || in.rank() != 4 || out.rank() != 4) {
            return "";
        }
        String layer = Text.call("conv", in.dim(1), out.dim(1), 1);
        for (int stride = 1; stride <= in.dim(2); stride++) {
            if ((in.dim(2) - 1) / stride + 1 == out.dim(2) && (in.dim(3) - 1) / stride + 1 == out.dim(3)) {
                return Errors.addShortcut(layer + (stride == 1 ? "" : ".stride(" + stride + ")"));
            }
        }
        return Errors.padTheBody();
    }

    /** The layer in short: {@code residual(…)}. */
    @Override
    public String toString() {
        return "residual(…)" + (shortcut == null ? "" : ".shortcut(" + Text.of(shortcut) + ")") + Text.named(named);
    }
}
