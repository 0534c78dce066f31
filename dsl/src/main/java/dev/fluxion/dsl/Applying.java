package dev.fluxion.dsl;

import dev.fluxion.Layer;
import dev.fluxion.Loss;
import dev.fluxion.Scope;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Origin;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Applies layers and losses: marks the expressions that they make, notes each layer in the scope, and turns a misfit inside
 * of one into a message that says where in the model it is. A misfit that has a cause has been told already.
 */
final class Applying {
    private Applying() {}

    static Expr layer(Layer layer, Source source, Scope scope, Expr x, UnaryOperator<Expr> body) {
        return layer(layer, source, scope, x, body, input -> "");
    }

    /** What {@code body} makes of x; {@code hint} tells what to do about an input that does not fit, or nothing. */
    static Expr layer(
            Layer layer, Source source, Scope scope, Expr x, UnaryOperator<Expr> body, Function<Shape, String> hint) {
        String text = Text.of(layer);
        Expr y;
        try {
            y = result(layer, Origin.of(text, Errors.place(source, scope.path()), () -> body.apply(x)));
        } catch (ShapeException e) {
            throw e.getCause() != null
                    ? e
                    : new ShapeException(
                            Errors.misfit(
                                    text,
                                    source,
                                    scope.path(),
                                    String.valueOf(e.getMessage()),
                                    hint.apply(x.shape()),
                                    scope.trace()),
                            e);
        }
        scope.record(new Scope.Applied(scope.path(), text, x.shape(), y.shape()));
        return y;
    }

    /** What a layer or a loss has made, which is not null. */
    static Expr result(Object maker, @Nullable Expr made) {
        if (made == null) {
            throw new IllegalArgumentException(Errors.returnedNull(Text.of(maker)));
        }
        return made;
    }

    /** The scope of a layer: one of its own if it has a name. */
    static Scope scope(Named layer, Scope scope) {
        return layer.named().isEmpty() ? scope : scope.child(layer.named());
    }

    /** Applies a part of a layer in a scope of its own, called as the part is named or else by {@code position}. */
    static Expr part(Layer part, String position, Source source, Scope scope, Expr x) {
        if (part instanceof Named own) {
            return part.apply(own.named().isEmpty() ? scope.child(position) : scope, x);
        }
        Scope inner = scope.child(position);
        return layer(part, source, inner, x, input -> part.apply(inner, input));
    }

    /** What a part of a layer is called. */
    static String name(Layer part, String position) {
        return part instanceof Named own && !own.named().isEmpty() ? own.named() : position;
    }

    /** A loss as an objective; if it is a lambda, its misfit is told with what it was applied to. */
    static Expr objective(Loss loss, Expr output, Expr target) {
        try {
            return result(loss, loss.apply(output, target));
        } catch (ShapeException e) {
            throw e.getCause() != null
                    ? e
                    : new ShapeException(
                            Errors.objective(loss, output.shape(), target.shape(), String.valueOf(e.getMessage())), e);
        }
    }

    static Expr loss(Object loss, Source source, Supplier<Expr> body) {
        try {
            return Origin.of(loss.toString(), Errors.place(source, ""), body);
        } catch (ShapeException e) {
            throw e.getCause() != null
                    ? e
                    : new ShapeException(Errors.at(loss, source, String.valueOf(e.getMessage())), e);
        }
    }
}
