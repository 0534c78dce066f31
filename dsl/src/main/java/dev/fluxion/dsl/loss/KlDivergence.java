package dev.fluxion.dsl.loss;

import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import java.util.List;

/**
 * The Kullback–Leibler divergence of targets t from outputs x of the same shape, outputs being logarithms of
 * probabilities: t·(log t − x) for each element, 0 where t is 0, NaN where it is negative; with {@code logTarget},
 * targets are logarithms too and it is eᵗ·(t − x), 0 where eᵗ is. Where t is 0 its own gradient, which would be
 * infinite, is 0. The mean is over all elements, as in PyTorch; the divergence of the mathematics, a mean over
 * samples, is {@link LossReduction#BATCH_MEAN}.
 *
 * @param logTarget whether targets are logarithms
 * @param reduction how the losses of the elements are reduced
 * @param strict whether outputs and targets that are not distributions, over axis 1 or the only one, are an error
 * @param callSite the file and line that made it
 */
public record KlDivergence(boolean logTarget, LossReduction reduction, boolean strict, CallSite callSite)
        implements Reduced.Single {
    /** Checks that nothing is null. */
    public KlDivergence {
        Options.require("klDiv()", reduction, callSite);
    }

    /** This loss with targets that are logarithms of probabilities, or probabilities. */
    public KlDivergence logTarget(boolean logarithms) {
        return new KlDivergence(logarithms, reduction, strict, callSite);
    }

    /** This loss with another reduction. */
    public KlDivergence reduction(LossReduction other) {
        return new KlDivergence(logTarget, other, strict, callSite);
    }

    /** This loss with or without an error for what is not a distribution over axis 1, or over the only axis. */
    public KlDivergence strict(boolean on) {
        return new KlDivergence(logTarget, reduction, on, callSite);
    }

    @Override
    public List<String> inputs() {
        return elementwise().inputs();
    }

    @Override
    public Expr apply(Expr output, Expr target) {
        return elementwise().apply(output, target);
    }

    @Override
    public Expr apply(Expr... inputs) {
        return elementwise().apply(inputs);
    }

    private ElementwiseLoss elementwise() {
        return new ElementwiseLoss.Formula("klDiv()" + Text.option("logTarget", logTarget, false), this::each)
                .reduced(reduction, strict, callSite);
    }

    private Expr each(Expr output, Expr target) {
        OutputScale.requireLogarithms(output, "apply logSoftmax() before");
        Expr x = strict ? Targets.logDistributions("output", output, axis(output.shape())) : output;
        if (logTarget) {
            Expr t = strict ? Targets.logDistributions("target", target, axis(target.shape())) : target;
            Expr share = t.exp();
            return share.mul(Formulas.only(share.ne(0), t.sub(x)));
        }
        Expr t = strict ? Targets.distributions("target", target, axis(target.shape())) : target;
        Expr some = t.ne(0);
        return t.mul(Formulas.only(some, Formulas.safe(some, t, 1).log().sub(x)));
    }

    private static int axis(Shape shape) {
        return Classes.axis(shape);
    }

    /** The loss as the user wrote it. */
    @Override
    public String toString() {
        return elementwise().toString();
    }
}
