package dev.fluxion.dsl.optim;

import dev.fluxion.Optimizer;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Shape;
import dev.fluxion.ir.Update;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Adafactor (Shazeer and Stern, "Adafactor: adaptive learning rates with sublinear memory cost", 2018), as PyTorch has it. With
 * w = tᵝ, means of g² over the rows and over the columns of the last two axes, r ← r + w(mean − r) and c alike, make v =
 * r·c/max(mean r, ε₁); a vector has v ← v + w(g² − v). With u = g/√max(v, ε₁²), p ← p − min(lr, 1/√t)·max(ε₂, rms p)·u/max(1,
 * rms u/d). What it keeps of a matrix, r, c and t, is {@code factors_0}, as large as the matrix: half of what Adam keeps.
 *
 * @param learningRate lr, at least 0
 * @param beta2Decay β, below 0
 * @param eps1 ε₁, above 0
 * @param eps2 ε₂, at least 0
 * @param clipping d, above 0
 * @param weightDecay λ, at least 0; it is decoupled
 */
public record Adafactor(
        double learningRate, double beta2Decay, double eps1, double eps2, double clipping, double weightDecay)
        implements Optimizer {
    private static final String ADAFACTOR = "adafactor";
    /** The distance from 1 to the next float. */
    static final double EPS = 0x1p-23;

    /** Checks the numbers. */
    public Adafactor {
        Numbers.requireNotNegative(ADAFACTOR, "the learning rate", learningRate);
        Numbers.requireNotNegative(ADAFACTOR, "weightDecay", weightDecay);
        Numbers.requireNotNegative(ADAFACTOR, "eps2", eps2);
        Numbers.requirePositive(ADAFACTOR, "eps1", eps1);
        boolean falls = beta2Decay < 0 && Double.isFinite(beta2Decay);
        Numbers.require(falls, ADAFACTOR, "beta2Decay", "finite and below 0", beta2Decay);
        Numbers.requirePositive(ADAFACTOR, "clipping", clipping);
    }

    /** This optimizer with another exponent of the step in the weight of new squares. */
    public Adafactor beta2Decay(double exponent) {
        return new Adafactor(learningRate, exponent, eps1, eps2, clipping, weightDecay);
    }

    /** This optimizer with other least values: ε₁ of roots of squares, and ε₂ of the size of parameters. */
    public Adafactor eps(double ofGradients, double ofParameters) {
        return new Adafactor(learningRate, beta2Decay, ofGradients, ofParameters, clipping, weightDecay);
    }

    /** This optimizer with another largest root of the mean square of u. */
    public Adafactor clipping(double most) {
        return new Adafactor(learningRate, beta2Decay, eps1, eps2, most, weightDecay);
    }

    /** This optimizer with weight decay. */
    public Adafactor weightDecay(double lambda) {
        return new Adafactor(learningRate, beta2Decay, eps1, eps2, clipping, lambda);
    }

    @Override
    public Adafactor withoutDecay() {
        return weightDecay(0);
    }

    /** What is done to a parameter; here the gradient is its change at a learning rate of 1. */
    @Override
    public Expr next(Expr value, Expr gradient, Update.State state) {
        Expr change = gradient.mul(state.scalar((t, lr) -> Math.min(lr, 1 / Math.sqrt((double) t))));
        return value.sub(new Decay(weightDecay, true).change(change, value, state));
    }

    @Override
    public List<Update> updates(List<Expr> parameters, List<Expr> gradients) {
        List<Expr> changes = new ArrayList<>();
        Map<String, Map<Expr, Expr>> kept = new LinkedHashMap<>();
        for (int i = 0; i < parameters.size(); i++) {
            changes.add(change(parameters.get(i), gradients.get(i), kept));
        }
        List<Update> updates = new ArrayList<>();
        kept.values()
                .forEach(next -> updates.add(
                        new Update(List.copyOf(next.keySet()), List.copyOf(next.values()), (v, g, state) -> g)));
        updates.add(new Update(parameters, changes, this));
        return updates;
    }

    private Expr change(Expr p, Expr g, Map<String, Map<Expr, Expr>> kept) {
        Shape shape = p.shape();
        int rank = shape.rank();
        List<Shape> parts = rank > 1
                ? List.of(shape.with(rank - 1, 1), shape.with(rank - 2, 1), Shape.scalar())
                : List.of(shape, Shape.scalar());
        Packed packed = Packed.of("factors", ((Leaf.Variable) p.op()).parameter(), shape, parts);
        Expr step = packed.part(parts.size() - 1).add(1);
        Expr weight = step.pow(beta2Decay);
        Expr squares = g.square();
        List<Expr> next = new ArrayList<>();
        for (int i = 0; i < parts.size() - 1; i++) {
            Expr mean = rank > 1 ? mean(squares, rank - 1 - i) : squares;
            next.add(packed.part(i).add(mean.sub(packed.part(i)).mul(weight)));
        }
        next.add(step);
        packed.next(next).forEach((leaf, value) -> kept.computeIfAbsent(
                        ((Leaf.Kept) leaf.op()).slot().name(), name -> new LinkedHashMap<>())
                .put(leaf, value));
        Expr variance = next.get(0);
        if (rank > 1) {
            variance = variance.div(mean(variance, rank - 2).max(eps1)).mul(next.get(1));
        }
        Expr u = g.div(variance.max(eps1 * eps1).sqrt());
        return u.mul(rms(p).max(eps2).div(rms(u).div(clipping).max(1)));
    }

    private static Expr mean(Expr squares, int axis) {
        return squares.sumKeepDims(axis).mul(1.0 / squares.shape().dim(axis));
    }

    private static Expr rms(Expr e) {
        return e.square().mean().sqrt();
    }

    /** The optimizer as the user wrote it. */
    @Override
    public String toString() {
        return Text.call(ADAFACTOR, learningRate)
                + Text.option("beta2Decay", beta2Decay, -0.8)
                + (eps1 == EPS && eps2 == 1e-3 ? "" : "." + Text.call("eps", eps1, eps2))
                + Text.option("clipping", clipping, 1)
                + Text.option("weightDecay", weightDecay, 0);
    }
}
