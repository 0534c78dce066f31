package dev.fluxion.dsl.loss;

import dev.fluxion.dsl.CallSite;
import dev.fluxion.dsl.internal.LossCalls;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.ShapeException;
import dev.fluxion.ir.fn.Reductions;
import java.util.List;

/**
 * The triplet loss (Balntas et al., 2016) of three inputs, anchors a, positives p and negatives n, rows N×D (or D, a
 * single one): max(0, m + d(a, p) − d(a, n)) for each row; with {@code swap}, d(p, n) takes the place of d(a, n)
 * where it is smaller. The distance is the norm of a − b + ε, as PyTorch's, or any other. The derivative at the kink
 * is that of the inside. The mean is over the rows.
 *
 * @param margin m, above 0
 * @param distance d
 * @param swap whether the negative's distance is that to the nearer of anchor and positive
 * @param reduction how the losses of the rows are reduced
 * @param callSite the file and line that made it
 */
public record TripletMargin(double margin, Distance distance, boolean swap, LossReduction reduction, CallSite callSite)
        implements Reduced {
    private static final List<String> INPUTS = List.of("anchor", "positive", "negative");

    /**
     * The p-norm of a − b + ε, ε added to every difference. Its gradient where the sum is 0 is 0.
     *
     * @param p the exponent, from 1 to infinity
     * @param eps ε, at least 0
     */
    public record Norm(double p, double eps) implements Distance {
        /** Checks the numbers. */
        public Norm {
            Numbers.require(p >= 1, "tripletMargin()", "p", "at least 1", p);
            Numbers.requireNotNegative("tripletMargin()", "eps", eps);
        }

        @Override
        public Expr of(Expr a, Expr b) {
            return Reductions.norm(a.sub(b).add(eps), p, -1);
        }

        /** The options as the user wrote them. */
        @Override
        public String toString() {
            return Text.option("p", p, 2) + Text.option("eps", eps, 1e-6);
        }
    }

    /** Checks the margin. */
    public TripletMargin {
        String place = Options.require("tripletMargin()", reduction, callSite);
        Given.require(place, "the distance", distance);
        Numbers.requirePositive(place, "margin", margin);
    }

    /** This loss with another margin. */
    public TripletMargin margin(double m) {
        return new TripletMargin(m, distance, swap, reduction, callSite);
    }

    /** This loss with a p-norm as its distance, ε being 10⁻⁶. */
    public TripletMargin p(double exponent) {
        return distance(new Norm(exponent, 1e-6));
    }

    /** This loss with another distance. */
    public TripletMargin distance(Distance other) {
        return new TripletMargin(margin, other, swap, reduction, callSite);
    }

    /** This loss with or without the swap. */
    public TripletMargin swap(boolean on) {
        return new TripletMargin(margin, distance, on, reduction, callSite);
    }

    /** This loss with another reduction. */
    public TripletMargin reduction(LossReduction other) {
        return new TripletMargin(margin, distance, swap, other, callSite);
    }

    @Override
    public List<String> inputs() {
        return INPUTS;
    }

    @Override
    public Expr apply(Expr... inputs) {
        return LossCalls.loss(this, callSite, () -> {
            Targets.requireCount(INPUTS, 3, inputs.length);
            Shape shape = inputs[0].shape();
            if (shape.rank() == 0) {
                throw new ShapeException(Errors.noRows(shape));
            }
            for (int i = 0; i < inputs.length; i++) {
                Targets.requireFloat(INPUTS.get(i), inputs[i]);
                Targets.requireShape(INPUTS.get(i), shape, inputs[i]);
            }
            Expr near = between(inputs[0], inputs[1]);
            Expr far = between(inputs[0], inputs[2]);
            Expr least = swap ? far.min(between(inputs[1], inputs[2])) : far;
            return reduction.of(Formulas.hinge(near.sub(least).add(margin)));
        });
    }

    private Expr between(Expr a, Expr b) {
        Expr d = distance.of(a, b);
        if (!d.shape().equals(a.shape().without(-1))) {
            throw new ShapeException(Errors.distanceShape(a.shape(), d.shape()));
        }
        return d;
    }

    /** The loss as the user wrote it. */
    @Override
    public String toString() {
        return "tripletMargin()"
                + Text.option("margin", margin, 1)
                + (distance instanceof Norm norm ? norm : ".distance(…)")
                + Text.option("swap", swap, false)
                + Text.option("reduction", reduction, LossReduction.MEAN);
    }
}
