package dev.fluxion.dsl.layer;

import dev.fluxion.Scope;
import dev.fluxion.ir.Elementwise;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.ShapeException;
import java.util.List;

/** Formulas of activations. Where they bend, they have PyTorch's subgradients, and a NaN stays one. */
final class Activations {
    /** Constants with which rows keep mean 0 and variance 1 (Klambauer et al., "Self-normalizing neural networks", 2017). */
    static final double SELU_ALPHA = 1.6732632423543772;

    static final double SELU_SCALE = 1.0507009873554805;

    /** Where log(1 + eᶻ) is z in PyTorch. */
    static final double LINEAR_FROM = 20;

    private Activations() {}

    /** x between two bounds, at which it has no gradient. */
    static Expr hardTanh(Expr x, double least, double most) {
        return new Expr(new Elementwise.Clip(least, most, false), List.of(x));
    }

    static Expr hardSigmoid(Expr x) {
        return hardTanh(x.add(3), 0, 6).div(6);
    }

    /** x where it is not positive, else 0, with derivative 1 at 0. */
    static Expr negative(Expr x) {
        return x.clamp(Double.NEGATIVE_INFINITY, 0);
    }

    /** x where it is positive, elsewhere x times a number drawn from a range in training, its middle in inference. */
    static Expr rRelu(Scope scope, Expr x, double lower, double upper) {
        if (!scope.training()) {
            return x.leakyRelu((lower + upper) / 2);
        }
        Expr slope = scope.uniform(x.shape()).mul(upper - lower).add(lower);
        return x.relu().add(negative(x).mul(slope));
    }

    /** That of 1 is an elu, which is a function of its own. */
    static Expr celu(Expr x, double alpha) {
        return alpha == 1
                ? x.elu(1)
                : x.relu().add(negative(x).mul(1 / alpha).elu(1).mul(alpha));
    }

    static Expr softShrink(Expr x, double lambda) {
        return x.sub(lambda).relu().sub(x.neg().sub(lambda).relu());
    }

    static Expr hardShrink(Expr x, double lambda) {
        return x.abs().le(lambda).where(Expr.constant(0), x);
    }

    static Expr threshold(Expr x, double threshold, double value) {
        return x.le(threshold).where(Expr.constant(value), x);
    }

    static Expr glu(Expr x, int axis) {
        int along = x.shape().axis(axis);
        int extent = x.shape().dim(along);
        if (extent % 2 != 0) {
            throw new ShapeException(Errors.oddExtent(axis, x.shape()));
        }
        return x.slice(along, 0, extent / 2)
                .mul(x.slice(along, extent / 2, extent).sigmoid());
    }

    static Expr softplus(Expr x, double beta, double threshold) {
        Expr z = x.mul(beta);
        return z.gt(threshold).where(x, z.softplus().div(beta));
    }
}
