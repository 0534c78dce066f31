package dev.fluxion.dsl.loss;

import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.LossCalls;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.List;

/**
 * Minus the logarithm of the Gaussian density (Nix and Weigend, 1994) of three inputs, the output x, the target y and
 * the variance: ½·(log v + (x−y)²/v) with v the variance but at least ε; with {@code full}, plus ½·log 2π. The
 * variance has the output's shape, possibly with extents of 1, or that shape without its last axis; a negative one is
 * an error. As in PyTorch, the bound is not differentiated: the gradient by a variance below ε is that at ε. The mean
 * is over all elements.
 *
 * @param full whether the constant is added
 * @param eps the least variance
 * @param reduction how the losses of the elements are reduced
 * @param callSite the file and line that made it
 */
public record GaussianNll(boolean full, double eps, LossReduction reduction, CallSite callSite) implements Reduced {
    private static final List<String> INPUTS = List.of("output", "target", "variance");

    /** Checks ε. */
    public GaussianNll {
        String place = Options.require("gaussianNll()", reduction, callSite);
        Numbers.requirePositive(place, "eps", eps);
    }

    /** This loss with or without the constant. */
    public GaussianNll full(boolean on) {
        return new GaussianNll(on, eps, reduction, callSite);
    }

    /** This loss with another least variance. */
    public GaussianNll eps(double least) {
        return new GaussianNll(full, least, reduction, callSite);
    }

    /** This loss with another reduction. */
    public GaussianNll reduction(LossReduction other) {
        return new GaussianNll(full, eps, other, callSite);
    }

    @Override
    public List<String> inputs() {
        return INPUTS;
    }

    @Override
    public Expr apply(Expr... inputs) {
        return LossCalls.loss(this, callSite, () -> {
            Targets.requireCount(INPUTS, 3, inputs.length);
            for (int i = 0; i < inputs.length; i++) {
                Targets.requireFloat(INPUTS.get(i), inputs[i]);
            }
            Targets.requireShape("target", inputs[0].shape(), inputs[1]);
            return reduction.of(each(inputs[0], inputs[1], fitted(inputs[2], inputs[0].shape())));
        });
    }

    private static Expr fitted(Expr variance, Shape output) {
        Shape v = variance.shape();
        boolean perRow = output.rank() > 0 && v.rank() == output.rank() - 1 && v.equals(output.without(-1));
        if (perRow) {
            return variance.reshape(output.keeping(-1));
        }
        if (v.rank() != output.rank() && v.rank() != 0 || !Targets.stretches(v, output)) {
            throw new ShapeException(Errors.varianceShape(output, v));
        }
        return variance;
    }

    private Expr each(Expr x, Expr y, Expr variance) {
        Expr given = variance.require(variance.ge(0), Errors.notNegative("variance"));
        Expr lift = given.max(eps).sub(given).stopGradient();
        Expr v = given.add(lift);
        Expr each = v.log().add(x.sub(y).square().div(v)).mul(0.5);
        return full ? each.add(0.5 * Math.log(2 * Math.PI)) : each;
    }

    /** The loss as the user wrote it. */
    @Override
    public String toString() {
        return "gaussianNll()"
                + Text.option("full", full, false)
                + Text.option("eps", eps, 1e-6)
                + Text.option("reduction", reduction, LossReduction.MEAN);
    }
}
