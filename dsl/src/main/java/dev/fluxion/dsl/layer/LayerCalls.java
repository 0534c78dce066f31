package dev.fluxion.dsl.layer;

import dev.fluxion.Layer;
import dev.fluxion.Scope;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Checks;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Origin;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Calls layers: marks the expressions that they make, records each layer in the scope, and says in the message of a
 * {@link ShapeException} which layer threw it and where in the model it is. An exception with a cause says so already.
 */
final class LayerCalls {
    private LayerCalls() {}

    static Expr layer(Layer layer, CallSite callSite, Scope scope, Expr x, UnaryOperator<Expr> body) {
        return layer(layer, callSite, scope, x, body, input -> "");
    }

    /** Calls {@code body} with x; {@code hint} says what to do about an input that does not fit, or is empty. */
    static Expr layer(
            Layer layer,
            CallSite callSite,
            Scope scope,
            Expr x,
            UnaryOperator<Expr> body,
            Function<Shape, String> hint) {
        String text = Text.of(layer);
        String place = Errors.place(callSite, scope.path());
        Expr y;
        try {
            y = Checks.expression(text + " " + place, Origin.of(text, place, () -> body.apply(x)));
        } catch (ShapeException e) {
            throw e.getCause() != null
                    ? e
                    : new ShapeException(
                            Errors.misfit(
                                    text,
                                    callSite,
                                    scope.path(),
                                    String.valueOf(e.getMessage()),
                                    other(layer, hint.apply(x.shape())),
                                    scope.trace()),
                            e);
        }
        scope.record(new Scope.Applied(scope.path(), text, x.shape(), y));
        return y;
    }

    /** A suggestion, unless it is the layer as it was written. */
    private static String other(Layer layer, String suggestion) {
        return suggestion.equals(Errors.didYouMean(layer)) ? "" : suggestion;
    }

    /** The scope of a layer: one of its own if it has a name. */
    static Scope scope(NamedLayer layer, Scope scope) {
        return layer.named().isEmpty() ? scope : scope.child(layer.named());
    }

    /** Calls a part of a layer in a scope of its own, named after the part or else by {@code position}. */
    static Expr part(Layer part, String position, CallSite callSite, Scope scope, Expr x) {
        boolean named = part instanceof NamedLayer own && !own.named().isEmpty();
        return whole(part, callSite, named || part instanceof Inline ? scope : scope.child(position), x);
    }

    /** Calls a layer in a scope. */
    static Expr whole(Layer layer, CallSite callSite, Scope scope, Expr x) {
        return layer instanceof NamedLayer
                ? layer.apply(scope, x)
                : layer(layer, callSite, scope, x, input -> layer.apply(scope, input));
    }

    /** The name of a part of a layer. */
    static String name(Layer part, String position) {
        return part instanceof NamedLayer own && !own.named().isEmpty() ? own.named() : position;
    }
}
