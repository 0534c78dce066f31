package dev.fluxion.dsl.optim;

import dev.fluxion.Optimizer;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Given;
import dev.fluxion.ir.Leaf;
import dev.fluxion.ir.Slot;
import dev.fluxion.ir.Update;
import java.util.ArrayList;
import java.util.List;

/**
 * Muon (Jordan, "Muon: an optimizer for hidden layers in neural networks", 2024) for matrices, and another optimizer for all
 * other parameters. m ← μm + (1 − μ)g, u = (1 − μ)g + μm with Nesterov's momentum, else m; o is u with all singular values
 * near 1, p ← p − lr·(r·o + λp). The factor r is √max(1, rows/columns), or 0.2·√max(rows, columns), with which the steps are
 * as large as AdamW's (Liu et al., "Muon is scalable for LLM training", 2025). To find o, u is divided by its norm, and then
 * some times x ← ax + (bxxᵀ + c(xxᵀ)²)x. Its state is {@code momentum_buffer}.
 *
 * <p>Weights of output layers and of embeddings are matrices, too, for which another optimizer is usual: {@code
 * muon(0.02).group("head", adamW(3e-4))}.
 *
 * @param learningRate lr, above 0
 * @param momentum μ in [0, 1)
 * @param nesterov whether to use Nesterov's momentum
 * @param weightDecay λ, at least 0
 * @param coefficients those of the iteration
 * @param iterations how often, at most 99
 * @param eps the least norm that u is divided by, above 0
 * @param matched whether the steps are as large as AdamW's
 * @param others the optimizer of parameters that are not matrices; schedules scale its rate, too
 */
