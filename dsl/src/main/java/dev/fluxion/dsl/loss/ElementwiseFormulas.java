package dev.fluxion.dsl.loss;

import dev.fluxion.dsl.loss.ElementwiseLoss.Formula;
import dev.fluxion.ir.Expr;

/** The elementwise losses of one number: formulas for {@link Losses}. */
final class ElementwiseFormulas {
    /** PyTorch's bound, a constant in single precision. */
    private static final double LEAST_SPREAD = 1e-12f;

    private static final double LEAST_LOG = -100;

    private ElementwiseFormulas() {}

    /** |x−y| − β/2, and (x−y)²/(2β) where |x−y| &lt; β. With q = min(|x−y|, β) both are q/β·(|x−y| − q/2). */
    static Expr smoothL1(Expr x, Expr y, double beta) {
        Expr size = x.sub(y).abs();
        Expr inner = size.min(beta);
        return beta == 0 ? size : inner.div(beta).mul(size.sub(inner.mul(0.5)));
    }

    /** δ(|x−y| − δ/2), and (x−y)²/2 where |x−y| ≤ δ: q·(|x−y| − q/2) with q = min(|x−y|, δ). */
    static Expr huber(Expr x, Expr y, double delta) {
        Expr size = x.sub(y).abs();
        Expr inner = size.min(delta);
        return inner.mul(size.sub(inner.mul(0.5)));
    }

    /** [y≠1]·max(0, m−x) + [y≠−1]·x. */
    static Expr hingeEmbedding(Expr x, Expr y, double margin) {
        Expr apart = Formulas.only(y.ne(1), Formulas.hinge(x.neg().add(margin)));
        return apart.add(Formulas.only(y.ne(-1), x));
    }

    /**
     * −y·max(log x, −100) − (1−y)·max(log(1−x), −100). Where x(1−x) ≥ 10⁻¹² no clamp is active and the derivative is that
     * of the formula. Beyond, PyTorch's is (x−y)·10¹², which is not the derivative of the value: there the value is held
     * constant and a term that is 0 carries the slope.
     */
    static Formula bce() {
        return new Formula("bce()", (output, target) -> {
            OutputScale.requireProbabilities(output, "apply sigmoid() before, or use bceWithLogits() for logits");
            Expr x = Targets.fractions("output", output);
            Expr y = Targets.fractions("target", target);
            Expr inside = x.mul(x.neg().add(1)).ge(LEAST_SPREAD);
            Expr safe = Formulas.safe(inside, x, 0.5);
            Expr fixed = x.stopGradient();
            Expr log = inside.where(safe.log(), fixed.log().max(LEAST_LOG));
            Expr rest = inside.where(safe.neg().log1p(), fixed.neg().log1p().max(LEAST_LOG));
            Expr value = y.mul(log).add(y.neg().add(1).mul(rest)).neg();
            Expr slope = fixed.sub(y.stopGradient()).mul(1 / LEAST_SPREAD);
            return value.add(Formulas.only(inside.eq(0), x.sub(fixed).mul(slope)));
        });
    }
}
