package dev.fluxion;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Update;
import java.util.List;

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

    /** An optimizer may do more than its rule says: it sees gradients of the other sign. */
    @Override
    public List<Update> updates(List<Expr> parameters, List<Expr> gradients) {
        return optimizer.updates(parameters, gradients.stream().map(Expr::neg).toList());
    }

    @Override
    public Optimizer maximise() {
        return this;
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
