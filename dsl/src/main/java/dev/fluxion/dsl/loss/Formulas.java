package dev.fluxion.dsl.loss;

import dev.fluxion.ir.Expr;

/** Functions that several losses share, each stable where its textbook form is not. */
final class Formulas {
    /** Stands for the logarithm −∞, with finite differences and gradients. */
    static final double NEVER = -1e30;

    private Formulas() {}

    /** max(0, x), whose derivative at 0 is 1, as that of PyTorch's clamp; relu's is 0. */
    static Expr hinge(Expr x) {
        return x.lt(0).where(Expr.constant(0), x);
    }

    /** {@code then} where the condition holds, else 0, even where {@code then} is NaN. */
    static Expr only(Expr condition, Expr then) {
        return condition.where(then, Expr.constant(0));
    }

    /** {@code x} where the condition holds, else a constant at which the function to come is defined. */
    static Expr safe(Expr condition, Expr x, double otherwise) {
        return condition.where(x, Expr.constant(otherwise));
    }

    /** log(eᵃ + eᵇ), without overflow. */
    static Expr logAddExp(Expr a, Expr b) {
        return a.max(b).add(a.sub(b).abs().neg().softplus());
    }

    /** log cosh x: near 0 by tanh, which cancels nothing, and beyond by softplus, which does not overflow. */
    static Expr logCosh(Expr x) {
        Expr near = x.abs().lt(1);
        Expr small = safe(near, x, 0).tanh().square().neg().log1p().mul(-0.5);
        Expr size = x.abs();
        return near.where(small, size.add(size.mul(-2).softplus()).sub(Math.log(2)));
    }

    /** −log σ(x)·positive − log σ(−x)·negative: exact in both tails, where a common form with σ(x) − y cancels. */
    static Expr logistic(Expr x, Expr positive, Expr negative) {
        return positive.mul(x.neg().softplus()).add(negative.mul(x.softplus()));
    }

    /** t·log t, 0 at 0 with derivative 0 there. */
    static Expr tLogT(Expr t) {
        return t.mul(safe(t.ne(0), t, 1).log());
    }
}
