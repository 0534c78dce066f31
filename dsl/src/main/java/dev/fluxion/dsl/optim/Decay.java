package dev.fluxion.dsl.optim;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Update;

/**
 * Weight decay λ. Coupled, it adds λp to the gradient; decoupled, it subtracts lr·λp together with the step, so that float32
 * does not round 1 − lr·λ: at lr 10⁻⁵ and λ 0.01 the factor itself would be off by 19 % of the decay.
 */
record Decay(double lambda, boolean decoupled) {
    static Decay coupled(double lambda) {
        return new Decay(lambda, false);
    }

    /** The gradient with what a coupled decay adds to it. */
    Expr gradient(Expr gradient, Expr value) {
        return lambda == 0 || decoupled ? gradient : gradient.add(value.mul(lambda));
    }

    /** What is subtracted from the value, with what a decoupled decay adds to it. */
    Expr change(Expr change, Expr value, Update.State state) {
        return lambda == 0 || !decoupled ? change : change.add(value.mul(state.scalar((t, lr) -> lr * lambda)));
    }
}
