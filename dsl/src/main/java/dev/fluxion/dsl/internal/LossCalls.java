package dev.fluxion.dsl.internal;

import dev.fluxion.Loss;
import dev.fluxion.MultiLoss;
import dev.fluxion.dsl.CallSite;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Origin;
import dev.fluxion.ir.ShapeException;
import java.util.List;
import java.util.function.Supplier;

/**
 * Calls losses: marks the expressions that they make, and says in the message of a {@link ShapeException} which loss threw
 * it. An exception with a cause says so already.
 */
public final class LossCalls {
    private LossCalls() {}

    /** Calls a loss that was made at a line of the user's program. */
    public static Expr loss(Object loss, CallSite callSite, Supplier<Expr> body) {
        try {
            return Origin.of(loss.toString(), "at " + callSite, body);
        } catch (ShapeException e) {
            throw e.getCause() != null ? e : new ShapeException(Text.place(loss, callSite) + ": " + e.getMessage(), e);
        }
    }

    /** Calls a loss as an objective; for a lambda that throws, the message has the shapes of its arguments. */
    public static Expr objective(Loss loss, Expr output, Expr target) {
        try {
            return Checks.expression(loss, loss.apply(output, target));
        } catch (ShapeException e) {
            throw e.getCause() != null
                    ? e
                    : new ShapeException(
                            Errors.objective(loss, output.shape(), target.shape(), String.valueOf(e.getMessage())), e);
        }
    }

    /** Calls a loss of several inputs as an objective; for a lambda that throws, the message has their shapes. */
    public static Expr objective(MultiLoss loss, List<String> names, Expr... inputs) {
        try {
            return Checks.expression(loss, loss.apply(inputs));
        } catch (ShapeException e) {
            throw e.getCause() != null
                    ? e
                    : new ShapeException(Errors.objective(loss, names, inputs, String.valueOf(e.getMessage())), e);
        }
    }
}
