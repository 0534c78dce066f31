package dev.fluxion.dsl.loss;

import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.LossCalls;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The Dice loss (Milletari et al., 2016) of probabilities p with targets g of the same shape: 1 − (2·Σpg + s)/(Σp +
 * Σg + s). PyTorch has none. The sums go over {@code axes}, by default all of them, the whole batch; what remains is
 * reduced, so that for N×C×H×W axes 2, 3 give a Dice loss for each sample and class, and axes 0, 2, 3 one for each
 * class of the batch.
 *
 * <p>Variants: {@code squared} has Σp² and Σg² in the divisor. {@code tversky(α, β)} (Salehi et al., 2017) divides by
 * 2·(Σpg + α·Σp(1−g) + β·Σg(1−p)) + s; α = β = ½ is Dice. {@code generalised} (Sudre et al., 2017) also sums over the
 * classes, axis 1, each with the weight 1/(Σg)²; a class without elements counts as one with a single element. With s
 * = 0, and outputs and targets all 0, the loss is NaN. To ignore elements, multiply outputs and targets by a mask.
 *
 * @param smooth s, added to numerator and divisor
 * @param axes the axes to sum over; empty for all
 * @param squared whether the divisor sums squares
 * @param falsePositives α
 * @param falseNegatives β
 * @param generalised whether classes are weighted by their size and summed
 * @param reduction how the losses are reduced
 * @param callSite the file and line that made it
 */
public record Dice(
        double smooth,
        List<Integer> axes,
        boolean squared,
        double falsePositives,
        double falseNegatives,
        boolean generalised,
        LossReduction reduction,
        CallSite callSite)
        implements Reduced.Single {
    private static final int CLASSES = 1;

    /** Checks the numbers. */
    public Dice {
        String place = Options.require("dice()", reduction, callSite);
        axes = Given.each(place, "an axis", Given.require(place, "the axes", axes));
        Numbers.requireNotNegative(place, "smooth", smooth);
        Numbers.requireNotNegative(place, "the weight of false positives", falsePositives);
        Numbers.requireNotNegative(place, "the weight of false negatives", falseNegatives);
    }

    /** This loss with another smoothing. */
    public Dice smooth(double s) {
        return new Dice(s, axes, squared, falsePositives, falseNegatives, generalised, reduction, callSite);
    }

    /** This loss with sums over other axes; none means all. */
    public Dice axes(int... over) {
        List<Integer> list = Options.list("dice()", "the axes", over);
        return new Dice(smooth, list, squared, falsePositives, falseNegatives, generalised, reduction, callSite);
    }

    /** This loss with or without squares in the divisor. */
    public Dice squared(boolean on) {
        return new Dice(smooth, axes, on, falsePositives, falseNegatives, generalised, reduction, callSite);
    }

    /** This loss with weights of false positives and false negatives, ½ each for Dice. */
    public Dice tversky(double alpha, double beta) {
        return new Dice(smooth, axes, squared, alpha, beta, generalised, reduction, callSite);
    }

    /** This loss with or without classes weighted by their size and summed. */
    public Dice generalised(boolean on) {
        return new Dice(smooth, axes, squared, falsePositives, falseNegatives, on, reduction, callSite);
    }

    /** This loss with another reduction. */
    public Dice reduction(LossReduction other) {
        return new Dice(smooth, axes, squared, falsePositives, falseNegatives, generalised, other, callSite);
    }

    @Override
    public Expr apply(Expr output, Expr target) {
        return LossCalls.loss(this, callSite, () -> {
            Targets.requireFloat("targets", target);
            Targets.requireShape("targets", output.shape(), target);
            OutputScale.requireProbabilities(output, "apply sigmoid() or softmax() before");
            return reduction.of(each(output, target));
        });
    }

    private Expr each(Expr p, Expr g) {
        Expr both = sum(p.mul(g));
        Expr ps = sum(squared ? p.square() : p);
        Expr gs = sum(squared ? g.square() : g);
        Expr tooMuch = ps.sub(both).mul(falsePositives);
        Expr tooLittle = gs.sub(both).mul(falseNegatives);
        Expr numerator = both.mul(2);
        Expr divisor = numerator.add(tooMuch.add(tooLittle).mul(2));
        if (generalised) {
            Expr weight = sum(g).max(1).square().reciprocal();
            numerator = overClasses(numerator.mul(weight), p.shape());
            divisor = overClasses(divisor.mul(weight), p.shape());
        }
        return numerator.add(smooth).div(divisor.add(smooth)).neg().add(1);
    }

    private int[] summed(Shape shape) {
        IntStream all = IntStream.range(0, shape.rank());
        IntStream chosen = axes.isEmpty() ? all : axes.stream().mapToInt(shape::axis);
        return generalised ? chosen.filter(a -> a != CLASSES).toArray() : chosen.toArray();
    }

    private Expr sum(Expr e) {
        return e.sum(summed(e.shape()));
    }

    private Expr overClasses(Expr e, Shape full) {
        if (full.rank() < 2) {
            throw new ShapeException(Errors.noClasses(full));
        }
        boolean[] gone = new boolean[full.rank()];
        Arrays.stream(summed(full)).forEach(a -> gone[a] = true);
        return e.sum(gone[0] ? 0 : CLASSES);
    }

    /** The loss as the user wrote it. */
    @Override
    public String toString() {
        return "dice()"
                + Text.option("smooth", smooth, 1)
                + (axes.isEmpty()
                        ? ""
                        : "." + Text.call("axes", axes.stream().mapToInt(a -> a).toArray()))
                + Text.option("squared", squared, false)
                + (falsePositives == 0.5 && falseNegatives == 0.5
                        ? ""
                        : "." + Text.call("tversky", falsePositives, falseNegatives))
                + Text.option("generalised", generalised, false)
                + Text.option("reduction", reduction, LossReduction.MEAN);
    }
}
