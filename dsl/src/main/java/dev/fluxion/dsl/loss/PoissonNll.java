package dev.fluxion.dsl.loss;

import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import java.util.List;

/**
 * Minus the logarithm of the Poisson probability of counts y, for outputs x of the same shape that are the logarithm
 * of the rate: eˣ − y·x; or, without {@code logInput}, the rate itself: x − y·log(x + ε). With {@code full}, the
 * logarithm of y! is added in Stirling's form y·log y − y + ½·log(2πy) where y &gt; 1. The mean is over all elements.
 *
 * @param logInput whether outputs are logarithms of rates
 * @param full whether to add the term that does not depend on the output
 * @param eps ε, which keeps the logarithm of a rate of 0 finite
 * @param reduction how the losses of the elements are reduced
 * @param callSite the file and line that made it
 */
public record PoissonNll(boolean logInput, boolean full, double eps, LossReduction reduction, CallSite callSite)
        implements Reduced.Single {
    /** Checks ε. */
    public PoissonNll {
        String place = Options.require("poissonNll()", reduction, callSite);
        Numbers.requireNotNegative(place, "eps", eps);
    }

    /** This loss with outputs that are logarithms of rates, or rates. */
    public PoissonNll logInput(boolean logarithms) {
        return new PoissonNll(logarithms, full, eps, reduction, callSite);
    }

    /** This loss with or without the term that does not depend on the output. */
    public PoissonNll full(boolean on) {
        return new PoissonNll(logInput, on, eps, reduction, callSite);
    }

    /** This loss with another ε. */
    public PoissonNll eps(double small) {
        return new PoissonNll(logInput, full, small, reduction, callSite);
    }

    /** This loss with another reduction. */
    public PoissonNll reduction(LossReduction other) {
        return new PoissonNll(logInput, full, eps, other, callSite);
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
        String text = "poissonNll()"
                + Text.option("logInput", logInput, true)
                + Text.option("full", full, false)
                + Text.option("eps", eps, 1e-8);
        return new ElementwiseLoss.Formula(text, this::each).reduced(reduction, false, callSite);
    }

    private Expr each(Expr x, Expr y) {
        Expr each = logInput ? x.exp().sub(y.mul(x)) : x.sub(y.mul(x.add(eps).log()));
        return full ? each.add(stirling(y)) : each;
    }

    private static Expr stirling(Expr y) {
        Expr many = y.gt(1);
        Expr n = Formulas.safe(many, y, 2);
        Expr log = n.mul(n.log()).sub(n).add(n.mul(2 * Math.PI).log().mul(0.5));
        return Formulas.only(many, log);
    }

    /** The loss as the user wrote it. */
    @Override
    public String toString() {
        return elementwise().toString();
    }
}
