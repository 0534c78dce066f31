package dev.fluxion.dsl.optim;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Update;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;

/** What a rule keeps, for rules that need it as it was. */
record Kept(Expr before, Expr after) {
    static Kept of(Update.State state, String name, UnaryOperator<Expr> next) {
        AtomicReference<Expr> before = new AtomicReference<>();
        Expr after = state.keep(name, value -> {
            before.set(value);
            return next.apply(value);
        });
        return new Kept(Objects.requireNonNull(before.get()), after);
    }
}
