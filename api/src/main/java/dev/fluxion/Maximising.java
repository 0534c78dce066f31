package dev.fluxion;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Update;

/** An optimizer that goes up the gradient. */
record Maximising(Optimizer optimizer) implements Optimizer {
    @Override
    public double learningRate() {
        return optimizer.learningRate();
    }

    @Override
    public Expr next(Expr value, Expr gradient, Update.State state) {
        return optimizer.next(value, gradient.neg(), state);
    }

    @Override
    public Optimizer withoutDecay() {
        return new Maximising(optimizer.withoutDecay());
    }

    @Override
    public String toString() {
        return optimizer + ".maximise()";
    }
}
