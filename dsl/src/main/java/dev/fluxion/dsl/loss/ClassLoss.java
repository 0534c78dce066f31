package dev.fluxion.dsl.loss;

import dev.fluxion.Tensor;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.Arrays;
import java.util.List;

/** The common part of losses that pick the log-probability of a class; {@link CrossEntropy} defines the options. */
record ClassLoss(
        LossReduction reduction,
        List<Double> weights,
        int ignoreIndex,
        double labelSmoothing,
        CrossEntropy.WhenAllIgnored whenAllIgnored) {

    void check(Shape output, Expr target) {
        Shape expected = output.without(Classes.axis(output));
        if (target.dtype() != DType.INT) {
            throw new ShapeException(Errors.classesAreFloating(target.shape()));
        }
        if (!target.shape().equals(expected)) {
            throw new ShapeException(Errors.classTargets(expected, output, target.shape()));
        }
        Classes.requireWeightCount(output, weights);
    }

    /** The loss of logarithms of probabilities. */
    Expr of(Expr logs, Expr target) {
        int axis = Classes.axis(logs.shape());
        int classes = logs.shape().dim(axis);
        Expr kept = target.ne(ignoreIndex);
        Expr zero = Expr.constant(0);
        Expr valid = target.ge(0).mul(target.lt(classes)).max(target.eq(ignoreIndex));
        Expr index = kept.where(target.require(valid, Errors.classOutOfRange(classes, ignoreIndex)), zero.toInt());
        Expr share = weights.isEmpty() ? kept : kept.mul(weightOf(index));
        Expr picked = at(index, logs, axis).neg();
        Expr each = weights.isEmpty() ? picked : picked.mul(share);
        if (labelSmoothing > 0) {
            Expr all = Classes.weighted(logs, weights, axis).sum(axis).neg();
            each = each.mul(1 - labelSmoothing).add(all.mul(labelSmoothing / classes));
        }
        Expr losses = kept.where(each, zero);
        return reduction == LossReduction.MEAN ? losses.sum().div(divisor(share)) : reduction.of(losses);
    }

    private Expr divisor(Expr shares) {
        Expr total = shares.sum();
        return switch (whenAllIgnored) {
            case NAN -> total;
            case ZERO -> total.eq(0).where(Expr.constant(1), total);
            case ERROR -> total.require(total.ne(0), Errors.nothingToAverage());
        };
    }

    private Expr weightOf(Expr index) {
        Expr flat = index.reshape(Shape.of(index.shape().size()));
        return Classes.vector(weights).gather(0, flat).reshape(index.shape());
    }

    private static Expr at(Expr index, Expr logs, int axis) {
        return logs.gather(axis, index.reshape(logs.shape().with(axis, 1))).reshape(index.shape());
    }

    /** ln C, of a mean; where weights and smoothing mix, each target has another one. */
    double guess(Shape output) {
        boolean same = weights.isEmpty() || labelSmoothing == 0;
        return reduction == LossReduction.MEAN && same ? Math.log(output.dim(Classes.axis(output))) : Double.NaN;
    }

    /** The sum of the weights of the positions that count, by which the mean divides. */
    double samples(Tensor target) {
        return Arrays.stream(target.ints())
                .filter(t -> t != ignoreIndex)
                .mapToDouble(t -> t >= 0 && t < weights.size() ? weights.get(t) : 1)
                .sum();
    }

    /** The sum over the positions. If none counts, the mean is 0 or NaN, and the sum 0. */
    double sum(double value, Tensor target) {
        double samples = samples(target);
        return switch (reduction) {
            case SUM -> value;
            case MEAN -> samples == 0 ? 0 : value * samples;
            case NONE -> value * target.size();
            case BATCH_MEAN ->
                value * (target.shape().rank() == 0 ? 1 : target.shape().dim(0));
        };
    }

    /** The options as the user wrote them. */
    @Override
    public String toString() {
        return Text.option("reduction", reduction, LossReduction.MEAN)
                + Classes.text(weights)
                + Text.option("ignoreIndex", ignoreIndex, -100)
                + Text.option("labelSmoothing", labelSmoothing, 0)
                + Text.option("whenAllIgnored", whenAllIgnored, CrossEntropy.WhenAllIgnored.NAN);
    }
}
