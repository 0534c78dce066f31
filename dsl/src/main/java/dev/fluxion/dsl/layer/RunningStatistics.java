package dev.fluxion.dsl.layer;

import dev.fluxion.Scope;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;

/**
 * Mean and variance of channels over the batches of a training, and how many these were: buffers with the names of a state dict.
 *
 * @param mean the running mean, first 0
 * @param variance the running variance, first 1
 * @param batches the number of batches
 */
record RunningStatistics(Expr mean, Expr variance, Expr batches) {
    static RunningStatistics of(Scope scope, Shape channels) {
        return new RunningStatistics(
                scope.buffer("running_mean", channels, Initializers.zeros()),
                scope.buffer("running_var", channels, Initializers.ones()),
                scope.buffer("num_batches_tracked", Shape.scalar(), Initializers.zeros()));
    }

    /** Gives both a part of those of a batch. */
    void update(Scope scope, Expr newMean, Expr newVariance, Expr part) {
        scope.update(mean, blend(mean, newMean, part));
        scope.update(variance, blend(variance, newVariance, part));
    }

    private static Expr blend(Expr before, Expr now, Expr part) {
        return before.mul(Expr.constant(1).sub(part))
                .add(now.reshape(before.shape()).mul(part));
    }
}
