package dev.fluxion.dsl.layer;

import dev.fluxion.ir.Expr;
import dev.fluxion.ir.ShapeException;

/** Formulas of activations. Where they bend, they have PyTorch's subgradients, and a NaN stays one. */
final class Activations {
    /** Constants with which rows keep mean 0 and variance 1 (Klambauer et al., "Self-normalizing neural networks", 2017). */
    static final double SELU_ALPHA = 1.6732632423543772;

    static final double SELU_SCALE = 1.0507009873554805;

    /** Where log(1 + eᶻ) is z in PyTorch. */
    static final double LINEAR_FROM = 20;

    private static final double GELU_SLOPE = Math.sqrt(8 / Math.PI);
    private static final double GELU_CUBE = 0.044715;

    private Activations() {}

    /** x between two bounds, at which it has no gradient. */
    static Expr hardTanh(Expr x, double least, double most) {
        return x.le(least).where(Expr.constant(least), x.ge(most).where(Expr.constant(most), x));
    }

    static Expr hardSigmoid(Expr x) {
        return hardTanh(x.add(3), 0, 6).div(6);
    }

    static Expr hardSwish(Expr x) {
        return x.mul(hardSigmoid(x));
    }

    static Expr mish(Expr x) {
        return x.mul(x.softplus().tanh());
    }

    static Expr celu(Expr x, double alpha) {
        return x.gt(0).where(x, x.mul(1 / alpha).elu(1).mul(alpha));
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

    /** x·½(1 + tanh z/2) is x·sigmoid(z), which keeps the tail. */
    static Expr geluTanh(Expr x) {
        return x.mul(x.square().mul(GELU_CUBE).add(1).mul(x).mul(GELU_SLOPE).sigmoid());
    }
}
