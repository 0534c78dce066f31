package dev.fluxion;

import dev.fluxion.ir.DType;
import dev.fluxion.ir.Expr;
import dev.fluxion.ir.Shape;
import java.util.List;

/**
 * A loss of any number of inputs, such as a triplet's anchor, positive and negative; {@link Loss} has an output and a
 * target. A lambda over expressions is a loss: {@code in -> in[0].sub(in[1]).abs().mul(in[2]).sum()}.
 */
@FunctionalInterface
public interface MultiLoss {
    /**
     * The loss.
     *
     * @throws dev.fluxion.ir.ShapeException if the inputs do not fit, in number, shape or element type
     */
    Expr apply(Expr... inputs);

    /** The names of the inputs, optional ones last; empty if they have none. */
    default List<String> inputs() {
        return List.of();
    }

    /** The element type of an input, counted from 0. */
    default DType type(int input) {
        return DType.FLOAT;
    }

    /** The sum of the losses of some samples, from their loss, which by default is a mean. */
    default double sum(double value, double samples) {
        return value * samples;
    }

    /**
     * The loss of outputs that prefer no class, such as ln C of C classes: what a model that has learnt nothing may be compared with.
     * NaN where there is no such number.
     *
     * @param output the shape of the first input
     */
    default double guess(Shape output) {
        return Double.NaN;
    }

    /**
     * This loss with names for its inputs. A training looks for outputs of the model and then for targets of these names:
     * {@code crossEntropy().on("genre", "genreLabel")}, or {@code mse().on("output", "rating")}.
     *
     * @throws IllegalArgumentException if there are not as many names as inputs, or two are equal
     */
    default MultiLoss on(String... names) {
        return new NamedLoss(this, names);
    }

    /**
     * This loss and another one times a factor, for models with several outputs:
     * {@code crossEntropy().on("genre", "genreLabel").plus(0.3, mse().on("rating", "stars"))}.
     *
     * @throws IllegalArgumentException if the factor is not finite and above 0, or the inputs of a loss have no names
     */
    default MultiLoss plus(double factor, MultiLoss other) {
        return new LossSum(this, factor, other);
    }
}
