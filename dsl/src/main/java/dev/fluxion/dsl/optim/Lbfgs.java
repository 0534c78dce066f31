package dev.fluxion.dsl.optim;

import dev.fluxion.Optimizer;
import dev.fluxion.dsl.internal.Numbers;
import dev.fluxion.dsl.internal.Text;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Update;

/**
 * L-BFGS (Liu and Nocedal, "On the limited memory BFGS method for large scale optimization", 1989), in PyTorch's form: for small
 * nets and batches that have all samples. A step of a training evaluates its batch again and again, moves all trained parameters
 * together, and remembers from step to step how the gradient changed. Forward and backward run as of any training; the rest is
 * computed in double precision on the Java heap, and rounded where it is kept.
 *
 * <p>It is the optimizer of a whole training: there are no groups of parameters, no clipping, noise, averages, collected batches, and
 * no maximising.
 *
 * @param learningRate how far each iteration goes along its direction; with {@link #strongWolfe}, how far the search begins
 * @param iterations how many iterations a step has at most
 * @param evaluations behind how many evaluations of the loss a step ends; 0 for a quarter more than iterations
 * @param gradientTolerance a step ends where no element of the gradient is larger
 * @param changeTolerance a step ends where the loss, or each element, changes by no more
 * @param history how many iterations are remembered
 * @param strongWolfe whether each iteration searches along its direction for a point that fulfils the strong Wolfe conditions
 */
public record Lbfgs(
        double learningRate,
        int iterations,
        int evaluations,
        double gradientTolerance,
        double changeTolerance,
        int history,
        boolean strongWolfe)
        implements Optimizer {
    private static final String LBFGS = "lbfgs";

    /** Checks the numbers. */
    public Lbfgs {
        Numbers.requireNotNegative(LBFGS, "the learning rate", learningRate);
        Numbers.requireAtLeast(LBFGS, "iterations", 1, iterations);
        Numbers.requireAtLeast(LBFGS, "evaluations", 0, evaluations);
        Numbers.requireNotNegative(LBFGS, "gradientTolerance", gradientTolerance);
        Numbers.requireNotNegative(LBFGS, "changeTolerance", changeTolerance);
        Numbers.requireAtLeast(LBFGS, "history", 1, history);
    }

    /** This optimizer with so many iterations a step. */
    public Lbfgs iterations(int most) {
        return new Lbfgs(learningRate, most, evaluations, gradientTolerance, changeTolerance, history, strongWolfe);
    }

    /** This optimizer with so many evaluations of the loss a step; 0 for a quarter more than iterations. */
    public Lbfgs evaluations(int most) {
        return new Lbfgs(learningRate, iterations, most, gradientTolerance, changeTolerance, history, strongWolfe);
    }

    /** This optimizer with other bounds on the gradient and on changes, below which a step ends. */
    public Lbfgs tolerances(double gradient, double change) {
        return new Lbfgs(learningRate, iterations, evaluations, gradient, change, history, strongWolfe);
    }

    /** This optimizer with so many iterations that are remembered. */
    public Lbfgs history(int size) {
        return new Lbfgs(learningRate, iterations, evaluations, gradientTolerance, changeTolerance, size, strongWolfe);
    }

    /** This optimizer with or without a search along each direction for a point that fulfils the strong Wolfe conditions. */
    public Lbfgs strongWolfe(boolean searches) {
        return new Lbfgs(learningRate, iterations, evaluations, gradientTolerance, changeTolerance, history, searches);
    }

    /**
     * Nothing, since no rule says what becomes of a single element.
     *
     * @throws IllegalArgumentException whenever somebody asks, as other optimizers do that have this one for some parameters
     */
    @Override
    public Expr next(Expr value, Expr gradient, Update.State state) {
        throw new IllegalArgumentException(Errors.whole(this));
    }

    /** The optimizer as the user wrote it. */
    @Override
    public String toString() {
        return Text.call(LBFGS, learningRate)
                + Text.option("iterations", iterations, 20)
                + Text.option("evaluations", evaluations, 0)
                + (gradientTolerance == 1e-7 && changeTolerance == 1e-9
                        ? ""
                        : "." + Text.call("tolerances", gradientTolerance, changeTolerance))
                + Text.option("history", history, 100)
                + Text.option("strongWolfe", strongWolfe, false);
    }
}