public record Muon(
        double learningRate,
        double momentum,
        boolean nesterov,
        double weightDecay,
        Coefficients coefficients,
        int iterations,
        double eps,
        boolean matched,
        Optimizer others)
        implements Optimizer {
    private static final String MUON = "muon";
    static final Coefficients COEFFICIENTS = new Coefficients(3.4445, -4.7750, 2.0315);
    /** That of the reference. */
    static final Optimizer OTHERS =
            Optimizers.adamW(3e-4).betas(0.9, 0.95).eps(1e-10).weightDecay(0);

    private static final String BUFFER = "momentum_buffer";
    private static final int MOST_ITERATIONS = 99;
    /** A largest element below it counts as this one. */
    private static final double TINY = 1e-30;

    /**
     * The coefficients of the iteration x ← ax + (bxxᵀ + c(xxᵀ)²)x.
     *
     * @param a that of x
     * @param b that of xxᵀx
     * @param c that of (xxᵀ)²x
     */
    public record Coefficients(double a, double b, double c) {
        /** Checks the numbers. */
        public Coefficients {
            Numbers.requireFinite(MUON, "the coefficient a", a);
            Numbers.requireFinite(MUON, "the coefficient b", b);
            Numbers.requireFinite(MUON, "the coefficient c", c);
        }

        /** As the user wrote them. */
        @Override
        public String toString() {
            return Text.call("coefficients", a, b, c);
        }
    }

    /** Checks the numbers. */
    public Muon {
        Numbers.requirePositive(MUON, "the learning rate", learningRate);
        Numbers.requireFraction(MUON, "momentum", momentum);
        Numbers.requireNotNegative(MUON, "weightDecay", weightDecay);
        Numbers.requirePositive(MUON, "eps", eps);
        Given.require(MUON, "the coefficients", coefficients);
        boolean some = iterations >= 1 && iterations <= MOST_ITERATIONS;
        Numbers.require(some, MUON, "iterations", "from 1 to " + MOST_ITERATIONS, iterations);
        Given.require(MUON, "the optimizer of other parameters", others);
        Numbers.require(
                others.batches() == 1, MUON, "accumulate of the optimizer of other parameters", "1", others.batches());
    }

    /** This optimizer with another momentum. */
    public Muon momentum(double factor) {
        return new Muon(learningRate, factor, nesterov, weightDecay, coefficients, iterations, eps, matched, others);
    }

    /** This optimizer with or without Nesterov's momentum. */
    public Muon nesterov(boolean ahead) {
        return new Muon(learningRate, momentum, ahead, weightDecay, coefficients, iterations, eps, matched, others);
    }

    /** This optimizer with another weight decay of matrices. */
    public Muon weightDecay(double lambda) {
        return new Muon(learningRate, momentum, nesterov, lambda, coefficients, iterations, eps, matched, others);
    }

    /** This optimizer with other coefficients of the iteration. */
    public Muon coefficients(double a, double b, double c) {
        return new Muon(
                learningRate,
                momentum,
                nesterov,
                weightDecay,
                new Coefficients(a, b, c),
                iterations,
                eps,
                matched,
                others);
    }

    /** This optimizer with so many iterations. */
    public Muon iterations(int count) {
        return new Muon(learningRate, momentum, nesterov, weightDecay, coefficients, count, eps, matched, others);
    }

    /** This optimizer with another least norm. */
    public Muon eps(double least) {
        return new Muon(
                learningRate, momentum, nesterov, weightDecay, coefficients, iterations, least, matched, others);
    }

    /** This optimizer with steps as large as AdamW's, so that a learning rate for AdamW does. */
    public Muon matched(boolean asAdamW) {
        return new Muon(learningRate, momentum, nesterov, weightDecay, coefficients, iterations, eps, asAdamW, others);
    }

    /** This optimizer with another one, with its own learning rate, for parameters that are not matrices. */
    public Muon others(Optimizer own) {
        return new Muon(learningRate, momentum, nesterov, weightDecay, coefficients, iterations, eps, matched, own);
    }

    @Override
    public Muon withoutDecay() {
        return weightDecay(0).others(others.withoutDecay());
    }

    @Override
    public void requireParameters(List<String> names) {
        others.requireParameters(names);
    }

    /** What is done to a matrix; here the gradient is what remains when it is made orthogonal. */
    @Override
    public Expr next(Expr value, Expr gradient, Update.State state) {
        Expr change = gradient.mul(state.learningRate());
        return value.sub(new Decay(weightDecay, true).change(change, value, state));
    }

    @Override
    public List<Update> updates(List<Expr> parameters, List<Expr> gradients) {
        List<Expr> matrices = new ArrayList<>();
        List<Expr> buffers = new ArrayList<>();
        List<Expr> means = new ArrayList<>();
        List<Expr> changes = new ArrayList<>();
        List<Expr> rest = new ArrayList<>();
        List<Expr> restGradients = new ArrayList<>();
        for (int i = 0; i < parameters.size(); i++) {
            Expr p = parameters.get(i);
            Expr g = gradients.get(i);
            if (p.shape().rank() == 2) {
                Expr buffer = Expr.kept(Slot.optimizer(BUFFER, ((Leaf.Variable) p.op()).parameter()), p.shape());
                Expr mean = buffer.mul(momentum).add(g.mul(1 - momentum));
                Expr ahead = nesterov ? g.mul(1 - momentum).add(mean.mul(momentum)) : mean;
                matrices.add(p);
                buffers.add(buffer);
                means.add(mean);
                changes.add(
                        orthogonal(ahead).mul(factor(p.shape().dim(0), p.shape().dim(1))));
            } else {
                rest.add(p);
                restGradients.add(g);
            }
        }
        List<Update> updates = new ArrayList<>();
        if (!matrices.isEmpty()) {
            updates.add(new Update(buffers, means, (mean, next, state) -> next));
            updates.add(new Update(matrices, changes, this));
        }
        if (!rest.isEmpty()) {
            double rate = others.learningRate() / learningRate;
            others.updates(rest, restGradients).forEach(update -> updates.add(update.rated(rate)));
        }
        return updates;
    }

    private double factor(int rows, int columns) {
        return matched ? 0.2 * Math.sqrt(Math.max(rows, columns)) : Math.sqrt(Math.max(1, (double) rows / columns));
    }

    private Expr orthogonal(Expr matrix) {
        boolean tall = matrix.shape().dim(0) > matrix.shape().dim(1);
        Expr x = divided(tall ? matrix.transposeLast() : matrix);
        for (int i = 0; i < iterations; i++) {
            Expr gram = x.matmul(x.transposeLast());
            Expr odd = gram.mul(coefficients.b).add(gram.matmul(gram).mul(coefficients.c));
            x = x.mul(coefficients.a).add(odd.matmul(x));
        }
        return tall ? x.transposeLast() : x;
    }

    /** A matrix divided by its norm. First by its largest element, whose square float32 may not hold. */
    private Expr divided(Expr matrix) {
        Expr largest = matrix.abs().maxOver(0, 1).max(TINY);
        Expr x = matrix.div(largest);
        return x.div(x.square().sum().sqrt().max(largest.reciprocal().mul(eps)));
    }

    /** The optimizer as the user wrote it. */
    @Override
    public String toString() {
        return Text.call(MUON, learningRate)
                + Text.option("momentum", momentum, 0.95)
                + Text.option("nesterov", nesterov, true)
                + Text.option("weightDecay", weightDecay, 0.1)
                + (coefficients.equals(COEFFICIENTS) ? "" : "." + coefficients)
                + Text.option("iterations", iterations, 5)
                + Text.option("eps", eps, 1e-7)
                + Text.option("matched", matched, false)
                + Text.option("others", others, OTHERS);
    }
}
